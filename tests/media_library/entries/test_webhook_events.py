"""Events of entries for a project's webhooks, for each kind of actor and by time."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from livingdocs_import.webhooks.messages import Event
from media_library.entries import validity
from media_library.entries.actors import Actor
from media_library.entries.patch import PatchRequest, patch_entry
from media_library.entries.webhook_events import Change, EntryState, names
from media_library.models import MediaEntry
from tests import images
from tests.api_client import image_item
from tests.media_library.entries.test_create import create, image
from tests.origin import Reply
from tests.subscribers import Subscriber

ALL = [f"mediaLibraryEntry.{name}" for name in ("create", "update", "archive", "revoke", "active", "invalid", "delete")]
ACTIVE, ARCHIVED, REVOKED, INVALID = (
    EntryState(),
    EntryState(archived=True),
    EntryState(revoked=True),
    EntryState(invalid=True),
)


@pytest.mark.parametrize(
    ("before", "after", "reported"),
    [
        (None, ACTIVE, ["create"]),
        (None, INVALID, ["create"]),
        (ACTIVE, ACTIVE, ["update"]),
        (ACTIVE, ARCHIVED, ["update", "archive"]),
        (ARCHIVED, ARCHIVED, ["update"]),
        (ACTIVE, REVOKED, ["update", "revoke"]),
        (REVOKED, ACTIVE, ["update", "active"]),
        (ACTIVE, INVALID, ["update", "invalid"]),
        (INVALID, ACTIVE, ["update", "active"]),
        (EntryState(revoked=True, invalid=True), INVALID, ["update"]),
        (EntryState(revoked=True, invalid=True), REVOKED, ["update"]),
    ],
)
def test_every_change_is_an_update_and_what_it_did_to_the_state(
    before: Any, after: EntryState, reported: list[str]
) -> None:
    assert names(Change("it", before, after)) == reported
    if before is not None:
        assert names(Change("it", before, after, by_time=True)) == reported[1:]


def test_an_import_creates_and_updates(subscriber: Subscriber) -> None:
    """WHK-12"""
    subscriber.subscribe(*ALL)
    item = image_item(subscriber.origin.reply("/a", Reply(images.png(images.picture(1, 1)))))
    subscriber.caller.import_images(item)
    (created,) = subscriber.received()
    entry = MediaEntry.objects.get()
    assert (created["event"], created["mediaId"]) == ("mediaLibraryEntry.create", entry.media_id)
    assert created["actor"] == {"type": "importer", "name": "Importer"}
    subscriber.caller.import_images(item | {"metadata": {"title": "new"}})
    assert subscriber.events() == ["mediaLibraryEntry.update"]
    subscriber.caller.import_images(item | {"metadata": {"title": "new"}})
    assert subscriber.events() == [], "nothing differs"


def patched(subscriber: Subscriber, *patches: dict[str, Any]) -> list[str]:
    """Patch entry `it` as a client; returns the events."""
    assert subscriber.caller.patch("mediaLibrary/it", {"patches": list(patches)}).status_code == 200
    return [name.removeprefix("mediaLibraryEntry.") for name in subscriber.events()]


def test_clients_create_and_patch(subscriber: Subscriber) -> None:
    """WHK-20: a client is identified by its name."""
    subscriber.subscribe(*ALL)
    create(subscriber.caller, image(id="it"), image(id="other"))
    first, second = subscriber.received()
    assert [first["mediaId"], second["mediaId"]] == ["it", "other"]
    assert first["actor"] == {"type": "api-client", "name": "tests"}
    assert patched(subscriber, {"operation": "setMetadataProperty", "propertyName": "title", "value": "x"}) == [
        "update"
    ]
    invalid = {"operation": "setMetadataProperty", "propertyName": "invalid", "value": True}
    assert patched(subscriber, invalid) == ["invalid", "update"]
    assert patched(subscriber, invalid | {"value": False}) == ["active", "update"]
    assert patched(subscriber, {"operation": "archive"}) == ["archive", "update"]
    assert patched(subscriber, {"operation": "archive"}) == ["update"]
    assert patched(subscriber, {"operation": "revokeAsset"}) == ["revoke", "update"]
    assert patched(subscriber, {"operation": "unrevokeAsset"}) == ["active", "update"]


def test_a_refused_patch_sends_nothing(subscriber: Subscriber) -> None:
    """WHK-26"""
    create(subscriber.caller, image(id="it"))
    subscriber.subscribe(*ALL)
    good, bad = {"operation": "archive"}, {"operation": "unrevokeAsset"}
    assert subscriber.caller.patch("mediaLibrary/it", {"patches": [good, bad]}).status_code == 409
    assert subscriber.received() == []


def test_an_operator_is_a_user(subscriber: Subscriber) -> None:
    create(subscriber.caller, image(id="it"))
    subscriber.subscribe("mediaLibraryEntry.revoke")
    patch_entry(subscriber.caller.project, "it", PatchRequest([{"operation": "revokeAsset"}]), actor=Actor.user("ines"))
    (reported,) = subscriber.received()
    assert reported["actor"] == {"type": "user"}


def test_a_validity_that_begins_and_ends_is_reported_without_an_actor(subscriber: Subscriber) -> None:
    """WHK-27"""
    now = timezone.now()
    period = {"from": (now + timedelta(hours=1)).isoformat(), "to": (now + timedelta(hours=2)).isoformat()}
    subscriber.subscribe(*ALL)
    create(subscriber.caller, image(id="it", metadata={"validity": period}))
    assert subscriber.events() == ["mediaLibraryEntry.create"]
    for hours, name in ((1, "active"), (2, "invalid")):
        with time_machine.travel(now + timedelta(hours=hours, minutes=1)):
            assert validity.refresh_expired() == 1
        (reported,) = subscriber.received()
        assert (reported["event"], reported["mediaId"]) == (f"mediaLibraryEntry.{name}", "it")
        assert "actor" not in reported


def test_an_event_names_its_entry_in_the_admin() -> None:
    assert Event("mediaLibraryEntry.update", {"mediaId": "it"}).subject == "mediaLibraryEntry.update it"
