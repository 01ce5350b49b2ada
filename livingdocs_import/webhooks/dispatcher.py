"""Send the webhooks that are due: sign, post, record the attempt, plan the next (spec 7.1, 7.2; Q-24).

Delivery is at least once: a process that dies after the receiver's answer and before the commit sends again, with the
same id.
"""

import logging
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from livingdocs_import.db import clock
from livingdocs_import.db.clock import from_now
from livingdocs_import.db.encrypted_field import StoredSecret
from livingdocs_import.egress.connection import Connector
from livingdocs_import.egress.post import Posted, post
from livingdocs_import.errors import Failure, NotConfigured, TransientFailure
from livingdocs_import.models import WebhookAttempt, WebhookDelivery
from livingdocs_import.project_config import webhook_secrets
from livingdocs_import.webhooks import lanes, receivers, request_headers
from livingdocs_import.webhooks.concurrency import AddressBusy, AddressLimit, SlotKey, receiver_name
from livingdocs_import.webhooks.lanes import lane_of
from livingdocs_import.webhooks.receiver_speeds import KnownReceivers
from livingdocs_import.webhooks.receivers import NotSent
from livingdocs_import.webhooks.request_headers import MaskedHeaders, RequestHeaders
from livingdocs_import.webhooks.retry_policy import (
    GIVE_UP_AFTER,
    GIVE_UP_EVENTS_AFTER,
    plan_next,
)
from livingdocs_import.work_queue import shutdown
from livingdocs_import.work_queue.activity import Doing, activity
from livingdocs_import.work_queue.lease import lock_claimed, release

log = logging.getLogger(__name__)

THREADS = 40  # attempts under way in one process: they spend nearly all of their time waiting
EACH = 4  # of them for one quick receiver
UNPROVEN = 28  # of them for all receivers not known to be quick; the other twelve are for quick ones
UNPROVEN_OF_PROJECT = 20  # of those for one project
SLOW = 16  # no further attempt to a hanging receiver begins while this many are under way
PER_ADDRESS = 16  # of them to one resolved address
ADDRESS_PAUSE = timedelta(seconds=5)  # pause of a delivery that found its address busy
TIME_SLICE_SECONDS = 5.0  # then the task ends and frees the process for other work
POLL_SECONDS = 0.25  # seconds: newly due deliveries need not wait for hanging ones
LEASE = timedelta(seconds=60)
MAX_LOSSES = 3  # processes lost in a row during a delivery
ALONE_SECONDS = 1.0  # of a time slice for deliveries that are sent alone, not counting the last one
State = WebhookDelivery.State
# Two processes were lost during it: it is sent alone, to find out whether it is the cause.
SUSPECT = Q(losses__gte=MAX_LOSSES - 1) | Q(claimed=True, losses=MAX_LOSSES - 2)


@dataclass(frozen=True)
class AttemptResult:
    """The outcome of an attempt, how long it took, and the request's headers with secrets masked."""

    outcome: Posted | Failure
    seconds: float
    sent: MaskedHeaders | None = None


UnderWay = dict[Future[AttemptResult], WebhookDelivery]


class TimeSlice:
    """When deliveries are begun: for some seconds, and after that only while older attempts are still under way."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._poll_at = 0.0
        self._last: set[Future[AttemptResult]] | None = None  # the attempts under way when the time was over

    @property
    def over(self) -> bool:
        return self._last is not None

    def may_poll(self, under_way: UnderWay) -> bool:
        """Whether to look for due deliveries now."""
        is_time = not under_way or time.monotonic() >= self._poll_at
        return is_time and (self._last is None or bool(self._last & under_way.keys()))

    @contextmanager
    def polling(self) -> Iterator[None]:
        """Polling a long queue after each answer is expensive: it may take a fifth of the time."""
        started = time.monotonic()
        yield
        self._poll_at = time.monotonic() + 4 * (time.monotonic() - started)

    def note(self, under_way: UnderWay) -> None:
        """Remember what is under way when the time is over."""
        if self._last is None and time.monotonic() >= self._until:
            self._last = set(under_way)


class Dispatcher:
    """The receivers' speeds, and the attempts under way, of one process. `deliver_due` is for one thread at a time."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhooks")
        self._receivers = KnownReceivers(
            each=EACH, slow=SLOW, unproven=UNPROVEN, unproven_of_project=UNPROVEN_OF_PROJECT
        )
        self._addresses = AddressLimit(PER_ADDRESS)
        self._number = 0  # of attempts under way
        activity().watch("webhooks", self.doing)

    def doing(self) -> Doing | None:
        """What this process sends at the moment; for another thread."""
        number = self._number
        return Doing(f"sends {number} webhook{'' if number == 1 else 's'}") if number else None

    def deliver_due(self, *, seconds: float = TIME_SLICE_SECONDS) -> int:
        """Send due deliveries for about `seconds`; returns the number of attempts.

        When the time is over, only deliveries to quick receivers are begun, and only while older attempts are still
        under way.
        """
        made = self._deliver_suspects()
        time_slice = TimeSlice(seconds)
        under_way: UnderWay = {}
        while True:
            if time_slice.may_poll(under_way) and not shutdown.asked():
                made += self._begin(under_way, time_slice)
            self._number = len(under_way)
            if not under_way:
                return made
            self._end(under_way)
            time_slice.note(under_way)

    def _begin(self, under_way: UnderWay, time_slice: TimeSlice) -> int:
        """Claim what there is room for and start its attempts; returns their number."""
        with time_slice.polling():
            claimed = self.claim(under_way.values(), quick_only=time_slice.over)
            sendable = _not_held(claimed)
        now = clock.now()
        for delivery in sendable:
            under_way[self._threads.submit(self._attempt, delivery, _signing(delivery), now)] = delivery
        return len(sendable)

    def _end(self, under_way: UnderWay) -> None:
        """Wait a moment for attempts to end, and record those that have."""
        done = wait(under_way, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED).done
        ended = [(under_way.pop(future), future.result()) for future in done]
        for delivery, result in ended:
            record(delivery, result.outcome, sent=result.sent)
        activity().ended(len(ended))
        self._learn(ended)

    def claim(self, under_way: Collection[WebhookDelivery], *, quick_only: bool) -> Sequence[WebhookDelivery]:
        """As many due deliveries as there is room for beside those under way (see concurrency.py)."""
        free = THREADS - len(under_way)
        if not free:
            return []
        self._receivers.refresh()
        busy = [SlotKey(receiver_name(delivery.url), delivery.project_id) for delivery in under_way]
        slots = self._receivers.slots(busy, quick_only=quick_only)
        in_lanes = Counter(lane_of(one.project_id, one.url, one.webhook) for one in under_way)
        chosen: list[int] = []
        for lane, number in lanes.in_turn(_due_lanes(), slots, in_lanes, free).items():
            waiting = WebhookDelivery.objects.due().exclude(SUSPECT).filter(lane=lane).order_by("due_at")
            chosen += waiting.values_list("pk", flat=True)[:number]
        queue = WebhookDelivery.objects.filter(pk__in=chosen).select_related("project").order_by("due_at")
        return queue.claim(free, lease=lease()) if chosen else []

    def _deliver_suspects(self) -> int:
        """Send a few deliveries during which processes were lost, one at a time, so that no other is lost with them."""
        made, until = 0, time.monotonic() + ALONE_SECONDS
        queue = WebhookDelivery.objects.filter(SUSPECT).select_related("project").order_by("due_at")
        while time.monotonic() < until and not shutdown.asked() and (claimed := queue.claim(1, lease=lease())):
            for delivery in _not_held(claimed):
                if delivery.losses >= MAX_LOSSES:
                    _give_up_as_lost(delivery)
                else:
                    result = self._attempt(delivery, _signing(delivery), clock.now())
                    record(delivery, result.outcome, sent=result.sent)
                    self._learn([(delivery, result)])
                    made += 1
        return made

    def _attempt(self, delivery: WebhookDelivery, signing: StoredSecret | Failure, now: datetime) -> AttemptResult:
        """Post it once, signed if there is a secret, as of `now`. Uses no database, so it may run in a thread."""
        if isinstance(signing, Failure):
            return AttemptResult(signing, 0.0)
        started = time.monotonic()
        outcome: Posted | Failure
        sent = None
        try:
            headers = request_headers.build(delivery, signing, now)
            sent = headers.masked
            outcome = self._post(delivery, headers)
        except Failure as failure:
            outcome = failure
        except Exception:
            # A bug that one delivery triggers must not fail the others.
            log.exception("webhook %s", delivery.delivery_id)
            outcome = TransientFailure("internal error")
        return AttemptResult(outcome, time.monotonic() - started, sent)

    def _post(self, delivery: WebhookDelivery, headers: RequestHeaders) -> Posted:
        with self._addresses.webhook() as before_connecting:
            connector = Connector.from_settings(before_connecting=before_connecting, stop_deadline=shutdown.deadline)
            return post(
                delivery.url,
                delivery.body.encode(),
                headers.values,
                timeout=settings.WEBHOOK_TIMEOUT_SECONDS,
                connector=connector,
                secrets=headers.secrets,
            )

    def _learn(self, ended: Iterable[tuple[WebhookDelivery, AttemptResult]]) -> None:
        """Record the receivers' speeds, and share changes with the other processes."""
        # Failures of our own say nothing about a receiver.
        own_failures = (AddressBusy, NotConfigured, NotSent) if not shutdown.too_late() else Failure
        asked = [
            (receiver_name(delivery.url), result.seconds)
            for delivery, result in ended
            if not isinstance(result.outcome, own_failures)
        ]
        if news := [receiver for receiver, seconds in asked if self._receivers.took(receiver, seconds)]:
            self._receivers.share(news)


def _give_up_as_lost(delivery: WebhookDelivery) -> None:
    """End a delivery during which too many processes were lost, and say so in the list of its attempts."""
    note = f"not tried again: {delivery.losses} processes were lost while sending it; the receiver may have got it"
    log.error("webhook %s: %s", delivery.delivery_id, note)
    now = clock.now()
    with transaction.atomic():
        if lock_claimed(WebhookDelivery, [delivery]):
            WebhookAttempt.objects.create(delivery=delivery, at=now, error=note)
            fields = {"state": State.GIVEN_UP, "claimed": False, "due_at": None, "ended_at": now}
            WebhookDelivery.objects.filter(pk=delivery.pk).update(**fields)


def anything_due() -> bool:
    """Whether a time slice ended before the queue did."""
    return WebhookDelivery.objects.due().exists()


def lease() -> timedelta:
    """How long an attempt may take. It is never renewed: an attempt is bounded, and none waits for a thread."""
    return max(LEASE, timedelta(seconds=3 * settings.WEBHOOK_TIMEOUT_SECONDS))


def _due_lanes() -> list[tuple[datetime, str]]:
    """The lanes with due messages; what is due to receivers that are switched off is held first."""
    due = lanes.due()
    off = receivers.switched_off() if due else {}
    if not any(lane in off for _, lane in due):
        return due
    receivers.hold_due(off[lane] for _, lane in due if lane in off)
    return lanes.due()


def _not_held(claimed: Sequence[WebhookDelivery]) -> list[WebhookDelivery]:
    """The deliveries that may be sent. Receivers are looked at after the claim: one may just have been switched off."""
    off = receivers.switched_off() if claimed else {}
    held = [delivery for delivery in claimed if receivers.holds(off.get(delivery.lane), delivery)]
    sendable = [delivery for delivery in claimed if delivery not in held]
    if held:
        with transaction.atomic():
            sendable += receivers.hold_claimed(held)
    return sendable


def _signing(delivery: WebhookDelivery) -> StoredSecret | Failure:
    """The secret that signs it by the present configuration, or the reason why it is not sent."""
    if not delivery.webhook:
        return webhook_secrets.for_jobs(delivery.project)
    try:
        return receivers.secret_for(delivery)
    except Failure as failure:
        return failure


def record(delivery: WebhookDelivery, result: Posted | Failure, *, sent: MaskedHeaders | None = None) -> None:
    """Record the attempt, and end the delivery or plan the next one; does nothing if another worker took it over.

    `sent`: the request's headers, secrets masked.
    """
    now = clock.now()
    if isinstance(result, AddressBusy):
        release(WebhookDelivery, [delivery], after=ADDRESS_PAUSE)
        return
    if isinstance(result, Failure) and result.transient and shutdown.too_late():
        release(WebhookDelivery, [delivery])  # this process closed the connection
        return
    with transaction.atomic():
        if not lock_claimed(WebhookDelivery, [delivery]):
            return
        WebhookAttempt.objects.create(delivery=delivery, at=now, request_headers=sent, **_facts(result))
        delivery.attempts += 1
        state, pause = _next(delivery, result, now)
        if not isinstance(result, NotConfigured | NotSent):
            receiver = receivers.note(delivery, result, now, state)
            if state == State.PENDING and receivers.holds(receiver, delivery):
                state = State.HELD
        fields = {"state": state, "attempts": delivery.attempts, "losses": 0, "claimed": False}
        fields |= {"due_at": None, "ended_at": None if state == State.HELD else now}
        if state == State.PENDING:
            fields |= {"due_at": from_now(pause), "ended_at": None}
        WebhookDelivery.objects.filter(pk=delivery.pk).update(**fields)


def _next(delivery: WebhookDelivery, result: Posted | Failure, now: datetime) -> tuple[str, timedelta]:
    """The state after this attempt, and the pause before the next one, by the attempts since it was last queued."""
    return plan_next(
        result,
        delivery.attempts - delivery.attempts_before,
        age=now - (delivery.resent_at or delivery.created_at),
        give_up_after=GIVE_UP_EVENTS_AFTER if delivery.webhook else GIVE_UP_AFTER,
    )


def _facts(result: Posted | Failure) -> dict[str, object]:
    if isinstance(result, Failure):
        return {"error": result.detail[:500]}
    return {
        "status": result.status,
        "milliseconds": result.milliseconds,
        "answer": result.answer,
        "response_headers": result.headers,
    }
