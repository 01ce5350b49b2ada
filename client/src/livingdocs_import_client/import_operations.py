"""Post batches, wait for jobs, read results: as steps that a transport carries out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypedDict

from livingdocs_import_client.batches import (
    ENTRIES,
    MAX_BYTES,
    MAX_ITEMS,
    Batch,
    Batcher,
    RefusedItem,
    Route,
    batch_fields,
    in_whole_input,
    is_too_large,
    refused_items,
    route,
)
from livingdocs_import_client.effects import END, Emit, Steps, Stream, collected, expanded, next_item, pause
from livingdocs_import_client.entries import CreatedEntry, created_in
from livingdocs_import_client.errors import (
    ApiError,
    ImportClientError,
    ItemNotJSON,
    SourceFailed,
    UnexpectedAnswer,
    WaitTimeout,
)
from livingdocs_import_client.jobs import Job, JobStatus, Kind, Progress, Row
from livingdocs_import_client.json_types import JSON, JSONObject
from livingdocs_import_client.problems import Problem
from livingdocs_import_client.reading import as_object, text
from livingdocs_import_client.service import Service, rows_in
from livingdocs_import_client.status_answers import ended_well, job_status

OnRefused = Callable[[RefusedItem], None]
OnProgress = Callable[[Progress], None]
POLL_FIRST, POLL_MAX, POLL_GROWTH = 0.25, 5.0, 1.5  # seconds between two polls of a job, and their growth


class BatchOptions(TypedDict, total=False):
    """How an input is cut and posted.

    `key` begins the Idempotency-Keys of its batches; with the same key and the same input nothing is done twice, as
    long as the service keeps keys: for seven days, or for one in an earlier version. `start` is the place of the first
    item in the whole input. A batch has at most `max_items` items and
    `max_bytes` bytes before compression; one that the service finds too large is halved. `on_refused` is called for
    each single item that the service does not take, and the others are imported; without it such an item ends the
    import. `more` has further properties of the request, such as `options`.
    """

    key: str
    start: int
    max_items: int
    max_bytes: int
    on_refused: OnRefused
    more: Mapping[str, JSON]


class ImportOptions(BatchOptions, total=False):
    """The same, and the properties that all items share.

    `webhook` is called when a job has ended, with the `context`. `before_post` is called with each batch before it is
    posted, `on_accepted` with each job.
    """

    webhook: str
    context: JSONObject
    before_post: Callable[[Batch], None]
    on_accepted: Callable[[Job], None]


class WaitOptions(TypedDict, total=False):
    """How jobs are waited for.

    `on_progress` is called after each poll, with the progress of all jobs together. `timeout` is in seconds; after it
    WaitTimeout is raised.
    """

    on_progress: OnProgress
    timeout: float


# --- Posting ---------------------------------------------------------------------------------------------------------


class Accepted(NamedTuple):
    """A batch that the service has accepted, and its answer."""

    batch: Batch
    answer: JSON


@dataclass(frozen=True, slots=True)
class Posting:
    """Posts batches: whole, or what can be made of them."""

    service: Service
    on_refused: OnRefused | None = None
    before_post: Callable[[Batch], None] | None = None

    def post(self, batch: Batch) -> Stream[Accepted]:
        """Post a batch: in halves if it is too large, without refused items if there is `on_refused`."""
        waiting = [batch]
        while waiting:
            current = waiting.pop()
            if self.before_post:
                self.before_post(current)
            try:
                answer = yield from self.service.post(current.route.path, current.body, key=current.key)
            except ApiError as error:
                waiting += reversed(self._instead(error, current))
            except ImportClientError as error:
                error.key, error.offset = current.key, current.offset
                raise
            else:
                yield Emit(Accepted(current, answer))

    def post_items(self, batcher: Batcher) -> Stream[Accepted]:
        """Post all of the caller's items."""
        while (item := (yield from _next_item())) is not END:
            if full := self._add(batcher, item):
                yield from self.post(full)
        if rest := batcher.end():
            yield from self.post(rest)

    def _add(self, batcher: Batcher, item: object) -> Batch | None:
        try:
            return batcher.add(item)
        except ItemNotJSON as error:
            if self.on_refused is None:
                raise
            self.on_refused(RefusedItem(error.place, (Problem("", error.problems[0].message),)))
            return None

    def _instead(self, error: ApiError, batch: Batch) -> Sequence[Batch]:
        """The batches to post instead of a refused one. Raises the error if there are none."""
        if is_too_large(error, batch):
            return batch.halves()
        refused = refused_items(error, batch) if self.on_refused else {}
        if not self.on_refused or not refused:
            located = in_whole_input(error, batch)
            located.key, located.offset = batch.key, batch.offset
            raise located from None
        for item in refused.values():
            self.on_refused(item)
        rest = batch.without(set(refused))
        return [rest] if rest.count else []


def _next_item() -> Steps[object]:
    """The next of the caller's items. SourceFailed: the iterator has raised an error."""
    try:
        return (yield from next_item())
    except Exception as error:
        raise SourceFailed(f"the items ended with {type(error).__name__}: {error}") from error


def post(service: Service, batch: Batch, on_refused: OnRefused | None = None) -> Steps[list[Job]]:
    """Post one batch; its job, or several if it had to be split."""
    return (yield from _jobs(Posting(service, on_refused).post(batch), None))


def import_items(service: Service, kind: Kind, system_name: str, options: ImportOptions) -> Steps[list[Job]]:
    """Post all of the caller's items; the jobs, in the order of the input."""
    fields = batch_fields(
        system_name,
        webhook=options.get("webhook"),
        context=options.get("context"),
        more=options.get("more", {}),
    )
    posting = Posting(service, options.get("on_refused"), options.get("before_post"))
    stream = posting.post_items(_batcher(route(kind), fields, options))
    return (yield from _jobs(stream, options.get("on_accepted")))


def create_entries(service: Service, options: BatchOptions) -> Stream[CreatedEntry]:
    """Post all of the caller's ready-made entries; the outcome of each, in the order of the input."""
    stream = Posting(service, options.get("on_refused")).post_items(_batcher(ENTRIES, options.get("more", {}), options))
    yield from expanded(stream, _created)


def _batcher(target: Route, fields: JSONObject, options: BatchOptions | ImportOptions) -> Batcher:
    return Batcher(
        target,
        fields,
        key=options.get("key"),
        start=options.get("start", 0),
        max_items=options.get("max_items", MAX_ITEMS),
        max_bytes=options.get("max_bytes", MAX_BYTES),
    )


def _jobs(stream: Stream[Accepted], on_accepted: Callable[[Job], None] | None) -> Steps[list[Job]]:
    """The jobs of the accepted batches; an error carries those accepted before it."""
    jobs: list[Job] = []

    def job(accepted: Accepted) -> list[Job]:
        jobs.append(_job(accepted))
        if on_accepted:
            on_accepted(jobs[-1])
        return []

    try:
        yield from collected(expanded(stream, job), [])
    except ImportClientError as error:
        error.accepted = tuple(jobs)
        raise
    return jobs


def _job(accepted: Accepted) -> Job:
    batch = accepted.batch
    job_id = text(as_object(accepted.answer, "answer"), "id")
    return Job(Kind(batch.route.list_key), job_id, batch.offset, batch.count, batch.key)


def _created(accepted: Accepted) -> list[CreatedEntry]:
    batch, rows = accepted.batch, rows_in(accepted.answer, ENTRIES.list_key)
    if len(rows) != batch.count:
        raise UnexpectedAnswer(f"{batch.count} entries were sent, and {len(rows)} answered")
    return [created_in(place, row) for place, row in zip(batch.places, rows, strict=True)]


# --- Waiting ---------------------------------------------------------------------------------------------------------


def status(service: Service, job: Job, *, items: bool = False) -> Steps[JobStatus]:
    """The progress of a job; with `items`, also the rows of finished items. JobLost."""
    query = {"id": job.id, "expand": "progress,items" if items else "progress"}
    answer = yield from service.get(f"import/{job.kind}/status", query)
    return job_status(job.kind, as_object(answer, "status"))


def wait(service: Service, jobs: Sequence[Job], options: WaitOptions) -> Steps[Progress]:
    """Wait until all jobs have ended; their progress then. JobFailed, JobLost, WaitTimeout."""
    ended: list[Progress] = []
    yield from collected(expanded(_ended(service, jobs, options), lambda status: [status.progress]), ended)
    return sum(ended, Progress())


def results(service: Service, jobs: Sequence[Job], options: WaitOptions) -> Stream[Row]:
    """The rows of all items, in the order of the input, each job's as soon as it has ended.

    At no time more than one job's rows are in memory. JobFailed, JobLost, WaitTimeout.
    """
    yield from expanded(_ended(service, jobs, options), lambda status: status.rows)


def _ended(service: Service, jobs: Sequence[Job], options: WaitOptions) -> Stream[JobStatus]:
    """The last status of each job, one after the other; workers carry them out in about this order."""
    until = service.clock() + options.get("timeout", math.inf)
    on_progress = options.get("on_progress")
    before, ahead = Progress(), sum(job.count for job in jobs)
    for job in jobs:
        ahead -= job.count
        for seconds in _pauses():
            now = yield from status(service, job)
            if on_progress:
                on_progress(before + now.progress + Progress(total=ahead))
            if now.finished:
                break
            if service.clock() + seconds > until:
                raise WaitTimeout(f"job {job.id} is at {now.progress}")
            yield from pause(seconds)
        before += now.progress
        yield Emit(ended_well(now))


def _pauses() -> Iterator[float]:
    """Seconds between two polls, growing, without end."""
    seconds = POLL_FIRST
    while True:
        yield seconds
        seconds = min(seconds * POLL_GROWTH, POLL_MAX)
