"""The receivers of a project: whether they answer, and whether they are switched off, so that deliveries are held.

An operator switches a receiver off, or the service itself one of a project's webhook that has only failed for five
days. Deliveries to it are queued as ever and held by the process that would send them: writing them costs an import
nothing more. A transaction locks a delivery before the row of its receiver.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from livingdocs_import.db.clock import from_now
from livingdocs_import.db.encrypted_field import StoredSecret
from livingdocs_import.egress.post import Posted
from livingdocs_import.errors import Failure, NotConfigured, PermanentFailure
from livingdocs_import.models import Project, ProjectReceiver, ReceiverDay, WebhookDelivery
from livingdocs_import.project_config import InvalidConfig, store, webhook_secrets
from livingdocs_import.webhooks.concurrency import receiver_name
from livingdocs_import.webhooks.lanes import lane_of
from livingdocs_import.webhooks.messages import TEST
from livingdocs_import.webhooks.retry_policy import is_delivered, is_refused
from livingdocs_import.work_queue.lease import lock_claimed

log = logging.getLogger(__name__)

SWITCHED_OFF_AFTER = timedelta(days=5)
MIN_FAILURES = 10  # attempts: two failures a quiet week apart prove nothing
State = WebhookDelivery.State
HELD: Mapping[str, Any] = {"state": State.HELD, "claimed": False, "due_at": None}


class NotSent(PermanentFailure):
    """Not to be sent any more: the webhook is gone, or inactive."""


def secret_for(delivery: WebhookDelivery) -> StoredSecret:
    """The secret that signs a delivery of a project's webhook by the present configuration; false for none.

    Raises NotSent if it must not be sent any more, NotConfigured if the configuration cannot be read.
    """
    try:
        webhook = store.readable(delivery.project).webhooks.find(delivery.webhook)
    except InvalidConfig as error:
        raise NotConfigured("not sent, for the project's configuration cannot be read") from error
    if webhook is None or not webhook.active:
        raise NotSent("not sent: the webhook is not active in the project's configuration any more")
    return webhook_secrets.named_by(delivery.project, webhook.secret)


def without_webhook(deliveries: Iterable[WebhookDelivery]) -> list[WebhookDelivery]:
    """Those of a webhook that is not active in its project's configuration: queued, they would be given up unsent.

    A configuration that cannot be read says nothing about its webhooks.
    """
    return [delivery for delivery in deliveries if delivery.webhook and not _is_active(delivery)]


def _is_active(delivery: WebhookDelivery) -> bool:
    try:
        secret_for(delivery)
    except NotSent:
        return False
    except NotConfigured:
        return True
    return True


# --- Off and on ------------------------------------------------------------------------------------------------------


def switched_off() -> Mapping[str, ProjectReceiver]:
    """The receivers that are switched off, by their lanes: few."""
    return {receiver.lane: receiver for receiver in _off()}


def _off() -> QuerySet[ProjectReceiver]:
    return ProjectReceiver.objects.filter(switched_off_at__isnull=False)


def holds(receiver: ProjectReceiver | None, delivery: WebhookDelivery) -> bool:
    """Whether a delivery to this receiver is held: not a test, nor the first attempt of one sent again since."""
    if receiver is None or receiver.switched_off_at is None or not receiver.is_off_for(delivery):
        return False
    asked_for = delivery.resent_at is not None and delivery.resent_at >= receiver.switched_off_at
    return delivery.subject != TEST and not (asked_for and delivery.attempts == delivery.attempts_before)


def _held_by(receiver: ProjectReceiver) -> Q:
    """The same as a condition: the pending deliveries that this receiver holds."""
    same_address = Q() if receiver.switched_off_by else Q(url=receiver.url)
    asked_for = Q(resent_at__gte=receiver.switched_off_at, attempts=F("attempts_before"))
    return Q(same_address, lane=receiver.lane, state=State.PENDING) & ~Q(subject=TEST) & ~asked_for


def hold_due(receivers: Iterable[ProjectReceiver]) -> int:
    """Hold what is due to receivers that are switched off; how many these are. One transaction for each receiver."""
    return sum(_hold(WebhookDelivery.objects.due(), each) for each in receivers)


def hold_claimed(deliveries: Sequence[WebhookDelivery]) -> list[WebhookDelivery]:
    """Hold deliveries that this process has claimed and must not send; inside a transaction.

    Returns those that it may send after all, as their receivers were switched on meanwhile.
    """
    keys = lock_claimed(WebhookDelivery, deliveries)
    lanes = {delivery.lane for delivery in deliveries}
    locked = {each.lane: each for each in _off().filter(lane__in=lanes).order_by("pk").select_for_update()}
    held = {delivery.pk for delivery in deliveries if holds(locked.get(delivery.lane), delivery)}
    WebhookDelivery.objects.filter(pk__in=keys & held).update(**HELD)
    return [delivery for delivery in deliveries if delivery.pk in keys - held]


def _hold(deliveries: QuerySet[WebhookDelivery], receiver: ProjectReceiver) -> int:
    """Hold those of these that the receiver holds, but none if it was switched on since its row was read."""
    with transaction.atomic():
        number = deliveries.filter(_held_by(receiver)).update(**HELD)
        same = _off().filter(pk=receiver.pk, switched_off_at=receiver.switched_off_at)
        if same.select_for_update().first() is None:
            transaction.set_rollback(True)
            return 0
    return number


def receiver_for(project_id: int, url: str, webhook: str) -> ProjectReceiver:
    """The receiver of these deliveries; its row is made if nothing was sent to it yet."""
    return _made(project_id, url, webhook, lane_of(project_id, url, webhook))


def _made(project_id: int, url: str, webhook: str, lane: str) -> ProjectReceiver:
    new = ProjectReceiver(project_id=project_id, lane=lane, name=receiver_name(url), webhook=webhook, url=url)
    ProjectReceiver.objects.bulk_create([new], ignore_conflicts=True)
    return ProjectReceiver.objects.select_related("project").get(lane=lane)


def switch_off(receiver: ProjectReceiver, *, by: str) -> bool:
    """Hold deliveries to it from now on, those that wait included; False if an operator has done so already.

    An attempt that is under way is finished. What is claimed meanwhile is held by the process that claimed it, which
    looks at the receiver after the claim: so two statements are enough, in this order, each committed.
    """
    on = ProjectReceiver.objects.filter(pk=receiver.pk, switched_off_by="")
    if not on.update(switched_off_at=from_now(), switched_off_by=by):
        return False
    receiver.refresh_from_db()
    if receiver.is_switched_off:
        _hold(WebhookDelivery.objects.filter(claimed=False), receiver)
    return True


def switch_on(receiver: ProjectReceiver) -> bool:
    """Send to the receiver again; False if it was not switched off. What is held is sent when an operator asks.

    Its row is kept as long as after an attempt.
    """
    fields = {"switched_off_at": None, "switched_off_by": "", "failing_since": None, "failures": 0}
    return bool(_off().filter(pk=receiver.pk).update(**fields, exhausted_at=None, last_attempt_at=from_now()))


# --- What an attempt says about a receiver ---------------------------------------------------------------------------


def note(delivery: WebhookDelivery, result: Posted | Failure, now: datetime, state: str) -> ProjectReceiver:
    """Record an attempt, after which the delivery has this state; inside a transaction. Returns the locked receiver."""
    receiver = _locked(delivery)
    receiver.remember(result.status if isinstance(result, Posted) else None)
    receiver.last_attempt_at = now
    if not receiver.webhook:
        receiver.url = delivery.url
    elif receiver.url != delivery.url and _is_configured(delivery):
        _begin_anew(receiver, delivery.url)
    if receiver.url == delivery.url:  # an address that was replaced says nothing about the present one
        _note_result(receiver, result, now, state)
    receiver.save()
    _count(receiver, now, result, state)
    return receiver


def _is_configured(delivery: WebhookDelivery) -> bool:
    """Whether a delivery of a project's webhook has the address that is configured now, not when it was claimed."""
    try:
        webhook = store.readable(Project.objects.get(pk=delivery.project_id)).webhooks.find(delivery.webhook)
    except InvalidConfig:
        return False
    return webhook is not None and webhook.url == delivery.url


def _begin_anew(receiver: ProjectReceiver, url: str) -> None:
    """Another address: the failures of the former one are not its own. What an operator switched off stays off."""
    receiver.url, receiver.failing_since, receiver.failures, receiver.exhausted_at = url, None, 0, None
    if not receiver.switched_off_by:
        receiver.switched_off_at = None


def _note_result(receiver: ProjectReceiver, result: Posted | Failure, now: datetime, state: str) -> None:
    if is_delivered(result):
        receiver.failing_since, receiver.failures, receiver.exhausted_at = None, 0, None
    else:
        _note_failure(receiver, now, exhausted=state == State.GIVEN_UP and not is_refused(result))


def _note_failure(receiver: ProjectReceiver, now: datetime, *, exhausted: bool) -> None:
    """`exhausted`: the delivery was given up because its time was over. Webhooks of jobs are neither exhausted nor
    switched off: each job names its own receiver.

    Only the first exhausted delivery since the last success is logged.
    """
    receiver.failing_since = receiver.failing_since or now
    receiver.failures += 1
    if not receiver.webhook:
        return
    if exhausted and receiver.exhausted_at is None:
        receiver.exhausted_at = now
        log.warning("webhook %s: exhausted: deliveries are given up, it has only failed for days", receiver)
    lasted = now - receiver.failing_since
    if receiver.switched_off_at is None and lasted >= SWITCHED_OFF_AFTER and receiver.failures >= MIN_FAILURES:
        receiver.switched_off_at = now
        log.error("webhook %s: switched off: it has only failed since %s", receiver, receiver.failing_since)


def _count(receiver: ProjectReceiver, now: datetime, result: Posted | Failure, state: str) -> None:
    answer = result if isinstance(result, Posted) else None
    more = {
        "delivered": int(state == State.DELIVERED),
        "given_up": int(state == State.GIVEN_UP),
        "answered": int(answer is not None),
        "milliseconds": answer.milliseconds if answer else 0,
    }
    if not any(more.values()):
        return
    today = ReceiverDay.objects.filter(receiver=receiver, day=now.date())
    if not today.update(**{name: F(name) + number for name, number in more.items()}):
        ReceiverDay.objects.create(receiver=receiver, day=now.date(), **more)  # the receiver is locked


def _locked(delivery: WebhookDelivery) -> ProjectReceiver:
    lane = delivery.lane or lane_of(delivery.project_id, delivery.url, delivery.webhook)
    mine = ProjectReceiver.objects.select_for_update().filter(lane=lane)
    while (receiver := mine.first()) is None:
        _made(delivery.project_id, delivery.url, delivery.webhook, lane)
    return receiver
