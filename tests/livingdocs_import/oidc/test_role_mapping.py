"""OIDC_ROLES: which values of a claim give which role where."""

import pytest

from livingdocs_import.security.role_mapping import MappedRole, parse, roles_by_project


def test_an_entry_names_value_project_and_role() -> None:
    assert parse(["a=b=times:viewer", " x=*:operator "]) == [
        MappedRole("a=b", "times", "viewer"),
        MappedRole("x", "*", "operator"),
    ]


@pytest.mark.parametrize(
    "entry", ["x", "x=times", "=times:viewer", "x=:viewer", "x=times:", "x=times:permissions", "x=times:boss"]
)
def test_what_is_none_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="is not VALUE=PROJECT:ROLE"):
        parse([entry])


def test_the_highest_role_counts_and_a_lost_one_is_empty() -> None:
    mapping = parse(["c=times:administrator", "d=times:viewer", "d=herald:operator"])
    assert roles_by_project(mapping, ["d", "c"]) == {"times": "administrator", "herald": "operator"}
    assert roles_by_project(mapping, "c") == {"times": "administrator", "herald": ""}
    assert roles_by_project(mapping, None) == {"times": "", "herald": ""}
