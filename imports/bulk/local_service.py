"""This service, through its own functions: without the web, and without a token."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from documents.models import ImportLog
from imports import services
from imports.bulk.checking import Check, check_of, fault_by_path
from imports.bulk.kinds import DOCUMENTS, ENTRIES, BulkKind
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
from imports.claiming.waiting import waiting_for
from imports.models import ImportItem, ImportItemQuerySet, ImportJob
from livingdocs_import import errors
from livingdocs_import.api.idempotency import REMEMBERED, USED_OTHERWISE, answered_once
from livingdocs_import.dry_runs import Would
from livingdocs_import.models import Project
from livingdocs_import.project_config import store
from livingdocs_import.validation.json_types import JSON
from media_library.entries.actors import IMPORTER
from media_library.entries.create import Element, check_entries, plan_entries, write_entries
from media_library.entries.validate import Fault
from media_library.models import MediaEntry, MediaEntryQuerySet

AT_ONCE = 1_000  # rows of a query
BASE_TYPES = {
    "images": MediaEntry.BaseType.IMAGE,
    "videos": MediaEntry.BaseType.VIDEO,
    "files": MediaEntry.BaseType.FILE,
}
ENTRY = ("external_id", "media_id", "title", "metadata")
LOG = ("external_id", "document_id", "checksum")


class LocalService:
    """One project of this installation."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @property
    def name(self) -> str:
        """The handle of a project never changes."""
        return f"project {self._project.handle}"

    @property
    def keeps_keys(self) -> timedelta:
        return REMEMBERED

    def check(self, kind: BulkKind) -> Check:
        """Media entries are checked against the project's configuration."""
        return check_of(kind, store.current(self._project) if kind is ENTRIES else None)

    def now(self) -> datetime:
        return timezone.now()

    # --- Posting

    def post(self, rows: Sequence[Row], options: Options, *, key: str, digest: str) -> Accepted:
        """Accept the batch as the API does: once for each key."""
        try:
            if not options.kind.has_jobs:
                return self._write_entries(rows, options, key, digest)
            answer = answered_once(self._project, key, digest, lambda: {"id": self._start(rows, options).public_id})
        except errors.Conflict as error:
            text = str(error.details.get("message", error))
            raise KeyTaken(text) if text == USED_OTHERWISE else ServiceRefuses(text) from error
        except errors.QuotaExceeded as error:
            raise ServiceRefuses(f"{error}\nThere is room again in {error.retry_after:,} s.") from error
        except (errors.Busy, errors.Unavailable) as error:
            raise ServiceRefuses(f"{error}. Run the same command again") from error
        return Accepted([PostedJob(answer["id"], len(rows))])

    def _start(self, rows: Sequence[Row], options: Options) -> ImportJob:
        return services.start_job(
            self._project,
            token=None,
            kind=options.kind.name,
            system_name=options.system_name,
            items=[row.item for row in rows],
            webhook=options.webhook,
            dry_run=options.dry_run,
            probe=options.probe,
        )

    def _write_entries(self, rows: Sequence[Row], options: Options, key: str, digest: str) -> Accepted:
        elements = check_entries(self._project, [row.item for row in rows], sent=sum(len(row.encoded) for row in rows))

        def write() -> dict[str, JSON]:
            if options.dry_run:
                plan_entries(self._project, elements)
            else:
                write_entries(self._project, elements, actor=IMPORTER)
            return {"refused": dict(_refused(elements))}

        answer = answered_once(self._project, key, digest, write)
        return Accepted(refused={int(index): reason for index, reason in answer["refused"].items()})

    # --- Following

    def _jobs(self, jobs: Sequence[str]) -> Iterator[list[ImportJob]]:
        for start in range(0, len(jobs), AT_ONCE):
            yield list(ImportJob.objects.filter(project=self._project, public_id__in=jobs[start : start + AT_ONCE]))

    def progress(self, kind: BulkKind, jobs: Sequence[PostedJob]) -> Progress:
        """Counted by one query for a thousand jobs."""
        totals = {"success": 0, "skipped": 0, "failed": 0}
        missing = {job.id: job.count for job in jobs}
        total, open_jobs = sum(missing.values()), list[ImportJob]()
        for found in self._jobs([job.id for job in jobs]):
            for job in found:
                del missing[job.public_id]
                for name in totals:
                    totals[name] += getattr(job, name)
            open_jobs += [job for job in found if not job.finished]
        waiting = waiting_for(open_jobs[0]) if open_jobs else None
        lost = sum(missing.values())
        return Progress(total, **totals, lost=lost, waiting_for=str(waiting or ""), finished=not open_jobs)

    def failures(self, kind: BulkKind, job: str) -> Iterator[Failed]:
        found = self._found(job)
        if found.failed:
            failed = self._items(found).filter(outcome=ImportItem.Outcome.FAILED)
            for position, reason, details in _by_position(failed, "reason", "details"):
                yield Failed(position, reason, _detail(details))

    def plans(self, kind: BulkKind, job: str) -> Iterator[Planned]:
        items = _by_position(self._items(self._found(job)), "reason", "details", "result")
        for position, reason, details, result in items:
            plan = result or {"would": Would.FAIL, "why": reason}
            more = (plan.get("touched", False), plan.get("changes", ()), _detail(details))
            yield Planned(position, plan["would"], plan["why"], *more)

    def _found(self, job: str) -> ImportJob:
        found = ImportJob.objects.filter(project=self._project, public_id=job).first()
        if found is None:
            raise JobLost(f"what became of it is not known: the job {job} was removed")
        return found

    def _items(self, job: ImportJob) -> ImportItemQuerySet:
        """All of them. Housekeeping removes the items of an old job before the job."""
        items = ImportItem.objects.filter(job=job)
        if items.count() < job.total:
            raise JobLost(f"what became of it is not known: items of the job {job.public_id} were removed")
        return items

    # --- What there is

    @property
    def gives_titles(self) -> bool:
        return True

    def existing(self, kind: BulkKind, system_name: str, external_ids: Sequence[str]) -> Sequence[Existing]:
        if kind is DOCUMENTS:
            logs = self._logs(system_name).filter(external_id__in=external_ids)
            return [_document(row) for row in logs.values_list(*LOG)]
        entries = self._entries(kind, system_name).filter(external_id__in=external_ids)
        return [_entry(row) for row in entries.values_list(*ENTRY)]

    def all_existing(self, kind: BulkKind, system_name: str) -> Iterator[Existing] | None:
        if kind is DOCUMENTS:
            return map(_document, _by_key(self._logs(system_name), *LOG))
        return map(_entry, _by_key(self._entries(kind, system_name), *ENTRY))

    def _logs(self, system_name: str) -> QuerySet[ImportLog]:
        return ImportLog.objects.filter(project=self._project, system_name=system_name)

    def _entries(self, kind: BulkKind, system_name: str) -> MediaEntryQuerySet:
        found = MediaEntry.objects.of(self._project).filter(system_name=system_name, external_id__isnull=False)
        return found if kind is ENTRIES else found.filter(base_type=BASE_TYPES[kind.name])


def _refused(elements: Sequence[Element]) -> Iterator[tuple[str, str]]:
    for element in elements:
        if isinstance(element.outcome, Fault):
            problems = fault_by_path(element.outcome).items()
            yield str(element.index), "; ".join(f"{path}: {message}" if path else message for path, message in problems)


def _detail(details: Any) -> str:
    """What the details of a failure say besides its reason."""
    problems = (details or {}).get("errors") or [details or {}]
    return "; ".join(str(each["message"]) for each in problems if each.get("message"))


def _by_position(items: ImportItemQuerySet, *columns: str) -> Iterator[tuple[Any, ...]]:
    """The rows in order, a thousand at once; no cursor stays open."""
    after = -1
    while rows := list(
        items.filter(position__gt=after).order_by("position").values_list("position", *columns)[:AT_ONCE]
    ):
        yield from rows
        after = rows[-1][0]


def _by_key(found: QuerySet[Any], *columns: str) -> Iterator[tuple[Any, ...]]:
    """The same in the order of primary keys, without them."""
    after = 0
    while rows := list(found.filter(pk__gt=after).order_by("pk").values_list("pk", *columns)[:AT_ONCE]):
        yield from (row[1:] for row in rows)
        after = rows[-1][0]


def _entry(row: tuple[Any, ...]) -> Existing:
    external_id, media_id, title, metadata = row
    return Existing(external_id, media_id, title=title, metadata=metadata)


def _document(row: tuple[Any, ...]) -> Existing:
    external_id, document_id, checksum = row
    return Existing(external_id, str(document_id), checksum=checksum)
