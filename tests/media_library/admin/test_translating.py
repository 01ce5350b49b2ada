"""Translations are edited on an entry's page, as far as its media type has translatable properties."""

import re
from typing import Any

import pytest
from django.test import Client

from livingdocs_import.project_config import store
from media_library.entries.differences import translated_differences
from media_library.models import EntryChange, MediaEntry
from tests.api_client import CONFIG, Caller
from tests.media_library.admin.test_editing import LIST, fields, save
from tests.media_library.entries.test_create import create, image
from tests.operators import operator

PROPERTIES = [
    {"handle": "title", "type": "li-text", "config": {"required": True, "translatable": True, "maxLength": 20}},
    {"handle": "taken", "type": "li-date", "config": {"translatable": True}, "ui": {"label": "Date taken"}},
    {"handle": "credit", "type": "li-text"},
]
LANGUAGES = {"available": [{"locale": "de"}, {"locale": "fr"}, {"locale": "en"}], "defaultLanguage": {"locale": "de"}}
FRENCH = {"locale": "fr", "metadata": {"title": "Un pont", "taken": "2026-11-29"}}


@pytest.fixture
def entry(times: Caller) -> MediaEntry:
    media_type = CONFIG["mediaTypes"][0] | {"metadata": PROPERTIES, "exifExtraction": {}}
    config = CONFIG | {"mediaTypes": [media_type, *CONFIG["mediaTypes"][1:]]}
    settings = config["settings"] | {"languages": LANGUAGES}
    store.store(times.project, config | {"settings": settings}, by="test")
    create(times, image(id="B1LPgANhJFpo", metadata={"title": "Eine Brücke"}, translations=[FRENCH]))
    return MediaEntry.objects.get()


@pytest.fixture
def client(db: None) -> Client:
    return operator()


def test_each_other_language_has_the_translatable_properties(client: Client, entry: MediaEntry) -> None:
    given = fields(client, entry)
    own = {name: value for name, value in given.items() if name.startswith("t-")}
    assert own == {"t-fr-title": "Un pont", "t-fr-taken": "2026-11-29", "t-en-title": "", "t-en-taken": ""}
    shown = client.get(f"{LIST}{entry.pk}/change/").content.decode()
    assert re.findall(r"<summary>(Translation [^<]*)</summary>", shown) == ["Translation fr, 2 of 2", "Translation en"]


def test_what_is_not_touched_is_not_changed(client: Client, entry: MediaEntry) -> None:
    assert "Nothing was changed" in save(client, entry, fields(client, entry))
    assert (entry.version, entry.translations) == (1, [FRENCH])


def test_translations_are_saved_with_the_rest_as_one_version(client: Client, entry: MediaEntry) -> None:
    given = fields(client, entry) | {
        "m-credit": "SpaceX",
        "t-fr-title": "Un vieux pont",
        "t-fr-taken": "",
        "t-en-title": "A bridge",
    }
    assert "is saved" in save(client, entry, given)
    assert (entry.version, entry.title, entry.metadata["credit"]) == (2, "Eine Brücke", "SpaceX")
    assert entry.translations == [
        {"locale": "fr", "metadata": {"title": "Un vieux pont"}},
        {"locale": "en", "metadata": {"title": "A bridge"}},
    ]
    assert EntryChange.objects.latest("pk").differences == [
        {"property": "credit", "new": "SpaceX"},
        {"property": "title", "old": "Un pont", "new": "Un vieux pont", "locale": "fr"},
        {"property": "taken", "old": "2026-11-29", "locale": "fr"},
        {"property": "title", "new": "A bridge", "locale": "en"},
    ]


def test_the_history_names_the_language(client: Client, entry: MediaEntry) -> None:
    save(client, entry, fields(client, entry) | {"t-fr-taken": "2026-12-01"})
    shown = client.get(f"{LIST}{entry.pk}/change/").content.decode().partition('id="history"')[2]
    assert "<strong>Date taken (fr)</strong> <del>2026-11-29</del> <ins>2026-12-01</ins>" in shown
    assert "setTranslatedProperty" not in shown


def test_problems_are_at_their_fields_in_an_open_language(client: Client, entry: MediaEntry) -> None:
    given = fields(client, entry) | {"t-fr-title": "far too long a title for this", "t-en-taken": "yesterday"}
    shown = save(client, entry, given)
    assert len(re.findall(r'<p class="note problem">', shown)) == 2
    assert len(re.findall(r"<details open>\s*<summary>Translation", shown)) == 2
    assert (entry.version, entry.translations) == (1, [FRENCH])


def test_a_translation_without_values_is_removed_and_one_with_a_file_stays(client: Client, entry: MediaEntry) -> None:
    empty = {"t-fr-title": "", "t-fr-taken": ""}
    save(client, entry, fields(client, entry) | empty)
    assert entry.translations == []
    file = {"key": "fr.jpeg", "filename": "fr.jpeg", "mimeType": "image/jpeg"}
    MediaEntry.objects.update(translations=[FRENCH | {"asset": file}])
    save(client, entry, fields(client, entry) | empty)
    assert entry.translations == [{"locale": "fr", "metadata": {}, "asset": file}]


def test_what_another_has_translated_meanwhile_is_not_overwritten_unseen(client: Client, entry: MediaEntry) -> None:
    given = fields(client, entry)
    save(client, entry, given | {"t-fr-title": "Leur pont"})
    shown = save(client, entry, given | {"t-fr-title": "Mon pont"})
    assert "has version 2 now" in shown
    assert "Stored now: Leur pont" in shown
    assert entry.translations[0]["metadata"]["title"] == "Leur pont"


def test_the_api_has_no_such_operation(times: Caller, entry: MediaEntry) -> None:
    patch = {"operation": "setTranslatedProperty", "locale": "fr", "propertyName": "title", "value": "x"}
    assert times.patch(f"mediaLibrary/{entry.media_id}", {"patches": [patch]}).status_code == 400


def test_a_language_that_is_not_configured_is_not_offered_and_stays(client: Client, entry: MediaEntry) -> None:
    italian: Any = {"locale": "it", "metadata": {"title": "Un ponte"}}
    MediaEntry.objects.update(translations=[FRENCH, italian])
    given = fields(client, entry)
    assert not [name for name in given if name.startswith("t-it")]
    save(client, entry, given | {"t-en-title": "A bridge"})
    assert italian in entry.translations


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [], []),
        ([FRENCH], [FRENCH], []),
        ([FRENCH], [], [("title", "fr"), ("taken", "fr")]),
        ([], [{"locale": "en"}], []),
        ([], [{"locale": "en", "metadata": {"title": "x"}}], [("title", "en")]),
    ],
)
def test_differences_of_translations_have_their_locale(before: Any, after: Any, expected: Any) -> None:
    found = translated_differences(before, after)
    assert [(each["property"], each["locale"]) for each in found] == expected
