"""Decide and store imported documents: a whole chunk in a few statements (spec 5.1, 5.2).

`prepare` does the part without locks. `import_candidates` does the rest in the caller's transaction: lock, read,
decide, validate again what has changed in between, write.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from documents.content.findings import Removal
from documents.importing import conflicts, import_log
from documents.importing.decision import Fail, Skip, Unpublish, decide
from documents.importing.import_log import Entry, Known, Log
from documents.importing.validation import DocumentCandidate, PlannedChange, validate_changes
from documents.models import Revision
from documents.revisions import events, licenses, webhook_events, writer
from documents.revisions.licenses import Candidate
from documents.revisions.publication_dates import PublicationDates, embargo_after, publication_dates
from documents.revisions.publication_effect import PublicationEffect
from documents.revisions.validate import CheckedParts
from documents.revisions.writer import Origin, Step, Written
from livingdocs_import.errors import Rejected
from livingdocs_import.models import Project
from livingdocs_import.project_config import NEWS_AGENCY_REPORT, ProjectConfig

IMPORTER = "Importer"  # the acting identity of every import (spec 3.1)


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a candidate: its log or its rejection; a skipped one has the log and a reason."""

    log: Log | None = None
    effect: PublicationEffect | None = None  # None: nothing was changed
    reason: str = ""
    rejected: Rejected | None = None
    removals: tuple[Removal, ...] = ()
    no_article: bool = False  # the report requests an article, but no function for that is registered


def prepare(
    project: Project, system_name: str, candidates: Sequence[DocumentCandidate], config: ProjectConfig, *, until: float
) -> list[bool]:
    """Validate the candidates that will probably be stored; returns for each whether it was begun.

    Nothing is begun after `until` (monotonic seconds).
    """
    known = import_log.known(project, system_name, _external_ids(candidates), lock=False)
    planned_changes = _decided(candidates, known, config, timezone.now())
    validate_changes(project, config, planned_changes, until=until)
    return [planned.is_validated for planned in planned_changes]


def import_candidates(
    project: Project, system_name: str, candidates: Sequence[DocumentCandidate], config: ProjectConfig, *, job: str
) -> list[Result]:
    """Store the candidates, which have distinct external ids; returns their results in order.

    Raises IntegrityError when another transaction imports one of the ids for the first time: a second call finds the
    document.
    """
    now = timezone.now()
    known = import_log.known(project, system_name, _external_ids(candidates), lock=True)
    planned_changes = _decided(candidates, known, config, now)
    validate_changes(project, config, planned_changes)
    licensed = _licensed(project, planned_changes, config, now)
    rejections = conflicts.rejections(project, planned_changes, licensed)
    steps = {
        planned.external_id: _with_parts(step, licensed.get(planned.external_id))
        for planned in planned_changes
        if planned.external_id not in rejections and (step := _step(planned, config, now)) is not None
    }
    origin = Origin(Revision.Source.IMPORT, IMPORTER, job)
    written = dict(zip(steps, writer.carry_out(project, list(steps.values()), origin, now), strict=True))
    entries = [
        _entry(planned, known.get(planned.external_id), written[planned.external_id])
        for planned in planned_changes
        if planned.external_id in written
    ]
    logs = {external_id: known_log.log for external_id, known_log in known.items()}
    logs |= dict(zip(written, import_log.write(project, system_name, entries, now), strict=True))
    webhook_events.record(project, list(written.values()), origin, now)
    events.record(project, list(written.values()), now)
    results = []
    for planned in planned_changes:
        key = planned.external_id
        results.append(_result(planned, rejections.get(key), written.get(key), logs.get(key)))
    return results


def _external_ids(candidates: Sequence[DocumentCandidate]) -> list[str]:
    return [candidate.incoming.external_id for candidate in candidates]


def _decided(
    candidates: Sequence[DocumentCandidate], known: dict[str, Known], config: ProjectConfig, now: datetime
) -> list[PlannedChange]:
    planned_changes = []
    never_published = {handle for handle, each in config.content_types.items() if not each.is_published}
    for candidate in candidates:
        entry = known.get(candidate.incoming.external_id)
        current = entry.current if entry else None
        change = decide(
            current,
            candidate.incoming,
            candidate.flags,
            content_types=config.content_types,
            never_published=never_published,
            now=now,
        )
        planned_changes.append(PlannedChange(candidate, entry.document_state if entry else None, change))
    return planned_changes


def _licensed(
    project: Project, planned_changes: Sequence[PlannedChange], config: ProjectConfig, now: datetime
) -> dict[str, CheckedParts | Rejected]:
    """The parts to store, or the rejection if licences of the images prevent the publication."""
    candidates = {
        planned.external_id: Candidate(planned.document_id, key.content_type, parts, key.publish)
        for planned in planned_changes
        if (parts := planned.parts) is not None and (key := planned.validation_key) is not None
    }
    return dict(zip(candidates, licenses.checked(project, config, list(candidates.values()), now), strict=True))


def _with_parts(step: Step, outcome: CheckedParts | Rejected | None) -> Step:
    return replace(step, parts=outcome) if isinstance(outcome, CheckedParts) else step


# --- From decision to rows -------------------------------------------------------------------------------------------


def _step(planned: PlannedChange, config: ProjectConfig, now: datetime) -> Step | None:
    """The step to write; None if the candidate is skipped."""
    change, document_state = planned.change, planned.document_state
    if isinstance(change, Skip | Fail):
        return None
    incoming = planned.candidate.incoming
    content_type = document_state.content_type if document_state else str(incoming.content_type)
    dates = document_state.dates if document_state else PublicationDates()
    embargo = document_state.embargo if document_state else None
    if planned.candidate.flags.auto_publish:  # otherwise publishControl has no effect (DOC-36)
        embargo = embargo_after(embargo, incoming.publish_control)
    if change.effect is PublicationEffect.PUBLISHED:
        dates = publication_dates(dates, incoming.publish_control, now)
    known_type = config.content_types.get(content_type)
    return Step(
        document_state=document_state,
        content_type=content_type,
        document_type=known_type.document_type if known_type else "",
        parts=planned.parts,
        is_revised=not isinstance(change, Unpublish),
        effect=change.effect,
        dates=dates,
        embargo=embargo,
        document_id=incoming.document_id if document_state is None else None,
    )


def _entry(planned: PlannedChange, before: Known | None, written: Written) -> Entry:
    """The new state of the log. Without a new revision it keeps the last imported one, to detect "touched"."""
    last = before.log if before and not written.step.is_revised else written
    return Entry(
        external_id=planned.external_id,
        before=before.log if before else None,
        document_id=written.document_id,
        checksum=planned.candidate.incoming.checksum,
        revision_id=last.revision_id,
        version=last.version,
        state=written.step.effect.value,
    )


def _result(planned: PlannedChange, rejected: Rejected | None, written: Written | None, log: Log | None) -> Result:
    if rejected is not None:
        return Result(rejected=rejected)
    if written is None:
        assert isinstance(planned.change, Skip)
        return Result(log=log, reason=planned.change.reason)
    parts = written.step.parts
    return Result(
        log=log,
        effect=written.step.effect,
        removals=parts.removals if parts else (),
        no_article=parts is not None and _asks_for_an_article(written.step.content_type, parts),
    )


def _asks_for_an_article(content_type: str, parts: CheckedParts) -> bool:
    return content_type == NEWS_AGENCY_REPORT and parts.metadata.get("autoPublish") is True
