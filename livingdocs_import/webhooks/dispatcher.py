"""Send the webhooks that are due: sign, post, record the attempt, plan the next (spec 7.1, 7.2; Q-24).

Delivery is at least once: a process that dies after the receiver's answer and before the commit sends again, with the
same id.
"""

import logging
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
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
from livingdocs_import.errors import Failure, NotConfigured, TransientFailure, UnreadableSecret
from livingdocs_import.models import WebhookAttempt, WebhookDelivery
from livingdocs_import.project_config import webhook_secrets
from livingdocs_import.webhooks import failing_receivers, lanes, operator_headers
from livingdocs_import.webhooks.concurrency import AddressBusy, AddressLimit, SlotKey, receiver_name
from livingdocs_import.webhooks.failing_receivers import NotSent, Receiver
from livingdocs_import.webhooks.lanes import lane_of
from livingdocs_import.webhooks.messages import TEST
from livingdocs_import.webhooks.receiver_speeds import KnownReceivers
from livingdocs_import.webhooks.retry_policy import (
    GIVE_UP_AFTER,
    GIVE_UP_EVENTS_AFTER,
    is_delivered,
    is_refused,
    plan_next,
)
from livingdocs_import.webhooks.signing import signatures
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
    """The outcome of an attempt, and how long it took."""

    outcome: Posted | Failure
    seconds: float


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
        now = clock.now()
        for delivery, signing in zip(claimed, _signings(claimed) if claimed else [], strict=True):
            under_way[self._threads.submit(self._attempt, delivery, signing, now)] = delivery
        return len(claimed)

    def _end(self, under_way: UnderWay) -> None:
        """Wait a moment for attempts to end, and record those that have."""
        done = wait(under_way, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED).done
        ended = [(under_way.pop(future), future.result()) for future in done]
        for delivery, result in ended:
            record(delivery, result.outcome)
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
        for lane, number in lanes.in_turn(lanes.due(), slots, in_lanes, free).items():
            waiting = WebhookDelivery.objects.due().exclude(SUSPECT).filter(lane=lane).order_by("due_at")
            chosen += waiting.values_list("pk", flat=True)[:number]
        queue = WebhookDelivery.objects.filter(pk__in=chosen).select_related("project").order_by("due_at")
        return queue.claim(free, lease=lease()) if chosen else []

    def _deliver_suspects(self) -> int:
        """Send a few deliveries during which processes were lost, one at a time, so that no other is lost with them."""
        made, until = 0, time.monotonic() + ALONE_SECONDS
        queue = WebhookDelivery.objects.filter(SUSPECT).select_related("project").order_by("due_at")
        while time.monotonic() < until and not shutdown.asked() and (claimed := queue.claim(1, lease=lease())):
            (delivery,) = claimed
            if delivery.losses >= MAX_LOSSES:
                _give_up_as_lost(delivery)
            else:
                (signing,) = _signings([delivery])
                result = self._attempt(delivery, signing, clock.now())
                record(delivery, result.outcome)
                self._learn([(delivery, result)])
                made += 1
        return made

    def _attempt(self, delivery: WebhookDelivery, signing: StoredSecret | Failure, now: datetime) -> AttemptResult:
        """Post it once, signed if there is a secret, as of `now`. Uses no database, so it may run in a thread."""
        started = time.monotonic()
        outcome: Posted | Failure
        try:
            outcome = signing if isinstance(signing, Failure) else self._post(delivery, signing, now)
        except Failure as failure:
            outcome = failure
        except Exception:
            # A bug that one delivery triggers must not fail the others.
            log.exception("webhook %s", delivery.delivery_id)
            outcome = TransientFailure("internal error")
        return AttemptResult(outcome, time.monotonic() - started)

    def _post(self, delivery: WebhookDelivery, secret: StoredSecret, now: datetime) -> Posted:
        body = delivery.body.encode()
        headers = _added(delivery.url)
        headers |= {"Content-Type": "application/json", "x-livingdocs-delivery": delivery.delivery_id}
        if secret:
            headers |= signatures(_revealed(secret), delivery.delivery_id, now, body)
        with self._addresses.webhook() as before_connecting:
            connector = Connector.from_settings(before_connecting=before_connecting, stop_deadline=shutdown.deadline)
            return post(delivery.url, body, headers, timeout=settings.WEBHOOK_TIMEOUT_SECONDS, connector=connector)

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


def _signings(deliveries: Sequence[WebhookDelivery]) -> list[StoredSecret | Failure]:
    """For each delivery the secret that signs it by the present configuration, or the reason why it is not sent."""
    projects = {delivery.project_id for delivery in deliveries if delivery.webhook}
    off = failing_receivers.switched_off(projects) if projects else frozenset[Receiver]()
    return [_signing(delivery, off) for delivery in deliveries]


def _signing(delivery: WebhookDelivery, off: Set[Receiver]) -> StoredSecret | Failure:
    if not delivery.webhook:
        return webhook_secrets.for_jobs(delivery.project)
    try:
        return failing_receivers.secret_for(delivery, off, is_test=delivery.subject == TEST)
    except Failure as failure:
        return failure


def _added(url: str) -> dict[str, str]:
    try:
        return operator_headers.headers_for(url, settings.WEBHOOK_HEADERS)
    except ValueError as error:
        raise NotConfigured(f"not sent: WEBHOOK_HEADERS {error}") from error


def _revealed(secret: StoredSecret) -> str:
    try:
        return secret.reveal()
    except UnreadableSecret as error:
        raise NotConfigured(f"not sent, for it could not be signed: {error}") from error


def record(delivery: WebhookDelivery, result: Posted | Failure) -> None:
    """Record the attempt, and end the delivery or plan the next one; does nothing if another worker took it over."""
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
        WebhookAttempt.objects.create(delivery=delivery, at=now, **_facts(result))
        give_up_after = GIVE_UP_EVENTS_AFTER if delivery.webhook else GIVE_UP_AFTER
        state, pause = plan_next(
            result, delivery.attempts + 1, age=now - delivery.created_at, give_up_after=give_up_after
        )
        fields = {"state": state, "attempts": delivery.attempts + 1, "losses": 0, "claimed": False}
        fields |= {"due_at": None, "ended_at": now}
        if state == State.PENDING:
            fields |= {"due_at": from_now(pause), "ended_at": None}
        WebhookDelivery.objects.filter(pk=delivery.pk).update(**fields)
        if delivery.webhook and not isinstance(result, NotConfigured | NotSent):
            _note_receiver(delivery, result, now, given_up=state == State.GIVEN_UP)


def _note_receiver(delivery: WebhookDelivery, result: Posted | Failure, now: datetime, *, given_up: bool) -> None:
    if is_delivered(result):
        failing_receivers.note_success(delivery)
    else:
        failing_receivers.note_failure(delivery, now, exhausted=given_up and not is_refused(result))


def _facts(result: Posted | Failure) -> dict[str, object]:
    if isinstance(result, Failure):
        return {"error": result.detail[:500]}
    return {"status": result.status, "milliseconds": result.milliseconds, "answer": result.answer}
