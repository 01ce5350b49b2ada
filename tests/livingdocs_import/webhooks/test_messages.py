"""What a message to a project's webhook says, and that receivers which serialise it again can verify it."""

import hashlib
import hmac
import json
import shutil
import subprocess
from typing import Any

import orjson
import pytest

from livingdocs_import.project_config import Subscription, Webhook, WebhookEvent
from livingdocs_import.webhooks.messages import Event, EventActor, is_awaited, message

WEBHOOK = Webhook("cache", "https://cache.example/hook", None, ())
NAMES = [
    "Zürich",
    "🎉 emoji",
    'quote " backslash \\ slash /',
    "line\nbreak\ttab",
    "\x00\x1f\x7f\x80",
    "\u2028\u2029",
    "ﬁ",
]
IN_JAVASCRIPT = "process.stdout.write(JSON.stringify(JSON.parse(require('fs').readFileSync(0, 'utf8'))))"


def body(event: Event, actor: EventActor | None, **webhook: Any) -> dict[str, Any]:
    to = Webhook("cache", "https://cache.example/hook", None, (), **webhook)
    return message(event, delivery_id="d" * 21, project_id=8, project_handle="gazette", webhook=to, actor=actor)


def serialised_again(text: bytes) -> bytes:
    """By JavaScript where there is one; else by rules that are the same for texts, whole numbers and lists."""
    if node := shutil.which("node"):
        return subprocess.run([node, "-e", IN_JAVASCRIPT], input=text, capture_output=True, check=True).stdout
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize("name", NAMES)
def test_a_receiver_may_hash_what_it_serialises_again(name: str) -> None:
    """WHK-22"""
    event = Event("document.update", {"documentId": 2**53 - 1}, {"metadataPropertyChanges": [], "names": [name, "1"]})
    sent = orjson.dumps(body(event, EventActor("api-client", name)))
    again = serialised_again(sent)
    assert again == sent
    assert hmac.new(b"s", again, hashlib.sha256).digest() == hmac.new(b"s", sent, hashlib.sha256).digest()


@pytest.mark.parametrize(
    ("actor", "exposed", "sent"),
    [
        (EventActor("importer", "Importer"), False, {"type": "importer", "name": "Importer"}),
        (EventActor("api-client", "wires"), False, {"type": "api-client", "name": "wires"}),
        (EventActor("user", "Ines", "ines@times.example"), False, {"type": "user"}),
        (EventActor("user", "Ines", "i@t.example"), True, {"type": "user", "name": "Ines", "email": "i@t.example"}),
        (EventActor("importer", "Importer"), True, {"type": "importer", "name": "Importer"}),
    ],
)
def test_an_actor_is_sent_as_far_as_the_webhook_may_know_it(
    actor: EventActor, exposed: bool, sent: dict[str, str]
) -> None:
    """WHK-20"""
    assert body(Event("document.delete", {"documentId": 1}), actor, exposes_user=exposed)["actor"] == sent


def test_what_time_has_caused_has_no_actor() -> None:
    """WHK-27"""
    assert "actor" not in body(Event("mediaLibraryEntry.invalid", {"mediaId": "it"}), None)


@pytest.mark.parametrize(
    ("value", "wanted", "is_equal"),
    [(1, 1, True), (1, True, False), (True, 1, False), (0, False, False), ("1", 1, False)],
)
def test_values_are_equal_as_in_json(value: Any, wanted: Any, is_equal: bool) -> None:
    """WHK-19"""
    subscription = Subscription(WEBHOOK, (WebhookEvent("document.update", metadata=(("it", wanted),)),))
    assert is_awaited(Event("document.update", {}, metadata={"it": value}), subscription) is is_equal


def test_one_of_the_spellings_of_an_event_is_enough() -> None:
    """WHK-15, WHK-19"""
    sport, politics = (WebhookEvent("document.update", frozenset({name})) for name in ("sport", "politics"))
    subscription = Subscription(WEBHOOK, (sport, politics))
    assert is_awaited(Event("document.update", {}, content_type="politics"), subscription)
    assert not is_awaited(Event("document.update", {}, content_type="culture"), subscription)
