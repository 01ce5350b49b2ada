"""A remote service, over its API, on the client library."""

import base64
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import orjson

from imports.bulk.checking import Check, check_of
from imports.bulk.kinds import DOCUMENTS, BulkKind
from imports.bulk.rows import Row
from imports.bulk.service import (
    Accepted,
    Existing,
    Failed,
    JobLost,
    KeyTaken,
    Options,
    Planned,
    PostedJob,
    Progress,
    ServiceRefuses,
)
from livingdocs_import.api.idempotency import USED_OTHERWISE
from livingdocs_import.dry_runs import Would
from livingdocs_import.validation.json_types import JSONObject
from livingdocs_import_client import (
    Batch,
    Client,
    Conflict,
    ImportClientError,
    Job,
    JobFailed,
    JobStatus,
    Kind,
    RefusedItem,
)
from livingdocs_import_client import JobLost as LostThere
from livingdocs_import_client import Row as OutcomeRow
from livingdocs_import_client.batches import batch_fields, route

# An installation of another version may keep keys for a day only, and the API does not say for how long.
KEEPS_KEYS = timedelta(days=1)
ASKED_AT_ONCE = 20  # jobs in one look; those behind them have hardly begun
WHOLE = 2**31  # a batch was cut already


class RemoteService:
    """The project of a token at a service."""

    def __init__(self, client: Client, url: str, token: str) -> None:
        self._client, self._url, self._token = client, url, token
        self._ended: dict[str, JobStatus | None] = {}  # jobs, which are not asked for again; None: it is lost

    @property
    def name(self) -> str:
        """The address, and the project where the token names it."""
        project = _project_of(self._token)
        return f"{self._url.rstrip('/')}" + (f", project {project}" if project else "")

    @property
    def keeps_keys(self) -> timedelta:
        return KEEPS_KEYS

    def check(self, kind: BulkKind) -> Check:
        """The configuration of the project is not known here."""
        return check_of(kind, None)

    def now(self) -> datetime:
        return datetime.now(UTC)

    # --- Posting

    def post(self, rows: Sequence[Row], options: Options, *, key: str, digest: str) -> Accepted:
        try:
            return self._post(rows, options, key) if options.kind.has_jobs else self._create(rows, options, key)
        except ImportClientError as error:
            raise KeyTaken(str(error)) if _is_of_the_key(error) else ServiceRefuses(str(error)) from error

    def _post(self, rows: Sequence[Row], options: Options, key: str) -> Accepted:
        fields = batch_fields(
            options.system_name,
            webhook=options.webhook or None,
            context=None,
            more=_options(options),
        )
        kind = Kind(options.kind.name)
        batch = Batch(route(kind), key, tuple(row.encoded for row in rows), tuple(range(len(rows))), fields)
        refused: dict[int, str] = {}
        jobs = self._client.post(batch, on_refused=partial(_note, refused))
        return Accepted([PostedJob(job.id, job.count) for job in jobs], refused)

    def _create(self, rows: Sequence[Row], options: Options, key: str) -> Accepted:
        entries = [row.item for row in rows]
        created = self._client.create_entries(
            entries, key=key, max_items=len(entries), max_bytes=WHOLE, more=_options(options)
        )
        return Accepted(
            refused={
                each.place: "; ".join(map(str, each.problems)) or str(each.error) for each in created if not each.ok
            }
        )

    # --- Following

    def progress(self, kind: BulkKind, jobs: Sequence[PostedJob]) -> Progress:
        """Asks for the first jobs that have not ended; workers carry them out in about this order."""
        going_on: list[JobStatus] = []
        for job in [each for each in jobs if each.id not in self._ended][:ASKED_AT_ONCE]:
            now = self._status(kind, job.id)
            if now is None or now.finished:
                self._ended[job.id] = now
            else:
                going_on.append(now)
        known = [now.progress for now in (*self._ended.values(), *going_on) if now is not None]
        return Progress(
            total=sum(job.count for job in jobs),
            success=sum(each.success for each in known),
            skipped=sum(each.skipped for each in known),
            failed=sum(each.failed for each in known),
            lost=sum(job.count for job in jobs if job.id in self._ended and self._ended[job.id] is None),
            waiting_for=next((now.progress.waiting_for for now in going_on if now.progress.waiting_for), ""),
            finished=all(job.id in self._ended for job in jobs),
        )

    def _status(self, kind: BulkKind, job: str) -> JobStatus | None:
        """None: the service does not know the job, or not any more."""
        try:
            return self._client.status(Job(Kind(kind.name), job))
        except LostThere:
            return None
        except ImportClientError as error:
            raise ServiceRefuses(str(error)) from error

    def failures(self, kind: BulkKind, job: str) -> Iterator[Failed]:
        for position, row in enumerate(self._rows(kind, job)):
            if row.failed:
                yield Failed(position, row.reason or row.state, "; ".join(map(str, row.problems)))

    def plans(self, kind: BulkKind, job: str) -> Iterator[Planned]:
        for position, row in enumerate(self._rows(kind, job)):
            raw = row.raw
            changes = raw.get("changes")
            yield Planned(
                position,
                str(raw.get("would", Would.FAIL)),
                str(raw.get("why") or row.reason or ""),
                raw.get("touched") is True,
                changes if isinstance(changes, list) else (),
                "; ".join(map(str, row.problems)),
            )

    def _rows(self, kind: BulkKind, job: str) -> Iterator[OutcomeRow]:
        try:
            yield from self._client.results([Job(Kind(kind.name), job)])
        except LostThere as error:
            raise JobLost(f"what became of it is not known: {error}") from error
        except JobFailed as error:
            raise JobLost(str(error)) from error
        except ImportClientError as error:
            raise ServiceRefuses(str(error)) from error

    # --- What there is

    @property
    def gives_titles(self) -> bool:
        """An entry of the API has none."""
        return False

    def existing(self, kind: BulkKind, system_name: str, external_ids: Sequence[str]) -> Sequence[Existing]:
        if kind is DOCUMENTS:
            raise ServiceRefuses("the API finds no documents by their external ids: --reconcile with --project")
        try:
            found = list(self._client.entries_by_external_id(system_name, external_ids))
        except ImportClientError as error:
            raise ServiceRefuses(str(error)) from error
        return [
            Existing(entry.external_id, entry.id, metadata=entry.metadata)
            for entry in found
            if entry.external_id is not None
        ]

    def all_existing(self, kind: BulkKind, system_name: str) -> Iterator[Existing] | None:
        """The API has no list of all entries."""
        return None


def _is_of_the_key(error: ImportClientError) -> bool:
    """Whether another request had the key: a 409 of a proxy, or one about something else, does not say so."""
    texts = (error.title, *(each.message for each in error.problems)) if isinstance(error, Conflict) else ()
    return any(USED_OTHERWISE in text for text in texts)


def _options(options: Options) -> JSONObject:
    if not options.dry_run:
        return {}
    return {"options": {"dryRun": True, **({"probe": options.probe} if options.probe else {})}}


def _note(refused: dict[int, str], item: RefusedItem) -> None:
    refused[item.place] = "; ".join(map(str, item.problems))


def _project_of(token: str) -> str:
    """The number of the project in a token that programs can read; "" in another one."""
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        return str(claims["projectId"])
    except (IndexError, KeyError, TypeError, ValueError):
        return ""
