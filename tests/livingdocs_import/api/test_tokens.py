"""Bearer tokens: who may call, and what they see."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from livingdocs_import.models import AccessToken
from tests.api_client import Caller

MISSING = {"access_token": "The access token is missing."}
INVALID = {"access_token": "The access token is invalid."}
EXPIRED = {"access_token": "The access token expired."}


def details(answer: Any) -> tuple[int, Any]:
    return answer.status_code, answer.json()["error_details"]


def test_a_request_without_a_token_is_unauthorized(times: Caller) -> None:
    """AUTH-01"""
    answer = times.client.get("/api/v1/mediaLibrary/abc")
    assert details(answer) == (401, MISSING)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["error"] == "Unauthorized"


def test_an_expired_token_says_that_it_expired(times: Caller) -> None:
    """AUTH-02"""
    AccessToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert details(times.get("mediaLibrary/abc")) == (401, EXPIRED)


def test_a_token_is_good_until_the_moment_it_expires(times: Caller) -> None:
    AccessToken.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    assert times.get("mediaLibrary/abc").status_code == 404


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer nonsense", "Basic dXNlcjpwYXNz", "Token abc", "Bearer ld_\x00", "Bearer ünïcode",
     "Bearer " + "x" * 5000, "bearer a b c"],
)  # fmt: skip
def test_an_unknown_token_is_invalid(times: Caller, header: str) -> None:
    """AUTH-03"""
    answer = times.client.get("/api/v1/mediaLibrary/abc", headers={"Authorization": header})
    assert details(answer) == (401, INVALID)


def test_all_but_the_last_character_proves_nothing(times: Caller) -> None:
    """AUTH-03"""
    times.token = times.token[:-1] + ("a" if times.token[-1] != "a" else "b")
    assert details(times.get("mediaLibrary/abc")) == (401, INVALID)


@pytest.mark.parametrize("field", ["suspended_at", "archived_at"])
def test_a_suspended_or_archived_client_is_shut_out_at_once(times: Caller, field: str) -> None:
    """AUTH-04"""
    assert times.get("mediaLibrary/abc").status_code == 404
    AccessToken.objects.update(**{field: timezone.now()})
    assert details(times.get("mediaLibrary/abc")) == (401, INVALID)


WRITE_ONLY = [
    ("post", "import/images"),  # AUTH-06
    ("get", "import/images/status"),  # AUTH-07
    ("post", "import/mediaLibrary"),  # AUTH-09
    ("patch", "mediaLibrary/abc"),  # AUTH-11
]
READ_ONLY = [
    ("get", "mediaLibrary/abc"),  # AUTH-10, AUTH-17
    ("get", "mediaLibrary?ids=abc"),  # AUTH-12
    ("get", "mediaLibrary/abc/incomingMediaReferences"),  # AUTH-13
]


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [("public-api:read", *call) for call in WRITE_ONLY] + [("public-api:write", *call) for call in READ_ONLY],
)
def test_a_token_without_the_scope_is_forbidden(times: Caller, scope: str, method: str, path: str) -> None:
    """AUTH-05, AUTH-06, AUTH-07, AUTH-09, AUTH-10, AUTH-11, AUTH-12, AUTH-13, AUTH-17"""
    caller = times.with_scopes(scope, "public-api:config:read", "public-api:drafts:read")
    answer = caller.get(path) if method == "get" else getattr(caller, method)(path, {})
    assert details(answer) == (403, {"access_token": "The request requires higher privileges"})
    assert answer.json()["error"] == "Forbidden"


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [("public-api:write", *call) for call in WRITE_ONLY] + [("public-api:read", *call) for call in READ_ONLY],
)
def test_the_one_named_scope_suffices(times: Caller, scope: str, method: str, path: str) -> None:
    caller = times.with_scopes(scope)
    answer = caller.get(path) if method == "get" else getattr(caller, method)(path, {})
    assert answer.status_code in {200, 400, 404}


def test_a_token_is_stored_as_a_digest_only(times: Caller) -> None:
    """AUTH-16"""
    row = AccessToken.objects.values().get()
    assert times.token not in str(row)
    assert not [part for part in times.token.split(".") if part in str(row)]


def test_the_last_use_is_written_once_a_minute(times: Caller) -> None:
    times.get("mediaLibrary/abc")
    first = AccessToken.objects.get().last_used_at
    assert first is not None
    times.get("mediaLibrary/abc")
    assert AccessToken.objects.get().last_used_at == first
    AccessToken.objects.update(last_used_at=first - timedelta(seconds=61))
    times.get("mediaLibrary/abc")
    assert AccessToken.objects.get().last_used_at > first - timedelta(seconds=61)


def test_the_command_prints_the_token_alone(times: Caller) -> None:
    out = StringIO()
    call_command("create_token", "times", "--name", "feed", "--scope", "public-api:read", stdout=out)
    times.token = out.getvalue().strip()
    assert times.get("mediaLibrary/abc").status_code == 404
    assert AccessToken.objects.get(name="feed").scopes == ["public-api:read"]


def test_the_command_takes_an_end(times: Caller) -> None:
    scope = ["--scope", "public-api:read", "--scope", "public-api:write"]
    call_command("create_token", "times", "--name", "f", *scope, "--expires", "2090-01-31T00:00:00Z", stdout=StringIO())
    assert AccessToken.objects.get(name="f").expires_at.isoformat() == "2090-01-31T00:00:00+00:00"
    with pytest.raises(CommandError, match="--expires 2020-01-31T00:00:00Z: this is in the past"):
        call_command("create_token", "times", "--name", "f", *scope, "--expires", "2020-01-31T00:00:00Z")
    with pytest.raises(CommandError, match="--expires 2020-02-31: expected a date"):
        call_command("create_token", "times", "--name", "f", *scope, "--expires", "2020-02-31")
    with pytest.raises(CommandError, match='There is no project "nobody"'):
        call_command("create_token", "nobody", "--name", "f", *scope)
