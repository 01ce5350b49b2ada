"""Report a project's events to its webhooks: one row per event and webhook, in the transaction of the change.

The code that writes a change calls `record`. For a project without webhooks that costs one look into the compiled
configuration: the events come as an iterator and are not even built.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain

from django.contrib.auth import get_user_model

from livingdocs_import import ids
from livingdocs_import.models import Project
from livingdocs_import.project_config import InvalidConfig, Subscription, Webhook, store
from livingdocs_import.webhooks import outbox
from livingdocs_import.webhooks.messages import TEST, USER, Event, EventActor, is_awaited, message


def awaited(project: Project) -> Mapping[str, tuple[Subscription, ...]]:
    """The subscriptions by the names of events; empty for most projects."""
    try:
        return store.readable(project).webhooks.subscriptions
    except InvalidConfig:  # an invalid configuration must not block changes
        return {}


def record(project: Project, events: Iterable[Event], *, actor: EventActor | None) -> None:
    """Queue a delivery for each webhook subscribed to one of these events; inside the transaction of the change."""
    if not (subscriptions := awaited(project)):
        return
    matching = (
        (event, subscription.webhook)
        for event in events
        for subscription in subscriptions.get(event.name, ())
        if is_awaited(event, subscription)
    )
    _queue(project, matching, actor)


def send_test(project: Project, webhook: Webhook, *, by: str) -> None:
    """Queue a test message, also to a receiver that is switched off."""
    _queue(project, iter([(Event(TEST, {}), webhook)]), EventActor(USER, by))


def _queue(project: Project, reported: Iterator[tuple[Event, Webhook]], actor: EventActor | None) -> None:
    if (first := next(reported, None)) is None:
        return
    actor, delivery_ids = _introduced(actor), ids.event_delivery_ids()

    def messages() -> Iterator[outbox.Message]:
        for event, webhook in chain([first], reported):
            delivery_id = next(delivery_ids)
            body = message(
                event,
                delivery_id=delivery_id,
                project_id=project.pk,
                project_handle=project.handle,
                webhook=webhook,
                actor=actor,
            )
            yield outbox.Message(delivery_id, webhook.handle, webhook.url, event.subject, body)

    outbox.queue(project, messages())


def _introduced(actor: EventActor | None) -> EventActor | None:
    """Add the full name and the e-mail address of a user."""
    if actor is None or actor.type != USER:
        return actor
    user = get_user_model().objects.filter(username=actor.name).only("first_name", "last_name", "email").first()
    return actor if user is None else replace(actor, name=user.get_full_name() or actor.name, email=user.email)
