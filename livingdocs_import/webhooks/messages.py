"""An event of a project as its webhooks are told of it: whether one waits for it, and what the message says (spec 7.2).

Receivers parse a message and hash what they serialise again. So nothing in it may print differently in JavaScript:
texts, whole numbers and lists of texts, and keys that are no numbers.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from livingdocs_import.project_config import Subscription, Webhook, WebhookEvent
from livingdocs_import.validation.json_types import JSON


@dataclass(frozen=True, slots=True)
class Actor:
    """Who has caused an event; there is none where time has."""

    type: str
    name: str = ""  # of a user it is told only to webhooks that may know it
    email: str = ""


IMPORTER = Actor("importer", "Importer")
API_CLIENT, USER = "api-client", "user"
TEST = "test"  # the event that an operator sends to try a webhook


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `about` is what it happened to: `{"documentId": 12}`; `body` is what is told besides.

    The rest is what conditions are judged by.
    """

    name: str
    about: Mapping[str, str | int]
    body: Mapping[str, JSON] = field(default_factory=dict)
    content_type: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    changed: Set[str] = frozenset()  # metadata properties
    delivery: str = ""  # the handle of a delivery that is built

    @property
    def subject(self) -> str:
        return " ".join([self.name, *map(str, self.about.values())])


def is_awaited(event: Event, subscription: Subscription) -> bool:
    """Whether all conditions hold, and the change filter, of one of the spellings under which it is waited for."""
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
    event: Event, *, delivery_id: str, project_id: int, project_handle: str, webhook: Webhook, actor: Actor | None
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
        body["actor"] = _told(actor, exposes_user=webhook.exposes_user)
    return body


def _told(actor: Actor, *, exposes_user: bool) -> JSON:
    if actor.type == USER and not exposes_user:
        return {"type": actor.type}
    told: dict[str, JSON] = {"type": actor.type, "name": actor.name}
    return told | {"email": actor.email} if actor.type == USER else told
