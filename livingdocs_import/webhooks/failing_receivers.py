"""Whether the receivers of a project's webhooks answer: one that has only failed for five days is switched off.

Webhooks of jobs have no such record: each job names its own receiver.
"""

import logging
from collections.abc import Iterable, Set
from datetime import datetime, timedelta
from typing import NamedTuple

from livingdocs_import.db.encrypted_field import StoredSecret
from livingdocs_import.errors import NotConfigured, PermanentFailure
from livingdocs_import.models import Project, ProjectWebhook, WebhookDelivery
from livingdocs_import.project_config import InvalidConfig, store, webhook_secrets

log = logging.getLogger(__name__)

SWITCHED_OFF_AFTER = timedelta(days=5)
MIN_FAILURES = 10  # attempts: two failures a quiet week apart prove nothing


class NotSent(PermanentFailure):
    """Not to be sent any more: the webhook is gone, inactive or switched off."""


class Receiver(NamedTuple):
    """A webhook of a project, with its present or former address."""

    project: int
    handle: str
    url: str


def switched_off(projects: Iterable[int]) -> frozenset[Receiver]:
    """The webhooks of these projects that are switched off."""
    off = ProjectWebhook.objects.filter(project__in=set(projects), switched_off_at__isnull=False)
    return frozenset(map(Receiver._make, off.values_list("project", "handle", "url")))


def secret_for(delivery: WebhookDelivery, off: Set[Receiver], *, is_test: bool) -> StoredSecret:
    """The secret that signs a delivery of a project's webhook by the present configuration; false for none.

    `off`: the receivers that are switched off. Raises NotSent if it must not be sent any more, NotConfigured if the
    configuration cannot be read.
    """
    try:
        webhook = store.readable(delivery.project).webhooks.find(delivery.webhook)
    except InvalidConfig as error:
        raise NotConfigured("not sent, for the project's configuration cannot be read") from error
    if webhook is None or not webhook.active:
        raise NotSent("not sent: the webhook is not active in the project's configuration any more")
    if not is_test and Receiver(delivery.project_id, delivery.webhook, delivery.url) in off:
        raise NotSent("not sent: the receiver is switched off")
    return webhook_secrets.named_by(delivery.project, webhook.secret)


def note_success(delivery: WebhookDelivery) -> None:
    """Record a success, which ends a series of failures. Only an operator switches a receiver on again."""
    mine = ProjectWebhook.objects.filter(project=delivery.project_id, handle=delivery.webhook, url=delivery.url)
    mine.filter(failing_since__isnull=False).update(failing_since=None, failures=0, exhausted_at=None)


def note_failure(delivery: WebhookDelivery, now: datetime, *, exhausted: bool) -> None:
    """Record a failed attempt; inside a transaction. `exhausted`: the delivery was given up because its time was over.

    Only the first exhausted delivery since the last success is logged.
    """
    state = _locked(delivery)
    if state.url != delivery.url:
        state.url, state.failing_since, state.failures = delivery.url, None, 0
        state.exhausted_at = state.switched_off_at = None
    state.failing_since = state.failing_since or now
    state.failures += 1
    if exhausted and state.exhausted_at is None:
        state.exhausted_at = now
        log.warning("webhook %s: exhausted: deliveries are given up, it has only failed for days", state)
    lasted = now - state.failing_since
    if state.switched_off_at is None and lasted >= SWITCHED_OFF_AFTER and state.failures >= MIN_FAILURES:
        state.switched_off_at = now
        log.error("webhook %s: switched off: it has only failed since %s", state, state.failing_since)
    state.save()


def _locked(delivery: WebhookDelivery) -> ProjectWebhook:
    mine = ProjectWebhook.objects.filter(project=delivery.project_id, handle=delivery.webhook)
    while (state := mine.select_for_update().first()) is None:
        new = ProjectWebhook(project_id=delivery.project_id, handle=delivery.webhook, url=delivery.url)
        ProjectWebhook.objects.bulk_create([new], ignore_conflicts=True)
    return state


def switch_on(project: Project, handle: str) -> bool:
    """Send to the receiver again; False if it was not switched off."""
    off = ProjectWebhook.objects.filter(project=project, handle=handle, switched_off_at__isnull=False)
    return bool(off.update(switched_off_at=None, failing_since=None, failures=0, exhausted_at=None))
