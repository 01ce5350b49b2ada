"""The webhooks of a project: which events each waits for, and under which conditions (spec 7.2).

    "webhooks": {
      "active": true,                    false: nothing is sent
      "configurations": [{
        "handle": "cache", "label": "…", "description": "…", "url": "https://…", "active": true,
        "secret": "…",                   or {"$secretRef": {"name": "…"}}, the project's own; without one: no signature
        "exposeUserActor": false,        true: messages contain the name and e-mail address of a user
        "events": ["document.publish", {"name": "document.update", "conditions": {…}, "changeFilter": {…}}]
      }]
    }

Problems of new revisions only (`Node.refuse_new`) are ignored in stored ones.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from livingdocs_import.project_config.content_types import ContentType
from livingdocs_import.project_config.settings import Secret, read_secret, read_url
from livingdocs_import.validation.json_reader import Node
from livingdocs_import.validation.problems import Kind

BUILD_EVENTS = (
    *(f"document.build{step}" for step in ("", ".abort", ".userChoice")),
    *(f"document.build.draft{step}" for step in ("", ".abort", ".userChoice")),
)
DOCUMENT_EVENTS = (
    *(f"document.{event}" for event in ("create", "update", "delete", "publish", "unpublish")),
    *BUILD_EVENTS,
    "publication.update",
)
MEDIA_EVENTS = tuple(
    f"mediaLibraryEntry.{event}" for event in ("create", "update", "archive", "revoke", "active", "invalid", "delete")
)
# This service builds no deliveries, and entries are only deleted with their project.
NEVER_SENT = {*BUILD_EVENTS, "mediaLibraryEntry.delete"} - {"document.build"}
# Properties with plain values, which a condition can compare.
PLAIN_PLUGINS = frozenset(
    f"li-{name}"
    for name in (
        *("boolean", "color", "date", "datetime", "enum", "external-id", "integer", "moderated-collab"),
        *("publish-date", "text", "unique-id"),
        *(f"system-{name}" for name in ("boolean", "date", "datetime", "enum", "integer", "text")),
    )
)
MAX_WEBHOOKS = 100  # of a project: each may cause a row for each event


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """An event that a webhook subscribes to; None sets no condition."""

    name: str
    content_types: frozenset[str] | None = None
    metadata: tuple[tuple[str, Any], ...] = ()  # properties that must have exactly these (plain) values
    changed: frozenset[str] | None = None  # one of these properties must have changed
    deliveries: frozenset[str] | None = None  # handles of deliveries, for events of builds


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook of the project."""

    handle: str
    url: str
    secret: Secret | None
    events: tuple[WebhookEvent, ...]
    label: str = ""
    active: bool = True  # it is, and webhooks are active as a whole
    exposes_user: bool = False
    index: int = 0  # among the configurations


@dataclass(frozen=True, slots=True)
class Subscription:
    """The subscription of an active webhook to one event's name."""

    webhook: Webhook
    events: tuple[WebhookEvent, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Webhooks:
    """All webhooks of a project, and their subscriptions."""

    configured: tuple[Webhook, ...]
    subscriptions: Mapping[str, tuple[Subscription, ...]]  # by the event's name; of active webhooks

    def find(self, handle: str) -> Webhook | None:
        return next((webhook for webhook in self.configured if webhook.handle == handle), None)


def read_webhooks(settings: Node, content_types: Mapping[str, ContentType]) -> Webhooks:
    """`active` is true by default, for all of them and for each."""
    section = settings.section("webhooks")
    section.only("active", "configurations")
    all_active = section.flag("active", default=True)
    webhooks: dict[str, Webhook] = {}
    for index, node in enumerate(section.items("configurations")):
        if not node.is_object():
            continue
        webhook = _read_webhook(node, content_types, all_active=all_active, index=index)
        if webhook.handle in webhooks:
            node["handle"].add_violation(f"there is already a webhook '{webhook.handle}'")
        elif webhook.handle:
            webhooks[webhook.handle] = webhook
    if len(webhooks) > MAX_WEBHOOKS:
        section["configurations"].refuse_new(f"must NOT have more than {MAX_WEBHOOKS} items")
    configured = tuple(webhook for webhook in webhooks.values() if webhook.url)[:MAX_WEBHOOKS]
    return Webhooks(configured, MappingProxyType(_subscriptions(configured)))


def _subscriptions(webhooks: Collection[Webhook]) -> dict[str, tuple[Subscription, ...]]:
    by_name: dict[str, tuple[Subscription, ...]] = {}
    for webhook in webhooks:
        for name in dict.fromkeys(event.name for event in webhook.events if webhook.active):
            awaited = tuple(event for event in webhook.events if event.name == name)
            by_name[name] = (*by_name.get(name, ()), Subscription(webhook, awaited))
    return by_name


def _read_webhook(node: Node, content_types: Mapping[str, ContentType], *, all_active: bool, index: int) -> Webhook:
    """Without a handle or an address if these are wrong."""
    node.only("handle", "label", "description", "url", "secret", "active", "exposeUserActor", "events")
    node.text("description")
    if "events" not in node:
        node.refuse_new("must have required property 'events'", Kind.SHAPE)
    return Webhook(
        handle=node.text("handle", required=True, longest=50) or "",
        url=read_url(node, "url") or "",
        secret=read_secret(node, "secret"),
        events=tuple(event for each in node.items("events") if (event := _read_event(each, content_types))),
        label=node.text("label") or "",
        active=node.flag("active", default=True) and all_active,
        exposes_user=node.flag("exposeUserActor"),
        index=index,
    )


def _read_event(node: Node, content_types: Mapping[str, ContentType]) -> WebhookEvent | None:
    if isinstance(node.value, str):
        node.value = {"name": node.value}
    if not node.is_object():
        return None
    node.only("name", "conditions", "changeFilter")
    name = node.choice("name", (*DOCUMENT_EVENTS, *MEDIA_EVENTS), required=True)
    if name is None:
        return None
    if name in NEVER_SENT:
        node["name"].add_warning("this service never has such an event")
    if name in MEDIA_EVENTS:
        for key in ("conditions", "changeFilter"):
            if node.section(key).value:
                node[key].refuse_new("events of media library entries have no conditions")
        return WebhookEvent(name)
    conditions = node.section("conditions")
    conditions.only("contentTypes", "deliveryHandles", "metadataProperties")
    handles = conditions.texts("contentTypes")
    deliveries = conditions.texts("deliveryHandles")
    if deliveries is not None and name not in BUILD_EVENTS:
        conditions["deliveryHandles"].refuse_new(f"only events of builds have deliveries, {name} has none")
        deliveries = None
    for index, handle in enumerate(handles or ()):
        if handle not in content_types:
            conditions["contentTypes"][index].add_warning(f"there is no content type '{handle}'")
    meant = [each for handle, each in content_types.items() if handles is None or handle in handles]
    return WebhookEvent(
        name,
        None if handles is None else frozenset(handles),
        _read_values(conditions, meant),
        _read_change_filter(node, name, meant),
        None if deliveries is None else frozenset(deliveries),
    )


def _read_values(conditions: Node, content_types: Collection[ContentType]) -> tuple[tuple[str, Any], ...]:
    """`metadataProperties: [{name, value}]`: all must be equal, so only plain values are allowed."""
    values = []
    for node in conditions.objects("metadataProperties"):
        node.only("name", "value")
        name = node.text("name", required=True)
        if isinstance(node["value"].value, Mapping | list):
            node["value"].refuse_new("must be a plain value: a text, a number or a boolean")
        if name:
            _check_property(node["name"], name, content_types, plain=True)
            values.append((name, node["value"].value))
    return tuple(values)


def _read_change_filter(node: Node, event: str, content_types: Collection[ContentType]) -> frozenset[str] | None:
    change_filter = node.section("changeFilter")
    change_filter.only("metadataProperties")
    if not change_filter.value:
        return None
    if event != "document.update":
        node["changeFilter"].refuse_new(f"only document.update has a change filter, {event} has none")
        return None
    handles = change_filter.texts("metadataProperties")
    for index, handle in enumerate(handles or ()):
        _check_property(change_filter["metadataProperties"][index], handle, content_types, plain=False)
    return None if handles is None else frozenset(handles)


def _check_property(node: Node, name: str, content_types: Collection[ContentType], *, plain: bool) -> None:
    found = [each.metadata.properties[name] for each in content_types if name in each.metadata.properties]
    if not found:
        node.add_warning(f"there is no metadata property '{name}'")
    if plain and (others := {each.plugin for each in found} - PLAIN_PLUGINS):
        node.refuse_new(f"{', '.join(sorted(others))} has no plain values that could be equal to one")
