"""Imported documents are decided and stored: a whole chunk in a handful of statements (spec 5.1, 5.2).

`prepare` does what can be done without a lock. `import_arrivals` does the rest in the caller's transaction: lock, look,
decide, check again what has changed in between, write.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from documents import import_logs, writing
from documents.changes import Create, Ending, Fail, Skip, Unpublish, Update, decide
from documents.checking import INVALID_METADATA, CheckedParts, Rejected
from documents.import_logs import Entry, Known, Log
from documents.judging import Arrival, Case, judge
from documents.models import Document, Revision
from documents.problems import Removal
from documents.publish_control import PublicationDates, embargo_after, publication_dates
from documents.unique_values import Holders
from documents.writing import Origin, Step, Written
from livingdocs_import.models import Project
from livingdocs_import.project_config import ProjectConfig

IMPORTER = "Importer"  # the acting identity of every import (spec 3.1)
INVALID_ID = "Invalid documentId"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an arrival: it has the log, or was rejected; one that was skipped has the log and a reason."""

    log: Log | None = None
    ending: Ending | None = None  # None: nothing was changed
    reason: str = ""
    rejected: Rejected | None = None
    removals: tuple[Removal, ...] = ()


def prepare(
    project: Project, system_name: str, arrivals: Sequence[Arrival], config: ProjectConfig, *, until: float
) -> list[bool]:
    """Check the arrivals that will be stored by the look of things; for each arrival, whether it was begun.

    Nothing is begun after `until` (monotonic seconds).
    """
    known = import_logs.known(project, system_name, _external_ids(arrivals), lock=False)
    cases = _decided(arrivals, known, config, timezone.now())
    judge(project, config, cases, until=until)
    return [case.is_judged for case in cases]


def import_arrivals(
    project: Project, system_name: str, arrivals: Sequence[Arrival], config: ProjectConfig, *, job: str
) -> list[Result]:
    """Store the arrivals, which have distinct external ids; the result of each, in their order.

    An id that somebody else imports for the first time at the same moment raises IntegrityError: called once more, this
    finds the document.
    """
    now = timezone.now()
    known = import_logs.known(project, system_name, _external_ids(arrivals), lock=True)
    cases = _decided(arrivals, known, config, now)
    judge(project, config, cases)
    rejections = _rejections(project, cases)
    steps = [None if rejected else _step(case, config, now) for case, rejected in zip(cases, rejections, strict=True)]
    origin = Origin(Revision.Source.IMPORT, IMPORTER, job)
    made = iter(writing.carry_out(project, [step for step in steps if step], origin, now))
    written = [next(made) if step else None for step in steps]
    befores = [known.get(case.arrival.incoming.external_id) for case in cases]
    entries = [
        _entry(case, before, one) if one else None for case, before, one in zip(cases, befores, written, strict=True)
    ]
    logged = iter(import_logs.write(project, system_name, [entry for entry in entries if entry], now))
    logs = [
        next(logged) if entry else before.log if before else None
        for entry, before in zip(entries, befores, strict=True)
    ]
    return [_result(*one) for one in zip(cases, rejections, written, logs, strict=True)]


def _external_ids(arrivals: Sequence[Arrival]) -> list[str]:
    return [arrival.incoming.external_id for arrival in arrivals]


def _decided(arrivals: Sequence[Arrival], known: dict[str, Known], config: ProjectConfig, now: datetime) -> list[Case]:
    cases = []
    for arrival in arrivals:
        found = known.get(arrival.incoming.external_id)
        current = found.current if found else None
        change = decide(current, arrival.incoming, arrival.flags, content_types=config.content_types, now=now)
        cases.append(Case(arrival, found.standing if found else None, change))
    return cases


# --- What only the database can refuse -------------------------------------------------------------------------------


def _rejections(project: Project, cases: Sequence[Case]) -> list[Rejected | None]:
    """Why each arrival cannot be stored: its verdict, a number or a value that is somebody else's. In request order."""
    holders = Holders(project, {value for case in cases for value in _unique_values(case)})
    chosen = [i for case in cases if (i := case.arrival.incoming.document_id) and isinstance(case.change, Create)]
    taken = set(Document.objects.filter(pk__in=chosen).values_list("pk", flat=True)) if chosen else set()
    rejections: list[Rejected | None] = []
    for case in cases:
        rejected = _refused_by_verdict(case) or _refused_number(case, taken) or _refused_values(case, holders)
        rejections.append(rejected)
        if rejected is None:
            _promise(case, taken, holders)
    return rejections


def _refused_by_verdict(case: Case) -> Rejected | None:
    if isinstance(case.change, Fail):
        return Rejected(case.change.reason, case.change.reason)
    verdict = case.arrival.verdict if case.basis else None
    return verdict.outcome if verdict and isinstance(verdict.outcome, Rejected) else None


def _refused_number(case: Case, taken: set[int]) -> Rejected | None:
    """Whether the document can have the number that its sender has chosen (DOC-55, DOC-56)."""
    chosen, below = case.arrival.incoming.document_id, settings.DOCUMENT_CUSTOM_IDS_BELOW
    if chosen is None or not isinstance(case.change, Create | Update):
        return None
    if case.standing is not None:
        own = case.standing.document_id
        return None if chosen == own else Rejected(INVALID_ID, f"documentId cannot be changed: it is {own}")
    if not 0 < chosen < below:
        allowed = f"must be from 1 to {below - 1}" if below > 1 else "cannot be chosen: this service gives them out"
        return Rejected(INVALID_ID, f"documentId {allowed}")
    return Rejected(INVALID_ID, f"documentId {chosen} is taken") if chosen in taken else None


def _refused_values(case: Case, holders: Holders) -> Rejected | None:
    if not (parts := _published_parts(case)) or not parts.unique_values:
        return None
    problems = holders.problems(parts.unique_values, case.standing.document_id if case.standing else None)
    if not problems:
        return None
    return Rejected(
        INVALID_METADATA, "Metadata validation failed.", errors=[dict(problem.as_dict()) for problem in problems]
    )


def _promise(case: Case, taken: set[int], holders: Holders) -> None:
    """What this arrival gets, the later ones of the chunk cannot have."""
    chosen, standing = case.arrival.incoming.document_id, case.standing
    if chosen is not None and standing is None:
        taken.add(chosen)
    if parts := _published_parts(case):
        holders.promise(parts.unique_values, standing.document_id if standing else None)
    elif isinstance(case.change, Unpublish | Update) and case.change.ending is Ending.UNPUBLISHED and standing:
        holders.promise({}, standing.document_id)


def _unique_values(case: Case) -> list[tuple[str, str]]:
    parts = _published_parts(case)
    return list(parts.unique_values.values()) if parts else []


def _published_parts(case: Case) -> CheckedParts | None:
    """The parts of a case that will be published."""
    return _parts(case) if case.basis is not None and case.basis.publish else None


def _parts(case: Case) -> CheckedParts | None:
    verdict = case.arrival.verdict if case.basis else None
    return verdict.outcome if verdict and isinstance(verdict.outcome, CheckedParts) else None


# --- From decision to rows -------------------------------------------------------------------------------------------


def _step(case: Case, config: ProjectConfig, now: datetime) -> Step | None:
    """What is to be written; None when the arrival is skipped."""
    change, standing = case.change, case.standing
    if isinstance(change, Skip | Fail):
        return None
    came = case.arrival.incoming
    content_type = standing.content_type if standing else str(came.content_type)
    dates = standing.dates if standing else PublicationDates()
    embargo = standing.embargo if standing else None
    if case.arrival.flags.auto_publish:  # else nothing of publishControl has an effect (DOC-36)
        embargo = embargo_after(embargo, came.publish_control)
    if change.ending is Ending.PUBLISHED:
        dates = publication_dates(dates, came.publish_control, now)
    known_type = config.content_types.get(content_type)
    return Step(
        standing=standing,
        content_type=content_type,
        document_type=known_type.document_type if known_type else "",
        parts=_parts(case),
        is_revised=not isinstance(change, Unpublish),
        ending=change.ending,
        dates=dates,
        embargo=embargo,
        document_id=came.document_id if standing is None else None,
    )


def _entry(case: Case, before: Known | None, written: Written) -> Entry:
    """What is remembered. Without a new revision the last one that was imported is, or "touched" would be lost."""
    last = before.log if before and not written.step.is_revised else written
    return Entry(
        external_id=case.arrival.incoming.external_id,
        before=before.log if before else None,
        document_id=written.document_id,
        checksum=case.arrival.incoming.checksum,
        revision_id=last.revision_id,
        version=last.version,
        state=written.step.ending.value,
    )


def _result(case: Case, rejected: Rejected | None, written: Written | None, log: Log | None) -> Result:
    if rejected is not None:
        return Result(rejected=rejected)
    if written is None:
        assert isinstance(case.change, Skip)
        return Result(log=log, reason=case.change.reason)
    parts = written.step.parts
    return Result(log=log, ending=written.step.ending, removals=parts.removals if parts else ())
