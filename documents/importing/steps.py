"""From decisions to what is to be written: what an import writes, and what a dry run reports."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from documents.importing.decision import Fail, Skip, Unpublish, decide
from documents.importing.import_log import Known
from documents.importing.validation import DocumentCandidate, PlannedChange
from documents.revisions import licenses
from documents.revisions.licenses import Candidate
from documents.revisions.publication_effect import PublicationEffect
from documents.revisions.publish_control import PublicationDates, embargo_after, publication_dates
from documents.revisions.validate import CheckedParts
from documents.revisions.writer import Step
from livingdocs_import.errors import Rejected
from livingdocs_import.models import Project
from livingdocs_import.project_config import NEWS_AGENCY_REPORT, ProjectConfig


def decided(
    candidates: Sequence[DocumentCandidate], known: Mapping[str, Known], config: ProjectConfig, now: datetime
) -> list[PlannedChange]:
    """The decision about each candidate; `known` has the documents that were imported before, by external id."""
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


def licensed(
    project: Project, planned_changes: Sequence[PlannedChange], config: ProjectConfig, now: datetime
) -> dict[str, CheckedParts | Rejected]:
    """The parts that will be stored, or why the licences of its images keep a document from being published."""
    candidates = {
        planned.external_id: Candidate(planned.document_id, key.content_type, parts, key.publish)
        for planned in planned_changes
        if (parts := planned.parts) is not None and (key := planned.validation_key) is not None
    }
    return dict(zip(candidates, licenses.checked(project, config, list(candidates.values()), now), strict=True))


def steps(
    planned_changes: Sequence[PlannedChange],
    licensed_parts: Mapping[str, CheckedParts | Rejected],
    rejections: Mapping[str, Rejected],
    config: ProjectConfig,
    now: datetime,
) -> dict[str, Step]:
    """What is to be written, by external id; nothing for candidates that are skipped or rejected."""
    return {
        planned.external_id: _with_parts(step, licensed_parts.get(planned.external_id))
        for planned in planned_changes
        if planned.external_id not in rejections and (step := _step(planned, config, now)) is not None
    }


def _with_parts(step: Step, outcome: CheckedParts | Rejected | None) -> Step:
    return replace(step, parts=outcome) if isinstance(outcome, CheckedParts) else step


def _step(planned: PlannedChange, config: ProjectConfig, now: datetime) -> Step | None:
    change, document_state = planned.change, planned.document_state
    if isinstance(change, Skip | Fail):
        return None
    incoming = planned.candidate.incoming
    content_type = document_state.content_type if document_state else str(incoming.content_type)
    dates = document_state.dates if document_state else PublicationDates()
    embargo = document_state.embargo if document_state else None
    if planned.candidate.flags.auto_publish:  # else nothing of publishControl has an effect (DOC-36)
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


def asks_for_an_article(step: Step) -> bool:
    """Whether a report of a news agency asks for one; nothing makes it (AGY-10)."""
    parts = step.parts
    return step.content_type == NEWS_AGENCY_REPORT and parts is not None and parts.metadata.get("autoPublish") is True
