"""Metadata are edited on an entry's page: checked as by the API, saved as a version, with a note in the history."""

import html
import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from livingdocs_import.models import WebhookDelivery
from livingdocs_import.project_config import store
from media_library.models import EntryChange, MediaEntry
from tests.api_client import CONFIG, Caller
from tests.media_library.entries.test_create import create, image
from tests.operators import operator

LIST = "/admin/media_library/mediaentry/"
PROPERTIES = [
    {"handle": "title", "type": "li-text", "config": {"required": True, "maxLength": 20}},
    {"handle": "altText", "type": "li-text", "ui": {"label": "Alternative"}},
    {
        "handle": "licence",
        "type": "li-enum",
        "config": {"dataProvider": {"items": [{"value": "own"}, {"value": "paid"}]}},
    },
    {"handle": "rating", "type": "li-integer", "config": {"minValue": 1, "maxValue": 5}},
    {"handle": "invalid", "type": "li-invalid"},
    {"handle": "taken", "type": "li-date"},
    {"handle": "tags", "type": "li-string-list", "config": {"dataProvider": {}}},
    {"handle": "validity", "type": "li-datetime-validity"},
    {"handle": "crops", "type": "li-named-crops"},
    {"handle": "picture", "type": "li-image"},
]
METADATA = {
    "title": "A bridge",
    "rating": 3,
    "tags": ["river", "stone"],
    "validity": {"to": "2099-01-01T00:00:00Z"},
    "crops": {"crops": [{"name": "wide"}], "focalPoint": {"x": 0.25, "y": 0.5}},
    "picture": {"mediaId": "other"},
}


@pytest.fixture
def entry(times: Caller) -> MediaEntry:
    media_type = CONFIG["mediaTypes"][0] | {"metadata": PROPERTIES, "exifExtraction": {}}
    store.store(times.project, CONFIG | {"mediaTypes": [media_type, *CONFIG["mediaTypes"][1:]]}, by="test")
    create(times, image(id="B1LPgANhJFpo", metadata=METADATA))
    return MediaEntry.objects.get()


@pytest.fixture
def client(db: None) -> Client:
    return operator()


def fields(client: Client, entry: MediaEntry) -> dict[str, str]:
    """What a browser would send of the untouched form."""
    shown = str(client.get(f"{LIST}{entry.pk}/change/").content.decode())
    form = shown.partition('class="entry"')[2].partition("</form>")[0]
    inputs = {
        name: html.unescape(value)
        for tag in re.findall(r"<input [^>]*>", form)
        for name in re.findall(r' name="([^"]*)"', tag)
        for value in [*re.findall(r' value="([^"]*)"', tag), ""][:1]
    }
    texts = re.findall(r'<textarea name="([^"]*)"[^>]*>\n?([^<]*)</textarea>', form)
    selects = re.findall(r'<select name="([^"]*)"(.*?)</select>', form, re.DOTALL)
    chosen = {name: re.findall(r'value="([^"]*)" selected', options)[0] for name, options in selects}
    return inputs | {name: html.unescape(text) for name, text in texts} | chosen


def save(client: Client, entry: MediaEntry, given: dict[str, str]) -> Any:
    answer = client.post(f"{LIST}{entry.pk}/change/", given, follow=True)
    entry.refresh_from_db()
    return answer.content.decode()


def test_what_is_not_touched_is_not_changed(client: Client, entry: MediaEntry) -> None:
    given = fields(client, entry)
    assert (given["m-title"], given["m-rating"], given["m-tags"]) == ("A bridge", "3", "river\nstone")
    assert (given["m-crops-x"], given["m-crops-y"], given["m-validity-to"]) == ("25", "50", "2099-01-01T00:00:00Z")
    before = MediaEntry.objects.values().get()
    assert "Nothing was changed" in save(client, entry, given)
    assert MediaEntry.objects.values().get() == before
    assert (EntryChange.objects.count(), LogEntry.objects.count()) == (1, 0)


def test_a_form_that_is_empty_changes_nothing(client: Client, entry: MediaEntry) -> None:
    """Such as that of a page of an earlier version: what it does not have is not taken for blank."""
    before = MediaEntry.objects.values().get()
    save(client, entry, {})
    save(client, entry, {"version": "1"})
    assert MediaEntry.objects.values().get() == before
    assert (EntryChange.objects.count(), LogEntry.objects.count()) == (1, 0)


def test_values_of_all_kinds_are_saved_as_one_version_of_the_user(client: Client, entry: MediaEntry) -> None:
    given = fields(client, entry) | {
        "m-title": "A bridge, rebuilt",
        "m-altText": "Stones\r\nabove water",
        "m-licence": "own",
        "m-rating": "",
        "m-invalid": "false",
        "m-taken": "2026-11-29",
        "m-tags": "river\r\n\r\n wood ",
        "m-validity-from": "2020-01-01T00:00:00Z",
        "m-crops-x": "50",
        "m-picture": '{"mediaId": "third"}',
        "note": "contract 117",
    }
    assert "is saved" in save(client, entry, given)
    assert (entry.version, entry.title) == (2, "A bridge, rebuilt")
    assert entry.metadata == {
        "title": "A bridge, rebuilt",
        "altText": "Stones\nabove water",
        "licence": "own",
        "invalid": False,
        "taken": "2026-11-29",
        "tags": ["river", "wood"],
        "validity": {"from": "2020-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"},
        "crops": {"crops": [{"name": "wide"}], "focalPoint": {"x": 0.5, "y": 0.5}},
        "picture": {"mediaId": "third"},
    }
    change = EntryChange.objects.latest("pk")
    assert (change.actor, change.actor_name, change.note) == ("user", "operator-0", "contract 117")
    assert {"property": "title", "old": "A bridge", "new": "A bridge, rebuilt"} in change.differences
    assert {"property": "rating", "old": 3} in change.differences
    assert [row.target_id for row in entry.references.all()] == ["third"]


def test_a_focal_point_at_the_very_edge_can_be_moved_along_it(client: Client, entry: MediaEntry) -> None:
    MediaEntry.objects.update(metadata=METADATA | {"crops": {"focalPoint": {"x": 0.0000004, "y": 0.5}}})
    given = fields(client, entry)
    assert (given["m-crops-x"], given["m-crops-y"]) == ("0", "50")
    save(client, entry, given | {"m-crops-y": "75"})
    assert entry.metadata["crops"]["focalPoint"]["y"] == 0.75
    MediaEntry.objects.update(metadata=METADATA | {"crops": {"focalPoint": {"x": 0.00005, "y": 0.333333}}})
    given = fields(client, entry)
    assert (given["m-crops-x"], given["m-crops-y"]) == ("0.005", "33.3333")


def test_all_problems_are_at_their_fields_and_nothing_is_saved(client: Client, entry: MediaEntry) -> None:
    given = fields(client, entry) | {
        "m-title": "far too long a title for this",
        "m-rating": "many",
        "m-crops-y": "140",
        "m-picture": "{",
        "m-taken": "yesterday",
    }
    shown = save(client, entry, given)
    problems = re.findall(r'<p class="note problem">([^<]*)</p>', shown)
    assert [html.unescape(text).partition(": ")[0] for text in problems] == [
        "The value of '/title' must NOT have more than 20 characters",
        "The value of '/rating' must be integer",
        "The value of '/taken' must match format \"date\"",
        "must be two numbers from 0 to 100",
        "is no JSON",
    ]
    assert 'value="many"' in shown
    assert (entry.version, entry.metadata) == (1, METADATA)


def test_a_required_property_cannot_be_removed(client: Client, entry: MediaEntry) -> None:
    assert "is required" in html.unescape(save(client, entry, fields(client, entry) | {"m-title": " "}))
    assert entry.version == 1


def test_what_another_has_changed_meanwhile_is_not_overwritten_unseen(
    times: Caller, client: Client, entry: MediaEntry
) -> None:
    given = fields(client, entry) | {"m-title": "Mine", "m-altText": "Also mine"}
    patches = [
        {"operation": "setMetadataProperty", "propertyName": name, "value": value}
        for name, value in (("title", "Theirs"), ("rating", 5))
    ]
    assert times.patch(f"mediaLibrary/{entry.media_id}", {"patches": patches}).status_code == 200
    shown = save(client, entry, given)
    assert "has version 2 now" in shown
    assert "Stored now: Theirs" in shown
    assert entry.metadata["title"] == "Theirs"
    assert "is saved" in save(client, entry, given | {"version": "2"})
    assert (entry.metadata["title"], entry.metadata["altText"]) == ("Mine", "Also mine")
    assert entry.metadata["rating"] == 5  # not touched in the form


def test_the_history_shows_old_and_new_values_by_the_labels_of_the_media_type(
    times: Caller, client: Client, entry: MediaEntry
) -> None:
    patch = {"operation": "setMetadataProperty", "propertyName": "altText", "value": "A <b>bridge</b>"}
    times.patch(f"mediaLibrary/{entry.media_id}", {"patches": [patch]})
    save(client, entry, fields(client, entry) | {"m-altText": "Stones", "note": "shorter"})
    shown = str(client.get(f"{LIST}{entry.pk}/change/").content.decode()).partition('id="history"')[2]
    assert "<strong>Alternative</strong> <del>A &lt;b&gt;bridge&lt;/b&gt;</del> <ins>Stones</ins>" in shown
    assert "· “shorter”" in shown
    assert "by operator-0" in shown


def test_who_may_only_look_sees_values_without_fields(entry: MediaEntry) -> None:
    viewer = operator("media_library.view_mediaentry")
    shown = viewer.get(f"{LIST}{entry.pk}/change/").content.decode()
    assert "A bridge" in shown
    assert "m-title" not in shown
    assert viewer.post(f"{LIST}{entry.pk}/change/", {"m-title": "x"}).status_code == 403


def test_an_edit_is_reported_to_the_project_s_webhooks(times: Caller, client: Client, entry: MediaEntry) -> None:
    hook = {
        "handle": "h",
        "url": "https://hook.example/",
        "events": [{"name": "mediaLibraryEntry.update"}],
    }
    config = times.project.config_revisions.latest("revision").config
    webhooks = {"active": True, "configurations": [hook]}
    store.store(times.project, config | {"settings": config["settings"] | {"webhooks": webhooks}}, by="test")
    times.project.refresh_from_db()
    save(client, entry, fields(client, entry) | {"m-title": "New"})
    body = str(WebhookDelivery.objects.get().body)
    assert "mediaLibraryEntry.update" in body
    assert '"user"' in body
