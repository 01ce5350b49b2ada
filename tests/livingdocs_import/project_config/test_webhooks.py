"""The webhooks of a configuration: what is read, what is refused, and what is only refused in a new revision."""

from typing import Any

import pytest

from livingdocs_import.project_config import Secret, WebhookEvent, parse, problems, warnings
from livingdocs_import.project_config.webhooks import DOCUMENT_EVENTS, MEDIA_EVENTS, Subscription, Webhooks
from livingdocs_import.validation.problems import json_pointer

HOOK = {"handle": "cache", "url": "https://cache.example/hook", "events": ["document.publish"]}
AT = "/settings/webhooks/configurations/0"
CONTENT_TYPES = [
    {
        "handle": "article",
        "documentType": "article",
        "metadata": [
            {"handle": "urgent", "type": "li-boolean"},
            {"handle": "title", "type": "li-text"},
            {"handle": "teaser", "type": "li-image"},
        ],
    },
    {"handle": "page", "documentType": "page", "metadata": [{"handle": "title", "type": "li-text"}]},
]


def config(*hooks: dict[str, Any], **block: Any) -> dict[str, Any]:
    webhooks = {"configurations": [HOOK | hook for hook in hooks]} | block
    return {"v": 2, "settings": {"webhooks": webhooks}, "contentTypes": CONTENT_TYPES}


def waiting_for(*events: Any) -> dict[str, Any]:
    return config({"events": list(events)})


def read(raw: dict[str, Any]) -> Webhooks:
    return parse(raw, project_id=3, channel_id=3, design_version="1.0.0").webhooks


def found(raw: dict[str, Any]) -> list[str]:
    return [json_pointer(problem.path) for problem in problems(raw)]


def test_what_a_webhook_says_is_read() -> None:
    event = {
        "name": "document.update",
        "conditions": {"contentTypes": ["article"], "metadataProperties": [{"name": "urgent", "value": True}]},
        "changeFilter": {"metadataProperties": ["title"]},
    }
    raw = config(
        {"secret": {"$secretRef": {"name": "x"}}, "label": "Cache", "exposeUserActor": True, "events": [event]}
    )
    (hook,) = read(raw).configured
    assert (hook.handle, hook.label, hook.url, hook.active) == ("cache", "Cache", "https://cache.example/hook", True)
    assert (hook.secret, hook.exposes_user) == (Secret(reference="x"), True)
    assert hook.events == (
        WebhookEvent("document.update", frozenset({"article"}), (("urgent", True),), frozenset({"title"})),
    )


@pytest.mark.parametrize("name", [*DOCUMENT_EVENTS, *MEDIA_EVENTS])
def test_every_event_may_be_waited_for_by_its_name_or_by_an_object(name: str) -> None:
    """WHK-14, WHK-15"""
    assert problems(waiting_for(name, {"name": name})) == []
    by_name, by_object = (read(waiting_for(spelt)).subscriptions for spelt in (name, {"name": name}))
    assert [each.events for each in by_name[name]] == [each.events for each in by_object[name]]


@pytest.mark.parametrize("off", [config({"active": False}), config({}, active=False)])
def test_what_is_not_active_waits_for_nothing(off: dict[str, Any]) -> None:
    """WHK-21"""
    webhooks = read(off)
    assert [(hook.handle, hook.active) for hook in webhooks.configured] == [("cache", False)]
    assert dict(webhooks.subscriptions) == {}


def test_an_event_that_is_named_twice_is_one_subscription() -> None:
    sport, politics = (
        {"name": "document.publish", "conditions": {"contentTypes": [each]}} for each in ("page", "article")
    )
    (subscription,) = read(waiting_for(sport, politics)).subscriptions["document.publish"]
    assert isinstance(subscription, Subscription)
    assert [event.content_types for event in subscription.events] == [frozenset({"page"}), frozenset({"article"})]


@pytest.mark.parametrize(
    ("hook", "pointer"),
    [
        ({"handle": "h" * 51}, "/handle"),
        ({"handle": ""}, "/handle"),
        ({"url": "ftp://example.com"}, "/url"),
        ({"url": "https://[oops"}, "/url"),
        ({"url": None}, ""),
        ({"events": None}, ""),
        ({"events": ["document.explode"]}, "/events/0/name"),
        ({"events": [1]}, "/events/0"),
        ({"events": [{"name": "document.publish", "condition": {}}]}, "/events/0/condition"),
        ({"secret": {"$ref": "x"}}, "/secret/$secretRef"),
        ({"exposeUserActor": "yes"}, "/exposeUserActor"),
        ({"enabled": True}, "/enabled"),
    ],
)
def test_a_bad_webhook_is_named(hook: dict[str, Any], pointer: str) -> None:
    assert found(config(hook)) == [f"{AT}{pointer}"]


def test_handles_are_unique() -> None:
    assert found(config({}, {})) == ["/settings/webhooks/configurations/1/handle"]


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        ({"name": "mediaLibraryEntry.update", "conditions": {"contentTypes": ["image"]}}, "conditions"),
        ({"name": "mediaLibraryEntry.update", "changeFilter": {"metadataProperties": ["title"]}}, "changeFilter"),
        ({"name": "document.publish", "changeFilter": {"metadataProperties": ["title"]}}, "changeFilter"),
        ({"name": "document.publish", "conditions": {"deliveryHandles": ["print"]}}, "conditions/deliveryHandles"),
        (
            {"name": "document.publish", "conditions": {"metadataProperties": [{"name": "teaser", "value": "x"}]}},
            "conditions/metadataProperties/0/name",
        ),
        (
            {"name": "document.publish", "conditions": {"metadataProperties": [{"name": "title", "value": {}}]}},
            "conditions/metadataProperties/0/value",
        ),
    ],
)
def test_conditions_that_cannot_hold_are_refused_and_harmless_where_they_are_stored(
    event: dict[str, Any], pointer: str
) -> None:
    """WHK-19, WHK-28"""
    (problem,) = problems(waiting_for(event))
    assert (json_pointer(problem.path), problem.kind) == (f"{AT}/events/0/{pointer}", "violation")
    assert event["name"] in read(waiting_for(event)).subscriptions


def test_a_property_that_another_content_type_has_as_an_object_does_no_harm() -> None:
    condition = {"contentTypes": ["page"], "metadataProperties": [{"name": "title", "value": "x"}]}
    assert problems(waiting_for({"name": "document.publish", "conditions": condition})) == []


def test_what_will_never_hold_is_warned_of() -> None:
    conditions = {"contentTypes": ["artikel"], "metadataProperties": [{"name": "urgnt", "value": True}]}
    raw = waiting_for({"name": "document.publish", "conditions": conditions}, "mediaLibraryEntry.delete")
    assert problems(raw) == []
    assert [json_pointer(warning.path).removeprefix(f"{AT}/events/") for warning in warnings(raw)] == [
        "0/conditions/contentTypes/0",
        "0/conditions/metadataProperties/0/name",
        "1/name",
    ]


def test_a_block_at_the_root_is_named_with_its_place() -> None:
    (problem,) = problems({"v": 2, "webhooks": {"configurations": []}})
    assert (json_pointer(problem.path), problem.message) == (
        "/webhooks",
        "Additional properties not allowed; did you mean 'settings.webhooks'?",
    )
    assert read({"v": 2, "webhooks": {"configurations": []}}).configured == ()
