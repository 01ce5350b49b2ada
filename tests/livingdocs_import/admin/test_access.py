"""What roles give: a decision without a database."""

import pytest

from livingdocs_import.admin.access import ADMINISTERED, CONFIDENTIAL, OPERATED, SUPERUSERS, Access, Roles
from livingdocs_import.models.project_scope import EVERYTHING, NOTHING, ProjectScope

VIEW, WORK, RULE = "viewer", "operator", "administrator"
JOBS, TOKENS, MEMBERS = Access("project", OPERATED), Access("project", ADMINISTERED), Access("project", CONFIDENTIAL)
HOSTS, PROJECTS = Access("", OPERATED), Access("pk", ADMINISTERED, everywhere=frozenset({"add"}))


@pytest.mark.parametrize(
    ("access", "permission", "roles", "projects"),
    [
        (JOBS, "view", {1: VIEW, 2: WORK, 3: RULE}, {1, 2, 3}),
        (JOBS, "change", {1: VIEW, 2: WORK, 3: RULE}, {2, 3}),
        (JOBS, "add", {1: VIEW, 2: WORK}, {2}),
        (JOBS, "view", {}, set()),
        (JOBS, "view", {None: VIEW, 1: WORK}, None),
        (JOBS, "change", {None: VIEW, 1: WORK}, {1}),
        (JOBS, "view", {None: "permissions"}, set()),  # decided by the permissions
        (JOBS, "approve", {None: RULE}, set()),
        (TOKENS, "view", {1: VIEW}, {1}),
        (TOKENS, "add", {1: WORK, 2: RULE}, {2}),
        (MEMBERS, "view", {1: WORK, 2: RULE}, {2}),
        (HOSTS, "view", {1: RULE}, set()),
        (HOSTS, "view", {None: VIEW}, None),
        (HOSTS, "change", {None: VIEW}, set()),
        (PROJECTS, "change", {1: RULE}, {1}),
        (PROJECTS, "add", {1: RULE}, set()),
        (PROJECTS, "add", {None: RULE}, None),
        (SUPERUSERS, "view", {None: RULE}, set()),
    ],
)
def test_a_role_gives_a_permission_in_its_projects(
    access: Access, permission: str, roles: Roles, projects: set[int] | None
) -> None:
    expected = EVERYTHING if projects is None else ProjectScope(frozenset(projects))
    assert access.scope(permission, roles) == expected


def test_scopes_are_joined() -> None:
    some = ProjectScope(frozenset({1}))
    assert some | ProjectScope(frozenset({2})) == ProjectScope(frozenset({1, 2}))
    assert (some | EVERYTHING).is_everything
    assert not NOTHING
    assert 2 not in some
    assert 2 in EVERYTHING
