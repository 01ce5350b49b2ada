"""Import documents: read, checked, decided and stored, a chunk at a time (spec 5)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from documents.content.findings import Removal, removal_details
from documents.importing import pipeline, planning
from documents.importing.import_log import Log
from documents.importing.incoming import Flags, Incoming
from documents.importing.validation import DocumentCandidate
from documents.revisions.reasons import COULD_NOT_IMPORT
from imports.handlers.base import FailureReports, ItemOutcome, planned, planned_failure
from imports.models import ImportItem, ImportJob
from livingdocs_import.dry_runs import Overlay
from livingdocs_import.errors import Failure, Rejected
from livingdocs_import.project_config import ProjectConfig
from livingdocs_import.timestamps import timestamp
from livingdocs_import.validation.json_types import JSONObject
from livingdocs_import.validation.limits import MAX_REASON, cut

log = logging.getLogger(__name__)

OUTCOME = ImportItem.Outcome


@dataclass
class PreparedDocument:
    """An item before its transaction: a candidate or a failure. Not begun: there was no time for its check."""

    item: ImportItem
    config: ProjectConfig
    candidate: DocumentCandidate | None = None
    failure: Failure | None = None
    begun: bool = True


class DocumentHandler(FailureReports):
    """The handler of documents; it has no state."""

    could_not = COULD_NOT_IMPORT

    def begin(self, job: ImportJob, config: ProjectConfig, items: Sequence[ImportItem]) -> list[PreparedDocument]:
        """The items, read."""
        return [self._read(job, config, item) for item in items]

    def prepare(
        self, job: ImportJob, config: ProjectConfig, items: Sequence[ImportItem], *, until: float
    ) -> list[PreparedDocument]:
        """Prepare these items as far as possible without locks. Nothing is begun after `until` (monotonic)."""
        batch = self.begin(job, config, items)
        candidates = [(prepared, prepared.candidate) for prepared in batch if prepared.candidate is not None]
        begun = pipeline.prepare(
            job.project, job.system_name, [candidate for _, candidate in candidates], config, until=until
        )
        for (prepared, _), was_begun in zip(candidates, begun, strict=True):
            prepared.begun = was_begun
        return batch

    def _read(self, job: ImportJob, config: ProjectConfig, item: ImportItem) -> PreparedDocument:
        try:
            payload = item.payload
            candidate = DocumentCandidate(Incoming.read(payload), Flags.read(payload.get("flags") or {}))
        except Failure as failure:
            return PreparedDocument(item, config, failure=failure)
        except Exception:
            # A bug that one item triggers must not fail the others.
            log.exception("job %s item %s", job.public_id, item.position)
            bug = Rejected(COULD_NOT_IMPORT, "internal error", cause="internal-error")
            return PreparedDocument(item, config, failure=bug)
        return PreparedDocument(item, config, candidate=candidate)

    def apply(self, job: ImportJob, batch: Sequence[PreparedDocument]) -> list[ItemOutcome]:
        """Write prepared items as documents, inside a transaction; returns one ItemOutcome for each, in order."""
        candidates = [(prepared, prepared.candidate) for prepared in batch if prepared.candidate is not None]
        results = iter(
            pipeline.import_candidates(
                job.project,
                job.system_name,
                [candidate for _, candidate in candidates],
                candidates[0][0].config,
                job=job.public_id,
            )
            if candidates
            else ()
        )
        return [
            self.failed(job, prepared.item, prepared.failure)
            if prepared.failure is not None
            else self._outcome(job, prepared.item, next(results))
            for prepared in batch
        ]

    def plan(
        self,
        job: ImportJob,
        config: ProjectConfig,
        batch: Sequence[PreparedDocument],
        overlay: Overlay,
        *,
        until: float,
    ) -> list[ItemOutcome]:
        """What `apply` would do: `documents.importing.planning` decides."""
        results = iter(
            planning.plan_candidates(
                job.project,
                job.system_name,
                [prepared.candidate for prepared in batch if prepared.candidate is not None],
                config,
                overlay,
                has_repeats=job.has_repeats,
                until=until,
            )
        )
        return [
            planned_failure(self.failed(job, prepared.item, prepared.failure))
            if prepared.failure is not None
            else self._planned(job, prepared.item, next(results))
            for prepared in batch
        ]

    def _planned(self, job: ImportJob, item: ImportItem, result: planning.PlannedResult) -> ItemOutcome:
        if result.rejected is not None:
            return planned_failure(self.failed(job, item, result.rejected))
        if result.plan is None:
            return ItemOutcome.requeue(item)
        return planned(item, result.plan, _details(result.removals, no_article=result.no_article))

    def _outcome(self, job: ImportJob, item: ImportItem, result: pipeline.Result) -> ItemOutcome:
        if result.rejected is not None:
            return self.failed(job, item, result.rejected)
        assert result.log is not None
        if result.effect is None:
            return ItemOutcome(item, OUTCOME.SKIPPED, reason=result.reason, result=snapshot(result.log))
        return ItemOutcome(
            item,
            OUTCOME.SUCCESS,
            details=_details(result.removals, no_article=result.no_article),
            result=snapshot(result.log),
            counted_as=result.effect.value,
        )

    def shown(self, text: str) -> str:
        return cut(text, MAX_REASON)


def _details(removals: tuple[Removal, ...], *, no_article: bool) -> JSONObject | None:
    removed = {"removed": removal_details(removals)} if removals else {}
    agency = {"newsAgency": "no function registered"} if no_article else {}
    return {**removed, **agency} or None


def snapshot(row: Log) -> JSONObject:
    """The log as it is now: a later job does not change this one's status (DST-08)."""
    return row._asdict() | {"created_at": timestamp(row.created_at), "updated_at": timestamp(row.updated_at)}
