"""A project's events as messages to its webhooks: which webhook subscribes to one, and the message's body (spec 7.2).

Receivers parse a message and hash what they serialise again. So nothing in it may print differently in JavaScript: only
texts, whole numbers and lists of texts, and keys that are not numbers.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from livingdocs_import.project_config import Subscription, Webhook, WebhookEvent
from livingdocs_import.validation.json_types import JSON


@dataclass(frozen=True, slots=True)
class EventActor:
    """The actor of an event; an event caused by the passing of time has none."""

    type: str
    name: str = ""  # a user's is sent only to webhooks with `exposeUserActor`
    email: str = ""


IMPORTER = EventActor("importer", "Importer")
API_CLIENT, USER = "api-client", "user"
TEST = "test"  # the event that an operator sends to test a webhook


@dataclass(frozen=True, slots=True)
class Event:
    """An event. `about` identifies its object: `{"documentId": 12}`; `body` has further members of the message.

    The other fields are for the conditions of subscriptions.
    """

    name: str
    about: Mapping[str, str | int]
    body: Mapping[str, JSON] = field(default_factory=dict)
    content_type: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    changed: Set[str] = frozenset()  # metadata properties
    delivery: str = ""  # the handle of a built delivery

    @property
    def subject(self) -> str:
        return " ".join([self.name, *map(str, self.about.values())])


def is_awaited(event: Event, subscription: Subscription) -> bool:
    """Whether all conditions and the change filter of one subscribed spelling of the event hold."""
    return any(_holds(event, awaited) for awaited in subscription.events)


def _holds(event: Event, awaited: WebhookEvent) -> bool:
    return (
        (awaited.content_types is None or event.content_type in awaited.content_types)
        and (awaited.deliveries is None or event.delivery in awaited.deliveries)
        and (awaited.changed is None or not awaited.changed.isdisjoint(event.changed))
        and all(_is_equal(event.metadata.get(name), value) for name, value in awaited.metadata)
    )


def _is_equal(value: Any, wanted: Any) -> bool:
    """As in JSON, where true is not 1."""
    return isinstance(value, bool) is isinstance(wanted, bool) and bool(value == wanted)


def message(
    event: Event, *, delivery_id: str, project_id: int, project_handle: str, webhook: Webhook, actor: EventActor | None
) -> dict[str, JSON]:
    """The body, with its documented keys in their documented order."""
    body: dict[str, JSON] = {
        "event": event.name,
        "deliveryId": delivery_id,
        "projectId": project_id,
        "projectHandle": project_handle,
        "webhookHandle": webhook.handle,
        **event.about,
        **event.body,
    }
    if actor is not None:
        body["actor"] = _actor(actor, exposes_user=webhook.exposes_user)
    return body


def _actor(actor: EventActor, *, exposes_user: bool) -> JSON:
    if actor.type == USER and not exposes_user:
        return {"type": actor.type}
    identity: dict[str, JSON] = {"type": actor.type, "name": actor.name}
    return identity | {"email": actor.email} if actor.type == USER else identity
