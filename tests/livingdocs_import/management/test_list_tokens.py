"""manage.py list_tokens: API clients, without token values."""

from datetime import UTC, datetime

from django.utils import timezone

from livingdocs_import.models import AccessToken
from tests.api_client import Caller
from tests.commands import run, run_examples


def listed(*arguments: str) -> list[list[str]]:
    """The words of each token."""
    return [line.split() for line in run("list_tokens", *arguments).lines[1:]]


def test_each_token_is_a_line_that_says_all_but_its_value(times: Caller) -> None:
    """AUTH-16"""
    AccessToken.objects.all().delete()
    row, value = AccessToken.objects.issue(
        times.project, name="feed", scopes=["public-api:read"], expires_at=datetime(2031, 1, 31, 12, tzinfo=UTC)
    )
    (words,) = listed()
    assert words == [row.jti, "times", "feed", "in", "use", "2031-01-31", "12:00", "-", row.kid, "public-api:read"]
    for ran in (run("list_tokens"), run("list_tokens", "--json")):
        assert not [part for part in value.split(".") if part in ran.out]


def test_an_opaque_token_is_identified_by_its_beginning(times: Caller) -> None:
    AccessToken.objects.update(prefix="ld_123456789", jti=None, kid="", scopes=[], suspended_at=timezone.now())
    assert listed("times") == [["ld_123456789…", "times", "tests", "suspended", "-", "-", "-", "-"]]


def test_the_examples_of_list_tokens(times: Caller, herald: Caller) -> None:
    AccessToken.objects.filter(project=times.project).update(archived_at=timezone.now())
    everywhere, archived = run_examples("list_tokens", {})
    assert [line.split()[1] for line in everywhere.lines] == ["PROJECT", "herald"]
    assert [line.split()[1] for line in archived.lines] == ["PROJECT", "times"]


def test_projects_and_archived_tokens_are_chosen(times: Caller, herald: Caller) -> None:
    assert [words[1] for words in listed()] == ["herald", "times"]
    assert [words[1] for words in listed("herald")] == ["herald"]
    AccessToken.objects.update(archived_at=timezone.now())
    assert run("list_tokens").err == "There are no tokens.\n"
    assert len(listed("--archived")) == 2
    ran = run("list_tokens", "nobody")
    assert (ran.code, ran.err) == (1, 'There is no project "nobody": list_projects shows them')
