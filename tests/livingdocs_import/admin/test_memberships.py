"""Members are added and changed on a project's page by its administrators, and on a user's by superusers."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from livingdocs_import.models import Membership, Project
from tests.api_client import Caller
from tests.operators import member, operator


@pytest.fixture
def anna(db: None) -> User:
    return User.objects.create(username="anna", is_staff=True)


def page_of(project: Project) -> str:
    return f"/admin/livingdocs_import/project/{project.pk}/change/"


NO_IDENTITIES = {"identities-TOTAL_FORMS": "0", "identities-INITIAL_FORMS": "0"}


def posted(client: Any, project: Project, *rows: tuple[str, str], existing: list[Membership] | None = None) -> Any:
    """The project's form with these members: users and roles, those that exist first."""
    existing = existing or []
    fields = {"label": "", "time_zone": "UTC", "import_weight": "1"}
    fields |= {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": len(existing)}
    for number, (user, role) in enumerate(rows):
        fields |= {f"memberships-{number}-user": user, f"memberships-{number}-role": role}
        fields |= {f"memberships-{number}-project": project.pk}
    for number, row in enumerate(existing):
        fields[f"memberships-{number}-id"] = row.pk
    return client.post(page_of(project), fields)


def test_an_administrator_adds_changes_and_removes_members(times: Caller, anna: User) -> None:
    client = member(times="administrator")
    own = Membership.objects.get()
    answer = posted(client, times.project, ("", "administrator"), ("anna", "viewer"), existing=[own])
    assert answer.status_code == 302, answer.context["errors"]
    added = Membership.objects.get(user=anna)
    assert (added.project, added.role) == (times.project, "viewer")
    answer = posted(client, times.project, ("", "administrator"), ("", "operator"), existing=[own, added])
    assert answer.status_code == 302
    added.refresh_from_db()
    assert added.role == "operator"
    history = client.get(page_of(times.project).replace("change", "history")).content.decode()
    assert "member" in history


def test_a_member_who_may_no_longer_log_in_stays_one_until_removed(times: Caller, anna: User) -> None:
    client = member(times="administrator")
    own, left = Membership.objects.get(), Membership.objects.create(user=anna, project=times.project, role="viewer")
    User.objects.filter(pk=anna.pk).update(is_active=False)
    answer = posted(client, times.project, ("", "administrator"), ("", "operator"), existing=[own, left])
    assert answer.status_code == 302, answer.context["errors"]
    left.refresh_from_db()
    assert left.role == "operator"


@pytest.mark.parametrize(
    ("user", "role", "problem"),
    [
        ("nobody", "viewer", "No user of this name may log in to the admin"),
        ("reader", "viewer", "No user of this name may log in to the admin"),
        ("anna", "permissions", "Select a valid choice"),
        ("anna", "", "This field is required"),
    ],
)
def test_a_wrong_member_is_refused(times: Caller, anna: User, user: str, role: str, problem: str) -> None:
    User.objects.create(username="reader")
    answer = posted(member(times="administrator"), times.project, (user, role))
    assert problem in answer.content.decode().replace("&#x27;", "'")
    assert Membership.objects.count() == 1


def test_a_user_has_one_role_in_a_project(times: Caller, anna: User) -> None:
    client = member(times="administrator")
    answer = posted(client, times.project, ("anna", "viewer"), ("anna", "operator"))
    assert answer.status_code == 200
    posted(client, times.project, ("anna", "viewer"))
    assert posted(client, times.project, ("anna", "operator")).status_code == 200
    assert Membership.objects.get(user=anna).role == "viewer"


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_members_are_shown_to_administrators_only(times: Caller, anna: User, role: str) -> None:
    Membership.objects.create(user=anna, project=times.project, role="viewer")
    assert "anna" not in member(times=role).get(page_of(times.project)).content.decode()
    posted(member(times=role), times.project, ("anna", "administrator"))
    assert Membership.objects.get(user=anna).role == "viewer"
    assert "anna" in member(times="administrator").get(page_of(times.project)).content.decode()


def test_the_administrator_of_another_project_neither_sees_nor_changes_members(
    times: Caller, herald: Caller, anna: User
) -> None:
    theirs = Membership.objects.create(user=anna, project=times.project, role="viewer")
    User.objects.create(username="bert", is_staff=True)
    client = member(herald="administrator")
    assert client.get(page_of(times.project)).status_code == 404
    assert posted(client, times.project, ("anna", "administrator"), existing=[theirs]).status_code == 404
    assert posted(client, times.project, ("bert", "administrator")).status_code == 404
    theirs.refresh_from_db()
    assert (theirs.role, times.project.memberships.count()) == ("viewer", 1)


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_an_administrator_of_one_project_is_none_of_another_of_which_they_are_a_member(
    times: Caller, herald: Caller, anna: User, role: str
) -> None:
    theirs = Membership.objects.create(user=anna, project=times.project, role="viewer")
    User.objects.create(username="bert", is_staff=True)
    client = member(times=role, herald="administrator")
    assert "anna" not in client.get(page_of(times.project)).content.decode()
    posted(client, times.project, ("anna", "administrator"), existing=[theirs])
    theirs.refresh_from_db()
    assert theirs.role == "viewer"
    posted(client, times.project, ("bert", "administrator"))
    assert times.project.memberships.count() == 2
    assert posted(client, herald.project, ("anna", "viewer")).status_code == 302
    assert set(anna.memberships.values_list("project", flat=True)) == {times.project.pk, herald.project.pk}


def test_nothing_reveals_who_else_uses_the_admin(times: Caller, anna: User) -> None:
    assert "anna" not in member(times="administrator").get(page_of(times.project)).content.decode()


def test_a_superuser_gives_roles_on_the_page_of_a_user(times: Caller, anna: User) -> None:
    client, address = operator(), f"/admin/auth/user/{anna.pk}/change/"
    assert "All projects" in client.get(address).content.decode()
    fields = {"username": "anna", "is_active": "on", "is_staff": "on", "date_joined_0": "2026-01-01"}
    fields |= {"date_joined_1": "00:00:00", "memberships-TOTAL_FORMS": "2", "memberships-INITIAL_FORMS": "0"}
    fields |= NO_IDENTITIES
    roles = {"memberships-0-project": str(times.project.pk), "memberships-0-role": "operator"}
    roles |= {"memberships-1-project": "", "memberships-1-role": "viewer"}
    assert client.post(address, fields | roles).status_code == 302
    assert set(anna.memberships.values_list("project", "role")) == {(times.project.pk, "operator"), (None, "viewer")}


def test_two_roles_in_all_projects_are_refused(times: Caller, anna: User) -> None:
    fields = {"username": "anna", "is_active": "on", "is_staff": "on", "date_joined_0": "2026-01-01"}
    fields |= {"date_joined_1": "00:00:00", "memberships-TOTAL_FORMS": "2", "memberships-INITIAL_FORMS": "0"}
    fields |= NO_IDENTITIES
    for number, role in enumerate(("operator", "viewer")):
        fields |= {f"memberships-{number}-project": "", f"memberships-{number}-role": role}
    answer = operator().post(f"/admin/auth/user/{anna.pk}/change/", fields)
    assert "one role in all of them" in answer.content.decode()
    assert not Membership.objects.exists()


# --- What the database refuses


@pytest.mark.parametrize(
    ("rows", "constraint"),
    [
        ([("times", "viewer"), ("times", "operator")], "one_role_in_a_project|user_id"),
        ([("", "viewer"), ("", "operator")], "one_role_in_all_projects|user_id"),
        ([("times", "owner")], "role_is_known"),
        ([("times", "permissions")], "permissions_are_for_all_projects"),
    ],
)
def test_the_database_refuses_contradictions(
    times: Caller, anna: User, rows: list[tuple[str, str]], constraint: str
) -> None:
    made = [Membership(user=anna, project=times.project if handle else None, role=role) for handle, role in rows]
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Membership.objects.bulk_create(made)
