"""One process's part of the work: a window of downloads, chunks of documents, and what is ready written in batches.

A slow download occupies one place and no more; whatever is ready is written after a moment, one transaction a job.
Network and files are the threads' business, the database is the loop's, which decides what to take next, gives back
what has to wait, and writes down what has ended. A worker is used by one thread at a time.
"""

import logging
import queue
import time
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import Error, connection, reset_queries

from imports import claiming, closing, completion, handlers, retry_policy
from imports.attempt_refunds import PATIENCE, Refunds, is_outage
from imports.brakes import Brakes
from imports.claiming import HostPlaces, OpenJobs
from imports.fair_choice import OpenJob, Places, Shares, in_order
from imports.handlers import CONTENT, DOWNLOADS, PreparedDocument, PreparedMedia
from imports.handlers.base import ContentHandler, ItemHandler
from imports.handlers.temporary_files import bytes_in_flight
from imports.host_requests import circuit_of, facts_of, note_silence
from imports.local_disk import LocalDisk
from imports.models import ImportItem, ImportJob
from imports.no_room import remembered, seconds_without_room
from livingdocs_import import configurations, stopping
from livingdocs_import.egress.circuits import Circuits
from livingdocs_import.egress.endpoints import endpoint_of
from livingdocs_import.egress.host_limits import HostLimits, HostUnavailable, host_key
from livingdocs_import.egress.outages import NetworkWatch, Outages, Part
from livingdocs_import.errors import Failure, PermanentFailure
from livingdocs_import.fetching import Fetcher
from livingdocs_import.project_config import InvalidConfig, ProjectConfig
from livingdocs_import.work import Leases, give_back

log = logging.getLogger(__name__)

TIME_SLICE_SECONDS = 5.0  # how long one message makes a worker claim
QUICK_ONLY_SECONDS = 60.0  # how long what is quick is still claimed while slow downloads need to end
WRITE_AFTER = 0.05  # seconds that what is ready waits for company …
WRITE_AFTER_AT_MOST = 0.5  # … and where the same job has more on the way
BUSY_SECONDS = 0.5  # a download that has begun so lately may still need the processor …
MAX_CIRCUITS = 8  # that one look at a job considers
COLLECT_EVERY = 0.01  # seconds
MAX_BUSY = 9  # … and more of them only take it from each other
FEW = 4  # downloads of a job that are under way: with more of them, what is ready waits for company …
CLAIM_EVERY = 0.05  # … and so many seconds lie between two claims
IDLE_SECONDS = 0.1  # between two looks for work while downloads are waited for
EXPECTED_SECONDS = 10.0  # a next try that is due so soon is waited for by this process …
LATE_SECONDS = 0.5  # … and may be so late
FIRST_CLAIM = 8  # items; a claim is twice as large as the one before it if that was used up within …
USED_UP_QUICKLY = 1.0  # … so many seconds, and half as large if it lasted …
USED_UP_SLOWLY = 4.0  # … longer than so many


class WorkerLost(PermanentFailure):
    """Whoever worked on the item never came back, several times."""

    cause = "worker-lost"

    def __init__(self) -> None:
        super().__init__(f"the worker was lost {retry_policy.MAX_LOSSES} times while working on this item")


@dataclass
class Task:
    """A claimed item on its way."""

    job: OpenJob
    loaded: ImportJob
    config: ProjectConfig
    prepared: PreparedMedia
    endpoint: str
    key: int
    begun: float = 0.0  # monotonic seconds


@dataclass
class InHand:
    """What this process holds of one job."""

    job: OpenJob
    loaded: ImportJob
    waiting: deque[Task] = field(default_factory=deque)  # claimed, not begun
    under_way: int = 0
    ready: list[PreparedMedia] = field(default_factory=list)  # to be written
    ready_since: float = 0.0
    claim_size: int = FIRST_CLAIM
    claimed_at: float = 0.0


class Worker:
    """The state of one process, kept from one time slice to the next."""

    def __init__(self) -> None:
        self.limits = HostLimits()
        self.circuits = Circuits(self.limits)
        self.outages = Outages(give_up_after=timedelta(seconds=settings.OUTAGE_GIVE_UP_SECONDS))
        self.network = NetworkWatch()
        self.brakes = Brakes()
        self.disk = LocalDisk(settings.DATA_DIR / "tmp", settings.IMPORT_MIN_FREE_BYTES)
        self.fetcher = Fetcher.from_settings(self.limits)
        self.refunds = Refunds()
        self.jobs = OpenJobs()
        self.shares = Shares()
        self.leases = Leases(ImportItem, timedelta(seconds=settings.IMPORT_LEASE_SECONDS))
        self.policy = retry_policy.Policy(
            pauses=tuple(settings.IMPORT_RETRY_SECONDS),
            dead_host_seconds=settings.IMPORT_DEAD_HOST_SECONDS,
            patience=settings.IMPORT_HOST_PATIENCE_SECONDS,
            give_up_after=settings.OUTAGE_GIVE_UP_SECONDS,
        )
        self._threads: ThreadPoolExecutor | None = None
        self._finished: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self._hand: dict[int, InHand] = {}
        self._under_way: dict[int, Task] = {}  # by item
        self._at_host: Counter[int] = Counter()  # claimed or under way, by host
        self._begun_at: Counter[int] = Counter()  # under way, by host
        self._suspect_at = 0.0  # monotonic seconds: when to look for items whose worker was lost …
        self._learn_at = 0.0  # … and for what is known of hosts
        self._stored_at = 0.0  # monotonic seconds: when the storage last took a file
        self._named: set[int] = set()  # jobs of which it is known that their items name their hosts
        self._places = Places(settings.IMPORT_WINDOW)
        self._outage_since: float | None = None  # monotonic seconds; None: the database is there
        self._expected_until = 0.0  # monotonic seconds: until then something that was let go of comes back

    # --- The loop ----------------------------------------------------------------------------------------------------

    def run(self, *, seconds: float = TIME_SLICE_SECONDS) -> bool:
        """Claim and carry out for about so long, and end what was begun; True when somebody should go on."""
        with self.leases.renewed():
            return self._slice(seconds)

    def run_until_idle(self) -> bool:
        """Carry out everything that is due now; whether there was anything."""
        with self.leases.renewed():
            return self._slice(None)

    def _slice(self, seconds: float | None) -> bool:
        started = time.monotonic()
        worked = False
        claiming_ends = None if seconds is None else started + seconds
        rest: set[int] | None = None  # the items under way when the time was over; None: it is not
        self.jobs.look_again()
        self._suspect_at = 0.0
        owed = True
        while True:
            now = time.monotonic()
            if rest is None and (stopping.asked() or (claiming_ends is not None and now >= claiming_ends)):
                rest = set(self._under_way)
            slow_ones_left = rest is not None and bool(rest & self._under_way.keys())
            try:
                if owed:
                    self.refunds.pay()
                    owed = False
                if rest is None:
                    progress = self.step()
                elif slow_ones_left and now < started + QUICK_ONLY_SECONDS and not stopping.asked():
                    progress = self.step(quick_only=True)
                else:
                    if stopping.asked() or now >= started + QUICK_ONLY_SECONDS:
                        self._release_waiting()
                    progress = self.step(claim=False)
            except Error as error:
                self._survive(error)
                continue
            except Exception:
                # A fault of ours: what is in hand is left to its leases, and comes back alone.
                self._drop_all()
                raise
            self._outage_since = None
            worked |= progress
            if self._hand:
                if not progress:
                    self._wait()
                continue
            if left := self.leases.rows():  # nobody has these in hand
                self.leases.remove(left)
                self.refunds.owe(left)
                owed = True
            if rest is not None:
                return stopping.asked() or self._more_soon()
            if not progress and self.jobs.are_fresh:
                if claiming_ends is None:
                    return worked
                if not self._more_soon():
                    return False
                time.sleep(IDLE_SECONDS)
            elif not progress:
                self.jobs.look_again()

    def step(self, *, claim: bool = True, quick_only: bool = False) -> bool:
        """One round: take in what has ended, write what is ready, claim what there are places for.

        Whether anything was done. Items whose worker was lost are done when there is nothing else in hand.
        """
        reset_queries()
        now = time.monotonic()
        progress = False
        if claim and not quick_only and not self._hand and now >= self._suspect_at:
            progress = self._suspect()
            self._suspect_at = 0.0 if progress else now + IDLE_SECONDS
        progress |= self._collect()
        if now >= self._learn_at:
            self._learn()
            self._learn_at = now + IDLE_SECONDS
        progress |= self._claim(quick_only=quick_only) if claim else self._begin_waiting()
        return progress | self._write()

    def _wait(self) -> None:
        """Until a download has ended, something ready has waited long enough, or it is time to look for work."""
        pause = self._pause()
        try:
            first = self._finished.get(timeout=pause)
        except queue.Empty:
            return
        time.sleep(min(pause, COLLECT_EVERY))  # and those that end meanwhile are taken in with it
        self._finished.put(first)

    def _pause(self) -> float:
        due = [hand.ready_since + self._patience(hand) for hand in self._hand.values() if hand.ready]
        busy = [task.begun + BUSY_SECONDS for task in self._under_way.values()]
        now = time.monotonic()
        soonest = min((moment - now for moment in [*due, *busy] if moment > now), default=IDLE_SECONDS)
        return min(max(soonest, 0.001), IDLE_SECONDS)

    def _more_soon(self) -> bool:
        """Whether there is work that has to wait a little: for a host, a part of our own, or its next try."""
        return time.monotonic() < self._expected_until or self.jobs.any()

    def _survive(self, error: Error) -> None:
        """The database did not take something. What is in hand stays there while it is away for a moment."""
        if not is_outage(error):
            self._drop_all()
            raise error
        log.warning("the database is away: %s", error)
        if self._outage_since is None:
            self._outage_since = time.monotonic()
        connection.close()  # one that was opened while the database took no writes may take none for ever
        try:
            if time.monotonic() - self._outage_since > PATIENCE:
                raise error
            self.refunds.wait_for_database(self._outage_since)
        except Error:
            self.refunds.owe(self.leases.rows())
            self._drop_all()
            raise

    # --- Ending ------------------------------------------------------------------------------------------------------

    def _collect(self) -> bool:
        """Take in the downloads that have ended."""
        found = False
        while True:
            try:
                task = self._finished.get_nowait()
            except queue.Empty:
                return found
            found = True
            if self._under_way.get(task.prepared.item.pk) is task:  # else everything was dropped meanwhile
                try:
                    self._sort(task)
                except Error:
                    self._finished.put(task)  # to be sorted when the database is back
                    raise
                self._leave(task)

    def _leave(self, task: Task) -> None:
        """The download holds no place any more."""
        del self._under_way[task.prepared.item.pk]
        self._places.leave(task.job)
        self._at_host[task.key] -= 1
        self._begun_at[task.key] -= 1
        self._hand[task.job.pk].under_way -= 1
        self._forget(task.job.pk, [])

    def _sort(self, task: Task) -> None:
        """Give back what comes again, and lay by what has ended."""
        one = task.prepared
        if one.stored:
            self._stored_at = time.monotonic()
            self.outages.ends(Part.STORAGE)
        if one.failure is None:
            if one.arrival is None:
                self._let_go(task)
            else:
                self._lay_by(task)
            return
        failure = one.failure
        key = host_key(failure.endpoint) if failure.endpoint else task.key
        alone = failure.cause == "storage" and self._stored_at > task.begun
        if not alone:  # else the storage is there, and does not take this one
            self._note(task, failure, key)
        decision = retry_policy.decide(
            failure,
            attempts=one.item.attempts,
            host=facts_of(self.circuits, task.loaded, key),
            policy=self.policy,
            waits_for=frozenset(part for part, worth in self.outages.away.items() if worth and not alone),
            alone=alone,
            no_room_for=seconds_without_room(one.item),
        )
        match decision:
            case retry_policy.Retry(after, counted, no_room):
                self._let_go(task, after=after, counted=counted, no_room_since=remembered(no_room=no_room))
            case retry_policy.Wait():
                self._let_go(task)
            case retry_policy.End(cause):
                if cause:
                    one.failure = HostUnavailable()
                    one.failure.parameter = failure.endpoint or task.endpoint
                self._lay_by(task)

    def _note(self, task: Task, failure: Failure, key: int) -> None:
        """Remember for all processes what this failure says about the host, or about a part of our own."""
        if failure.cause == "storage":
            self.outages.begins(Part.STORAGE, failure.detail)
        elif failure.cause == "disk-full":
            self.disk.was_full()
        elif failure.cause in retry_policy.SILENT:
            self._learn()
            note_silence(self.circuits, task.loaded, key, seconds_ago=time.monotonic() - task.begun)

    def _learn(self) -> None:
        """Share what requests have met, and take in what others met."""
        silences = self.circuits.sync()
        away = self.network.is_away(silences, self.limits.last_answer_at, was_away=Part.NETWORK in self.outages.away)
        if away and Part.NETWORK not in self.outages.away:
            self.outages.begins(Part.NETWORK, "no host answers")
        elif not away and Part.NETWORK in self.outages.away:
            self.outages.ends(Part.NETWORK)
        self.outages.look()

    def _let_go(self, task: Task, *, after: float = 0.0, counted: bool = False, **fields: Any) -> None:
        give_back(ImportItem, [task.prepared.item], after=timedelta(seconds=after), counted=counted, **fields)
        if after <= EXPECTED_SECONDS:
            self._expected_until = max(self._expected_until, time.monotonic() + after + LATE_SECONDS)
        self._forget(task.job.pk, [task.prepared.item])
        self.jobs.look_again()

    def _lay_by(self, task: Task) -> None:
        hand = self._hand[task.job.pk]
        if not hand.ready:
            hand.ready_since = time.monotonic()
        hand.ready.append(task.prepared)

    def _forget(self, job: int, items: Sequence[ImportItem]) -> None:
        self.leases.remove(items)
        hand = self._hand.get(job)
        if hand is not None and not (hand.waiting or hand.under_way or hand.ready):
            del self._hand[job]

    def _write(self) -> bool:
        """Write what is ready and has waited long enough for company."""
        now, wrote = time.monotonic(), False
        for hand in list(self._hand.values()):
            if hand.ready and now - hand.ready_since >= self._patience(hand):
                self._write_down(hand.job, hand.loaded, DOWNLOADS[hand.job.kind], hand.ready)
                wrote = True
        return wrote

    def _patience(self, hand: InHand) -> float:
        """How long what is ready of a job waits for more of it."""
        if not (hand.waiting or hand.under_way) or len(hand.ready) >= settings.IMPORT_CHUNK:
            return 0.0
        return WRITE_AFTER_AT_MOST if hand.waiting or hand.under_way >= FEW else WRITE_AFTER

    def _write_down(
        self, job: OpenJob, loaded: ImportJob, handler: ItemHandler[PreparedMedia], ready: list[PreparedMedia]
    ) -> None:
        items = [one.item for one in ready]
        try:
            completion.complete(loaded, handler, ready)
        except Error as error:
            if is_outage(error):
                # Those that were met by too many outages may cause them: they are left to their leases.
                culprits = {item.pk for item in self.refunds.blame_outage(error, items)}
                ready[:] = [one for one in ready if one.item.pk not in culprits]
                self._forget(job.pk, [item for item in items if item.pk in culprits])
            raise
        ready.clear()
        self._forget(job.pk, items)
        self.jobs.changed(job.pk)

    # --- Claiming ----------------------------------------------------------------------------------------------------

    def _claim(self, *, quick_only: bool) -> bool:
        began = self._begin_waiting()
        jobs = self.jobs.all()
        if not jobs:
            return began
        downloads = [job for job in jobs if job.kind in DOWNLOADS and not self._has_waiting(job)]
        if downloads and self._places.free and self.disk.has_room():
            began |= self._claim_downloads(downloads, quick_only=quick_only)
        content = [job for job in jobs if job.kind in CONTENT]
        if content:
            held = self.shares.held(job.project for job in content)
            began |= self._do_content(in_order(content, held)[0])
        return began

    def _claim_downloads(self, jobs: list[OpenJob], *, quick_only: bool) -> bool:
        if self._busy() >= MAX_BUSY:
            return False
        part = self.outages.waits_for([Part.STORAGE, Part.NETWORK])
        if part is not None:
            return self._probe_outage(part, jobs)
        began = False
        for job in in_order(jobs, self._places.by_project):
            if self._places.free <= 0:
                break
            limit = self._claim_size(job)
            if limit > 0:
                began |= self._claim_from(job, limit, quick_only=quick_only)
        return began

    def _probe_outage(self, part: str, jobs: list[OpenJob]) -> bool:
        """One item finds out whether a part of our own is back; of any job that has one to give."""
        if self._places.free < self._places.total or not self.outages.may_probe(part):
            return False
        return any(
            self._claim_from(job, 1, quick_only=False, past_circuits=part == Part.NETWORK)
            for job in in_order(jobs, self._places.by_project)
        )

    def _has_waiting(self, job: OpenJob) -> bool:
        """Whether enough of the job is in hand: a claim for each download that ends would cost more than it."""
        hand = self._hand.get(job.pk)
        lately = time.monotonic() - CLAIM_EVERY
        return hand is not None and bool(hand.waiting or (hand.under_way > FEW and hand.claimed_at > lately))

    def _claim_size(self, job: OpenJob) -> int:
        """As many as there are places, and more ahead while they are used up quickly: then an item costs less."""
        hand, left = self._hand.get(job.pk), self._places.left_for(job)
        if hand is None or left <= 0:
            return min(left, FIRST_CLAIM)
        lasted = time.monotonic() - hand.claimed_at
        if lasted < USED_UP_QUICKLY:
            hand.claim_size = min(hand.claim_size * 2, settings.IMPORT_CHUNK)
        elif lasted > USED_UP_SLOWLY:
            hand.claim_size = max(hand.claim_size // 2, FIRST_CLAIM // 2)
        return hand.claim_size

    def _claim_from(self, job: OpenJob, limit: int, *, quick_only: bool, past_circuits: bool = False) -> bool:
        loaded = self.jobs.load(job.pk)
        self._name_hosts(job)
        full = self.brakes.closed_to(loaded.project)
        if not past_circuits:
            full |= self.circuits.open_keys
        full |= {key for key, taken in self._at_host.items() if taken and self._allowance(key, quick_only) <= 0}
        places = HostPlaces(lambda key: self._allowance(key, quick_only), full)
        claimed = claiming.claim_downloads(job, limit, places)
        try:
            if claimed:
                self.jobs.claimed_from(job)
            items = self.brakes.admit(claimed)
            if not items and not quick_only:
                items = claimed = self._behind_circuits(job, loaded)
            if items:
                return self._take_in_hand(job, loaded, items)
        except Error:
            self.leases.remove(claimed)
            self.refunds.owe(claimed)
            raise
        self.jobs.without(job)
        return False

    def _name_hosts(self, job: OpenJob) -> None:
        """Items that a web process of the version before has accepted do not name their hosts."""
        if job.pk not in self._named:
            if len(self._named) > 10_000:
                self._named.clear()
            claiming.name_hosts(job)
            self._named.add(job.pk)

    def _allowance(self, key: int, quick_only: bool) -> int:
        """How many items of this host may be claimed: as many as it has places, and ahead for one that is quick."""
        quick = self.limits.is_quick(key)
        if quick_only and not quick:
            return 0
        ahead = settings.IMPORT_CHUNK if quick and not quick_only else 0
        return self.limits.places(key, taken=self._at_host[key]) + ahead

    def _behind_circuits(self, job: OpenJob, loaded: ImportJob) -> list[ImportItem]:
        """Items of this job at hosts that do not answer: asked for real where it is the job's turn, or given up."""
        keys = self.circuits.open_keys
        for _ in range(MAX_CIRCUITS):
            key = claiming.any_host_of(job, keys) if keys else None
            if key is None:
                return []
            keys.discard(key)
            circuit = circuit_of(self.circuits, loaded, key)
            if circuit is None:
                continue
            match retry_policy.behind_open_circuit(circuit, self.policy):
                case "end":
                    self._give_up(job, loaded, key)
                case "ask" if not self._at_host[key]:
                    return claiming.claim_at_host(job, key, 1)
                case "probe" if self.circuits.may_probe(key, job.project):
                    return claiming.claim_at_host(job, key, 1)
        return []

    def _give_up(self, job: OpenJob, loaded: ImportJob, key: int) -> None:
        """Fail the job's items at a host that has not answered for too long."""
        items = claiming.claim_at_host(job, key, settings.IMPORT_DOCUMENTS_CHUNK)
        host = self.circuits.failing[key].host
        ended = []
        for item in items:
            failure = HostUnavailable()
            failure.parameter = host
            ended.append(DOWNLOADS[job.kind].failed(loaded, item, failure))
        completion.settle(loaded, ended)
        self.jobs.look_again()

    def _take_in_hand(self, job: OpenJob, loaded: ImportJob, items: list[ImportItem]) -> bool:
        config = self._configuration(loaded)
        if config is None:
            return True
        prepared = DOWNLOADS[job.kind].begin(loaded, items)
        self.leases.add(items)
        hand = self._hand.setdefault(job.pk, InHand(job, loaded))
        hand.loaded, hand.claimed_at = loaded, time.monotonic()
        for one in prepared:
            endpoint = endpoint_of(one.item.payload["url"])
            task = Task(job, loaded, config, one, endpoint, one.item.host_key or host_key(endpoint))
            self._at_host[task.key] += 1
            hand.waiting.append(task)
        self._begin_waiting()
        return True

    def _configuration(self, job: ImportJob) -> ProjectConfig | None:
        """None, and the job has ended, when it cannot be used."""
        try:
            return configurations.current(job.project)
        except InvalidConfig as error:
            log.exception("job %s: the project's configuration cannot be used", job.public_id)
            # Operators see it; clients learn no more than that it is our fault.
            note = f"unusable configuration: {error}"
            closing.end_early(
                job, state=ImportJob.State.FAILED, reason="internal error", cause="configuration", note=note
            )
            self.jobs.look_again()
            return None

    # --- Downloads ---------------------------------------------------------------------------------------------------

    def _busy(self) -> int:
        """Downloads that have begun so lately that they may still compete for the processor."""
        since = time.monotonic() - BUSY_SECONDS
        return sum(task.begun > since for task in self._under_way.values())

    def _begin_waiting(self) -> bool:
        """Begin downloads that were claimed, as far as there are places: first the project that holds fewest."""
        began = False
        hands = {hand.job.pk: hand for hand in self._hand.values() if hand.waiting}
        if not hands or (self._under_way and bytes_in_flight() > settings.IMPORT_BYTES_IN_FLIGHT):
            return False
        room = MAX_BUSY - self._busy()
        while room > 0 and self._places.free > 0 and hands:
            job = in_order([hand.job for hand in hands.values()], self._places.by_project)[0]
            task = self._next_waiting(hands[job.pk])
            if task is None:
                del hands[job.pk]
                continue
            self._begin(hands[job.pk], task)
            room -= 1
            began = True
        return began

    def _next_waiting(self, hand: InHand) -> Task | None:
        """The next of a job's claimed items whose host has a place for it."""
        if self._places.left_for(hand.job) <= 0:
            return None
        for number, task in enumerate(hand.waiting):
            if self.limits.places(task.key, taken=self._begun_at[task.key]) > 0:
                del hand.waiting[number]
                return task
        return None

    def _begin(self, hand: InHand, task: Task) -> None:
        hand.under_way += 1
        task.begun = time.monotonic()
        self._under_way[task.prepared.item.pk] = task
        self._places.take(task.job)
        self._begun_at[task.key] += 1
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._places.total, thread_name_prefix="download")
        self._threads.submit(self._download, task, self._finished)

    def _download(self, task: Task, finished: "queue.SimpleQueue[Task]") -> None:
        """In a thread of its own; without the database."""
        try:
            DOWNLOADS[task.job.kind].prepare(task.loaded, task.config, task.prepared, self.fetcher)
        finally:
            finished.put(task)

    def _release_waiting(self) -> None:
        """Give back what was claimed and is not begun."""
        for hand in list(self._hand.values()):
            items = [task.prepared.item for task in hand.waiting]
            give_back(ImportItem, items)
            for task in hand.waiting:
                self._at_host[task.key] -= 1
            hand.waiting.clear()
            self._forget(hand.job.pk, items)

    def _drop_all(self) -> None:
        """Let go of everything in hand without a word to the database; downloads under way end unnoticed."""
        self.leases.remove(self.leases.rows())
        self._hand.clear()
        self._under_way.clear()
        self._at_host.clear()
        self._begun_at.clear()
        self._places = Places(settings.IMPORT_WINDOW)
        self._finished = queue.SimpleQueue()
        if self._threads is not None:
            self._threads.shutdown(wait=False)
            self._threads = None

    # --- Documents ---------------------------------------------------------------------------------------------------

    def _do_content(self, job: OpenJob) -> bool:
        """One chunk of documents, here and now: they need the processor and the database, and wait for nobody."""
        started = time.monotonic()
        items = claiming.claim_content(job, settings.IMPORT_DOCUMENTS_CHUNK)
        if not items:
            self.jobs.without(job)
            return False
        self.leases.add(items)
        try:
            self.jobs.claimed_from(job)
            self._do_items(job, CONTENT[job.kind], items)
        except Error as error:
            if is_outage(error):
                culprits = {item.pk for item in self.refunds.blame_outage(error, items)}
                self.refunds.owe([item for item in items if item.pk not in culprits])
            raise
        finally:
            self.jobs.changed(job.pk)
            self.leases.remove(items)
            self.shares.add(job.project, (time.monotonic() - started) / job.weight)
        return True

    def _do_items(self, job: OpenJob, handler: ContentHandler[PreparedDocument], items: list[ImportItem]) -> None:
        loaded = self.jobs.load(job.pk)
        config = self._configuration(loaded)
        if config is None:
            return
        until = time.monotonic() + settings.IMPORT_CHUNK_SECONDS
        prepared = handler.prepare(loaded, config, items, until=until)
        give_back(ImportItem, [one.item for one in prepared if not one.begun])
        completion.complete(loaded, handler, [one for one in prepared if one.begun])

    # --- Items whose worker was lost ---------------------------------------------------------------------------------

    def _suspect(self) -> bool:
        """Do one item whose worker was lost, alone: if it kills workers, it takes no neighbour along."""
        item = claiming.claim_suspect()
        if item is None:
            return False
        self.do_alone(item)
        self.jobs.changed(item.job_id)
        return True

    def do_alone(self, item: ImportItem) -> None:
        """Carry out one claimed item; give it up when too many workers were lost with it."""
        loaded = self.jobs.load(item.job_id)
        job = OpenJob(loaded.pk, loaded.project_id, loaded.kind)
        if item.losses >= retry_policy.MAX_LOSSES:
            completion.settle(loaded, [handlers.failed(loaded, item, WorkerLost())])
        elif job.kind in CONTENT:
            self.leases.add([item])
            try:
                self._do_items(job, CONTENT[job.kind], [item])
            finally:
                self.leases.remove([item])
        else:
            self._take_in_hand(job, loaded, [item])
            while self._hand:
                if not self._collect() and not self._write() and not self._begin_waiting():
                    self._wait()
