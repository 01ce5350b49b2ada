"""manage.py rotate_token and suspend_token."""

from datetime import timedelta

import pytest
from django.utils import timezone

from livingdocs_import.models import AccessToken
from tests.api_client import Caller
from tests.commands import Ran, run, run_examples


def beginning() -> dict[str, str]:
    """How the only token of the test begins, in place of that of the examples."""
    return {"0b5c6d1e": AccessToken.objects.get().public_id[:8]}


def rotated(*arguments: str) -> Ran:
    return run("rotate_token", *arguments)


def done(command: str, *arguments: str) -> Ran:
    """A command that must succeed."""
    ran = run(command, *arguments)
    assert ran.code == 0, ran.err
    return ran


def test_a_rotation_prints_the_new_value_alone(times: Caller) -> None:
    old = AccessToken.objects.get()
    ran = rotated(old.public_id, "--hours", "0")
    new = AccessToken.authenticate(ran.out.removesuffix("\n"))
    assert new is not None
    assert (ran.code, new.replaces) == (0, old)
    assert ran.err.startswith(f"{new} replaces {old}, which works until ")
    assert times.get("mediaLibrary?ids=x").status_code == 401
    again = rotated(old.public_id)
    assert (again.code, again.out) == (1, "")
    assert "was rotated already" in again.err


def test_the_examples_of_rotate_token(times: Caller) -> None:
    first, again, third = run_examples("rotate_token", beginning() | {"2027-12-31T00:00:00Z": "9999-01-01T00:00:00Z"})
    assert (first.code, again.code, third.code) == (0, 1, 1), "a token has one successor"
    assert AccessToken.authenticate(first.out.strip()) is not None
    assert AccessToken.objects.count() == 2


def test_a_token_that_ends_soon_is_replaced_by_one_that_ends_later(times: Caller) -> None:
    soon, later = timezone.now() + timedelta(days=3), "9998-12-31T23:00:00.000Z"
    AccessToken.objects.update(expires_at=soon)
    old = AccessToken.objects.get()
    (fact,) = done("rotate_token", old.public_id, "--hours", "168", "--expires", later, "--json").facts
    old.refresh_from_db()
    assert fact["endsAt"] == later
    assert old.expires_at == soon, "the old one is not made to last longer"
    new = AccessToken.objects.get(replaces=old)
    assert f"{new.expires_at:%Y-%m-%d %H:%M}" == "9998-12-31 23:00"


@pytest.mark.parametrize("moment", ["2020-01-01T00:00:00Z", "tomorrow"])
def test_an_end_that_has_passed_or_is_none_is_refused(times: Caller, moment: str) -> None:
    ran = rotated(AccessToken.objects.get().public_id, "--expires", moment)
    assert ran.code != 0
    assert f"--expires {moment}" in ran.err
    assert AccessToken.objects.count() == 1


def test_a_program_reads_what_was_rotated(times: Caller) -> None:
    old = AccessToken.objects.get()
    (fact,) = done("rotate_token", old.public_id, "--json").facts
    new = AccessToken.authenticate(fact["value"])
    assert new is not None
    assert (fact["token"], fact["replaces"]) == (new.public_id, old.public_id)


def test_the_examples_of_suspend_token(times: Caller) -> None:
    token = AccessToken.objects.get()
    suspended, lifted = run_examples("suspend_token", beginning())
    assert (suspended.code, lifted.code) == (0, 0)
    assert suspended.out == f"{token} is suspended\n"
    assert lifted.out == f"{token} is not suspended\n"


def test_a_token_is_suspended_and_accepted_again(times: Caller) -> None:
    token = AccessToken.objects.get()
    assert done("suspend_token", token.public_id).out == f"{token} is suspended\n"
    assert done("suspend_token", token.public_id).out == f"{token} is suspended already: nothing was changed\n"
    assert times.get("mediaLibrary?ids=x").status_code == 401
    (fact,) = done("suspend_token", token.public_id, "--lift", "--json").facts
    assert (fact["token"], fact["state"], fact["changed"]) == (token.public_id, "in use", True)
    assert times.get("mediaLibrary?ids=x").status_code == 200


def test_a_token_that_has_expired_is_said_to_be_refused_in_any_case(times: Caller) -> None:
    AccessToken.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "it has expired at" in done("suspend_token", AccessToken.objects.get().public_id).err


def test_lifting_accepts_an_archived_token_as_well(times: Caller) -> None:
    """As "Resume" in the admin does."""
    AccessToken.objects.update(archived_at=timezone.now())
    assert "is not suspended" in done("suspend_token", AccessToken.objects.get().public_id, "--lift").out
    assert times.get("mediaLibrary?ids=x").status_code == 200


def test_an_opaque_token_is_named_by_how_it_begins(times: Caller) -> None:
    AccessToken.objects.update(prefix="ld_123456789", jti=None, kid="")
    assert "is suspended" in done("suspend_token", "ld_123456789…").out
    assert "is not suspended" in done("suspend_token", "ld_123456789", "--lift").out


def test_a_beginning_that_two_tokens_have_is_none(times: Caller, herald: Caller) -> None:
    for number, token in enumerate(AccessToken.objects.all()):
        AccessToken.objects.filter(pk=token.pk).update(jti=f"0b5c6d1e-0000-4000-8000-{number:012}")
    ran = run("suspend_token", "0b5c6d1e")
    assert ran.code == 1
    assert "is the beginning of several tokens" in ran.err
    assert AccessToken.objects.filter(suspended_at=None).count() == 2


@pytest.mark.parametrize("name", ["", "…", "ld_", "x" * 100])
def test_what_is_no_token_is_named(times: Caller, name: str) -> None:
    ran = run("suspend_token", name)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("There is no token")


@pytest.mark.parametrize("hours", ["-1", "100000"])
def test_hours_out_of_range_are_refused(times: Caller, hours: str) -> None:
    ran = rotated(AccessToken.objects.get().public_id, f"--hours={hours}")
    assert ran.code == 2
    assert f"--hours {hours}" in ran.err
