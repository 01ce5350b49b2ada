"""manage.py list_tokens: API clients, without token values."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from livingdocs_import.models import AccessToken
from tests.api_client import Caller


def listed(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("list_tokens", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_each_token_is_a_line_that_says_all_but_its_value(times: Caller) -> None:
    """AUTH-16"""
    AccessToken.objects.all().delete()
    row, value = AccessToken.objects.issue(
        times.project, name="feed", scopes=["public-api:read"], expires_at=datetime(2031, 1, 31, 12, tzinfo=UTC)
    )
    (line,) = listed()
    expected = f"times  feed: public-api:read; in use, until 2031-01-31 12:00 UTC, key {row.kid}"
    assert line == f"{row.jti}  {expected}"
    assert not [part for part in value.split(".") if part in line]


def test_an_opaque_token_is_identified_by_its_beginning(times: Caller) -> None:
    AccessToken.objects.update(prefix="ld_123456789", jti=None, kid="", scopes=[], suspended_at=timezone.now())
    assert listed("times") == ["ld_123456789…  times  tests: nothing; suspended, without an end"]


def test_projects_and_archived_tokens_are_chosen(times: Caller, herald: Caller) -> None:
    assert [line.split()[1] for line in listed()] == ["herald", "times"]
    assert [line.split()[1] for line in listed("herald")] == ["herald"]
    AccessToken.objects.update(archived_at=timezone.now())
    assert listed() == []
    assert len(listed("--archived")) == 2
    with pytest.raises(CommandError, match='There is no project "nobody"'):
        listed("nobody")
