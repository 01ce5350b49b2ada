"""Decide and store imported documents: a whole chunk in a few statements (spec 5.1, 5.2).

`prepare` does the part without locks. `import_candidates` does the rest in the caller's transaction: lock, read,
decide, validate again what has changed in between, write.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from documents.content.findings import Removal
from documents.importing import import_log, rejections, steps
from documents.importing.decision import Skip
from documents.importing.import_log import Entry, Known, Log
from documents.importing.validation import DocumentCandidate, PlannedChange, validate_changes
from documents.models import Revision
from documents.revisions import publication_events, webhook_events, writer
from documents.revisions.publication_effect import PublicationEffect
from documents.revisions.writer import Origin, Written
from livingdocs_import.errors import Rejected
from livingdocs_import.models import Project
from livingdocs_import.project_config import ProjectConfig

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
    planned_changes = steps.decided(candidates, known, config, timezone.now())
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
    planned_changes = steps.decided(candidates, known, config, now)
    validate_changes(project, config, planned_changes)
    licensed = steps.licensed(project, planned_changes, config, now)
    rejected = rejections.rejections(project, planned_changes, licensed)
    accepted = steps.steps(planned_changes, licensed, rejected, config, now)
    origin = Origin(Revision.Source.IMPORT, IMPORTER, job)
    written = dict(zip(accepted, writer.carry_out(project, list(accepted.values()), origin, now), strict=True))
    entries = [
        _entry(planned, known.get(planned.external_id), written[planned.external_id])
        for planned in planned_changes
        if planned.external_id in written
    ]
    logs = {external_id: known_log.log for external_id, known_log in known.items()}
    logs |= dict(zip(written, import_log.write(project, system_name, entries, now), strict=True))
    webhook_events.record(project, list(written.values()), origin, now)
    publication_events.record(project, list(written.values()), now)
    results = []
    for planned in planned_changes:
        key = planned.external_id
        results.append(_result(planned, rejected.get(key), written.get(key), logs.get(key)))
    return results


def _external_ids(candidates: Sequence[DocumentCandidate]) -> list[str]:
    return [candidate.incoming.external_id for candidate in candidates]


# --- From rows to results -------------------------------------------------------------------------------------------


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
        no_article=steps.asks_for_an_article(written.step),
    )
