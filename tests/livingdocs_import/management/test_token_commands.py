"""manage.py rotate_token and suspend_token."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from livingdocs_import.models import AccessToken
from tests.api_client import Caller


def run(name: str, *arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(name, *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_rotation_prints_the_new_value_alone(times: Caller) -> None:
    old = AccessToken.objects.get()
    out, err = run("rotate_token", old.public_id, "--hours", "0")
    new = AccessToken.authenticate(out.removesuffix("\n"))
    assert new is not None
    assert new.replaces == old
    assert err.startswith(f"{new} replaces {old}, which works until ")
    assert times.get("mediaLibrary?ids=x").status_code == 401
    with pytest.raises(CommandError, match="was rotated already"):
        run("rotate_token", old.public_id)


def test_a_token_is_suspended_and_accepted_again(times: Caller) -> None:
    token = AccessToken.objects.get()
    assert run("suspend_token", token.public_id)[0] == f"{token} is suspended\n"
    assert run("suspend_token", token.public_id)[0] == f"{token} is suspended already: nothing was changed\n"
    assert times.get("mediaLibrary?ids=x").status_code == 401
    assert run("suspend_token", token.public_id, "--lift")[0] == f"{token} is not suspended\n"
    assert times.get("mediaLibrary?ids=x").status_code == 200


def test_an_opaque_token_is_named_by_how_it_begins(times: Caller) -> None:
    AccessToken.objects.update(prefix="ld_123456789", jti=None, kid="")
    assert "is suspended" in run("suspend_token", "ld_123456789…")[0]
    assert "is not suspended" in run("suspend_token", "ld_123456789", "--lift")[0]


@pytest.mark.parametrize("name", ["", "…", "ld_", "x" * 100])
def test_what_is_no_token_is_named(times: Caller, name: str) -> None:
    with pytest.raises(CommandError, match="There is no token"):
        run("suspend_token", name)


@pytest.mark.parametrize("hours", ["-1", "100000"])
def test_hours_out_of_range_are_refused(times: Caller, hours: str) -> None:
    with pytest.raises(CommandError, match="--hours"):
        run("rotate_token", AccessToken.objects.get().public_id, f"--hours={hours}")
