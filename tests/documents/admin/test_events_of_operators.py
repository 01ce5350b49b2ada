"""What an operator does in the admin is reported to the project's webhooks, with the actor `user` (WHK-20)."""

from typing import Any

import pytest

from documents import services
from documents.models import Document
from media_library.admin.actions import ACTIONS as OF_ENTRIES
from media_library.models import MediaEntry
from tests.media_library.entries.test_create import create, image
from tests.newsroom import PUBLISH, Newsroom
from tests.operators import operator
from tests.subscribers import Subscriber

DOCUMENTS, ENTRIES = "/admin/documents/document/", "/admin/media_library/mediaentry/"
OF_DOCUMENT = ("document.update", "document.publish", "document.unpublish", "document.delete")
OF_ENTRY = tuple(f"mediaLibraryEntry.{name}" for name in ("update", "archive", "revoke", "active", "invalid"))
NAMED = {"type": "user", "name": "operator-0", "email": ""}


def events_of(subscriber: Subscriber) -> list[str]:
    """The events since the last call; each of them names the operator."""
    reported = subscriber.received()
    assert [body["actor"] for body in reported] == [NAMED] * len(reported)
    return sorted(body["event"].partition(".")[2] for body in reported)


@pytest.mark.parametrize(
    ("action", "state", "expected"),
    [
        ("publish", "draft", ["publish"]),
        ("unpublish", "published", ["unpublish"]),
        ("delete", "published", ["delete", "unpublish"]),
        ("delete", "draft", ["delete"]),
        ("restore", "deleted", ["update"]),
    ],
)
def test_each_action_on_a_document_is_reported(
    newsroom: Newsroom, subscriber: Subscriber, action: str, state: str, expected: list[str]
) -> None:
    row = newsroom.fine(flags=PUBLISH if state == "published" else {}, metadata={"title": "a"})
    document = Document.objects.get(pk=row["document_id"])
    if state == "deleted":
        services.delete(document, by="ines")
    subscriber.subscribe(*OF_DOCUMENT, exposeUserActor=True)
    operator().post(f"{DOCUMENTS}act/{action}/", {"object": document.pk, "yes": "1"})
    assert events_of(subscriber) == expected


ON_ENTRIES: dict[str, tuple[list[str], list[str], dict[str, str]]] = {  # before, events, inputs
    "set_property": ([], ["update"], {"choice": "title", "value": "A bridge at night"}),
    "archive": ([], ["archive", "update"], {}),
    "unarchive": (["archive"], ["update"], {}),
    "revoke": ([], ["revoke", "update"], {}),
    "unrevoke": (["revoke"], ["active", "update"], {}),
}


def test_all_actions_on_entries_are_tested() -> None:
    assert ON_ENTRIES.keys() == OF_ENTRIES.keys() - {"remove_renditions"}, "which changes no entry"


@pytest.mark.parametrize("action", ON_ENTRIES)
def test_each_action_on_an_entry_is_reported(subscriber: Subscriber, action: str) -> None:
    before, expected, inputs = ON_ENTRIES[action]
    create(subscriber.caller, image(id="it", metadata={"title": "A bridge"}))
    entry, client = MediaEntry.objects.get(), operator()

    def act(name: str, **data: Any) -> None:
        client.post(f"{ENTRIES}act/{name}/", {"object": entry.pk, "yes": "1"} | data)

    for name in before:
        act(name)
    subscriber.subscribe(*OF_ENTRY, exposeUserActor=True)
    act(action, **inputs)
    assert events_of(subscriber) == expected


def test_a_user_is_not_named_where_the_webhook_does_not_say_so(subscriber: Subscriber) -> None:
    create(subscriber.caller, image(id="it"))
    subscriber.subscribe("mediaLibraryEntry.revoke")
    operator().post(f"{ENTRIES}act/revoke/", {"object": MediaEntry.objects.get().pk, "yes": "1"})
    (reported,) = subscriber.received()
    assert reported["actor"] == {"type": "user"}
