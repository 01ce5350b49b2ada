"""Imported documents are decided and stored: a whole chunk in a handful of statements (spec 5.1, 5.2).

`prepare` does what can be done without a lock. `import_arrivals` does the rest in the caller's transaction: lock, look,
decide, check again what has changed in between, write.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from documents.content.problems import Removal
from documents.importing import conflicts, import_log
from documents.importing.decision import Fail, Skip, Unpublish, decide
from documents.importing.import_log import Entry, Known, Log
from documents.importing.validation import Arrival, Case, judge
from documents.models import Revision
from documents.revisions import writer
from documents.revisions.publication_dates import PublicationDates, embargo_after, publication_dates
from documents.revisions.publication_effect import Ending
from documents.revisions.validate import Rejected
from documents.revisions.writer import Origin, Step, Written
from livingdocs_import.models import Project
from livingdocs_import.project_config import ProjectConfig

IMPORTER = "Importer"  # the acting identity of every import (spec 3.1)


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
    known = import_log.known(project, system_name, _external_ids(arrivals), lock=False)
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
    known = import_log.known(project, system_name, _external_ids(arrivals), lock=True)
    cases = _decided(arrivals, known, config, now)
    judge(project, config, cases)
    rejections = conflicts.rejections(project, cases)
    steps = {
        case.external_id: step
        for case in cases
        if case.external_id not in rejections and (step := _step(case, config, now)) is not None
    }
    origin = Origin(Revision.Source.IMPORT, IMPORTER, job)
    written = dict(zip(steps, writer.carry_out(project, list(steps.values()), origin, now), strict=True))
    entries = [
        _entry(case, known.get(case.external_id), written[case.external_id])
        for case in cases
        if case.external_id in written
    ]
    logs = {external_id: one.log for external_id, one in known.items()}
    logs |= dict(zip(written, import_log.write(project, system_name, entries, now), strict=True))
    results = []
    for case in cases:
        key = case.external_id
        results.append(_result(case, rejections.get(key), written.get(key), logs.get(key)))
    return results


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
        parts=case.parts,
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
        external_id=case.external_id,
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
