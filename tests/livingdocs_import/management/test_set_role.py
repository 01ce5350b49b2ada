"""manage.py set_role."""

import pytest
from django.contrib.auth.models import User

from livingdocs_import.models import Membership
from tests.api_client import Caller
from tests.commands import run, run_examples


@pytest.fixture
def anna(times: Caller) -> User:
    User.objects.create(username="night", is_staff=True)
    return User.objects.create(username="anna", is_staff=True)


def test_roles_are_given_changed_and_taken_away(anna: User) -> None:
    given, everywhere, taken = run_examples("set_role", {})
    assert given.lines == ["anna is operator in times"]
    assert everywhere.lines == ["night is viewer in all projects"]
    assert (taken.out, taken.err) == ("", "anna has no role, and sees nothing\n")
    run("set_role", "night", "operator", "--all-projects")
    assert Membership.objects.get().role == "operator"


def test_a_superuser_is_said_to_see_everything_anyway(anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(is_superuser=True)
    assert "is a superuser, and sees and may do everything" in run("set_role", "anna", "none", "--project", "times").err


def test_the_roles_of_the_user_are_printed_as_json(anna: User) -> None:
    run("set_role", "anna", "viewer", "--project", "times")
    facts = run("set_role", "anna", "administrator", "--all-projects", "--json").facts
    assert {(fact["project"], fact["role"]) for fact in facts} == {("times", "viewer"), (None, "administrator")}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("bert", "viewer", "--all-projects"), 'There is no user "bert"'),
        (("anna", "viewer", "--project", "x"), 'There is no project "x"'),
        (("anna", "viewer"), "one of the arguments --project --all-projects is required"),
        (("anna", "permissions", "--all-projects"), "invalid choice"),
    ],
)
def test_a_wrong_call_changes_nothing(anna: User, arguments: tuple[str, ...], problem: str) -> None:
    ran = run("set_role", *arguments)
    assert ran.code != 0
    assert problem in ran.err
    assert not Membership.objects.exists()


def test_it_says_if_the_user_cannot_log_in(anna: User) -> None:
    User.objects.update(is_staff=False)
    assert "anna cannot log in to the admin" in run("set_role", "anna", "viewer", "--project", "times").err
