"""Chosen entries are archived, revoked and changed together: asked first, with the size, and with a note."""

from typing import Any

import pytest

from livingdocs_import.project_config import store
from media_library.models import EntryChange, MediaEntry
from tests.api_client import CONFIG, Caller
from tests.media_library.admin.test_library import make_entry
from tests.newsroom import PICTURE, PUBLISH, Newsroom, image
from tests.operators import operator

LIST = "/admin/media_library/mediaentry/"


@pytest.fixture
def entries(times: Caller) -> list[MediaEntry]:
    return [make_entry(times, "bridge", media_id=PICTURE["mediaId"]), make_entry(times, "river")]


def choose(action: str, entries: list[MediaEntry], **data: str) -> str:
    """The question."""
    chosen = {"action": action, "index": "0", "_selected_action": [str(entry.pk) for entry in entries]}
    return str(operator().post(LIST, chosen | data, follow=True).content.decode())


def confirm(action: str, entries: list[MediaEntry], **data: str) -> Any:
    named = {"object": [str(entry.pk) for entry in entries], "yes": "1"}
    return operator().post(f"{LIST}act/{action}/", named | data, follow=True).content.decode()


def test_revoking_says_how_many_publications_lose_a_picture(newsroom: Newsroom, entries: list[MediaEntry]) -> None:
    for number in (1, 2):
        newsroom.fine(id=f"article-{number}", title=f"Story {number}", content=[image()], flags=PUBLISH)
    asked = choose("revoke", entries)
    assert ">Revoke 2 entries used in 2 publications</button>" in asked
    assert "Story 1" in asked
    alone = choose("revoke", entries[:1])
    assert ">Revoke in 2 publications</button>" in alone
    assert not MediaEntry.objects.filter(revoked=True).exists()
    confirm("revoke", entries, note="rights withdrawn")
    assert MediaEntry.objects.filter(revoked=True, revoke_note="rights withdrawn").count() == 2
    assert EntryChange.objects.filter(actor="user", note="rights withdrawn").count() == 2


def test_archiving_and_back(entries: list[MediaEntry]) -> None:
    assert ">Archive 2 entries</button>" in choose("archive", entries)
    confirm("archive", entries, note="old")
    assert MediaEntry.objects.filter(archived=True).count() == 2
    assert "is not archived any more" in choose("unarchive", entries)
    assert not MediaEntry.objects.filter(archived=True).exists()
    assert list(EntryChange.objects.filter(entry=entries[0]).values_list("operations", "note"))[:2] == [
        (["unarchive"], None),
        (["archive"], "old"),
    ]


def test_all_that_match_the_filter_are_chosen_at_once(entries: list[MediaEntry]) -> None:
    asked = choose("archive", entries[:1], select_across="1")
    assert ">Archive 2 entries</button>" in asked


def test_a_property_is_set_for_all_and_problems_are_named(times: Caller, entries: list[MediaEntry]) -> None:
    asked = choose("set_property", entries)
    assert '<option value="source">Source</option>' in asked
    assert '<option value="imageLink">' not in asked
    assert "is changed" in confirm("set_property", entries, choice="source", value="NASA", note="as agreed")
    assert {entry.metadata["source"] for entry in MediaEntry.objects.all()} == {"NASA"}
    refused = confirm("set_property", entries, choice="dateCreated", value="yesterday")
    assert refused.count("Metadata validation failed") == 2
    again = confirm("set_property", entries, choice="nonsense", value="x")
    assert "Select a valid choice" in again
    assert EntryChange.objects.filter(note="as agreed").count() == 2


def with_flag(times: Caller) -> MediaEntry:
    """An entry of which a boolean property is set."""
    images = CONFIG["mediaTypes"][0]
    flagged = images | {"metadata": [*images["metadata"], {"handle": "live", "type": "li-boolean"}]}
    store.store(times.project, CONFIG | {"mediaTypes": [flagged, *CONFIG["mediaTypes"][1:]]}, by="test")
    return make_entry(times, "bridge", metadata={"title": "Bridge", "live": True})


@pytest.mark.parametrize("word", ["True", "yes", "1", "treu"])
def test_an_unknown_word_does_not_remove_a_boolean_property(times: Caller, word: str) -> None:
    entry = with_flag(times)
    assert "must be true or false, or blank" in confirm("set_property", [entry], choice="live", value=word)
    entry.refresh_from_db()
    assert entry.metadata["live"] is True


def test_a_boolean_property_is_set_and_blank_removes_it(times: Caller) -> None:
    entry = with_flag(times)
    for word, value in (("false", False), ("true", True), ("", None)):
        confirm("set_property", [entry], choice="live", value=word)
        entry.refresh_from_db()
        assert entry.metadata.get("live") is value


def test_the_api_has_no_operation_to_take_entries_out_of_the_archive(times: Caller, entries: list[MediaEntry]) -> None:
    """The contract has none."""
    answer = times.patch(f"mediaLibrary/{entries[0].media_id}", {"patches": [{"operation": "unarchive"}]})
    assert answer.status_code == 400
