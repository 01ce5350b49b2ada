"""Plan the items of a dry run over a transaction that only reads, and write down what they would become."""

import hashlib
import logging
from collections.abc import Collection, Mapping, Sequence
from functools import partial

from django.db import transaction

from imports.handlers.base import ItemHandler, ItemOutcome, P, planned_failure
from imports.models import ImportItem, ImportJob, PlannedState
from imports.outcomes import item_outcomes
from imports.outcomes.claim_refunds import is_outage
from livingdocs_import.db.read_only import read_only
from livingdocs_import.dry_runs import Overlay
from livingdocs_import.project_config import ProjectConfig
from livingdocs_import.validation.json_types import JSON
from livingdocs_import.work_queue.lease import lock_claimed

log = logging.getLogger(__name__)


def record_plans(
    job: ImportJob, handler: ItemHandler[P], config: ProjectConfig, batch: Sequence[P], *, until: float
) -> None:
    """Plan all items of the batch; if something goes wrong, one by one: only the culprit would fail."""
    if not batch:
        return
    try:
        _plan(job, handler, config, batch, until)
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("job %s: a chunk could not be planned, its items go one by one", job.public_id)
        for prepared in batch:
            _plan_alone(job, handler, config, prepared, until)


def _plan_alone(job: ImportJob, handler: ItemHandler[P], config: ProjectConfig, prepared: P, until: float) -> None:
    try:
        _plan(job, handler, config, [prepared], until)
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("job %s item %s could not be planned", job.public_id, prepared.item.position)
        reason = item_outcomes.refusal(error)
        failed = ItemOutcome(prepared.item, ImportItem.Outcome.FAILED, reason=reason, cause="internal-error")
        item_outcomes.record_outcomes(job, [planned_failure(failed)])


def _plan(job: ImportJob, handler: ItemHandler[P], config: ProjectConfig, batch: Sequence[P], until: float) -> None:
    with read_only():
        overlay = Overlay(partial(_stored, job), _coming_again(job, [prepared.item for prepared in batch]))
        outcomes = handler.plan(job, config, batch, overlay, until=until)
    with transaction.atomic():
        items = [prepared.item for prepared in batch]
        if len(lock_claimed(ImportItem, items)) == len(items):
            _keep(job, overlay.written)
        else:
            # Another worker has taken some over, and plans them anew: what the others would find then is not known.
            outcomes = [ItemOutcome.requeue(item) for item in items]
        item_outcomes.record_outcomes(job, outcomes)


def _coming_again(job: ImportJob, items: Sequence[ImportItem]) -> frozenset[str]:
    """The external ids of these items that a later item of the job has, too."""
    if not job.has_repeats:
        return frozenset()
    positions = {item.position: item.external_id for item in items}
    waiting = job.items.filter(blocked_by__in=list(positions)).values_list("blocked_by", flat=True)
    return frozenset(positions[position] for position in waiting if position is not None)


# --- The overlay -----------------------------------------------------------------------------------------------------


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _stored(job: ImportJob, keys: Collection[str]) -> Mapping[str, JSON]:
    by_digest = {_digest(key): key for key in keys}
    rows = PlannedState.objects.filter(job=job, key__in=list(by_digest)).values_list("key", "state")
    return {by_digest[digest]: state for digest, state in rows}


def _keep(job: ImportJob, written: Mapping[str, JSON]) -> None:
    PlannedState.objects.bulk_create(
        [PlannedState(job=job, key=_digest(key), state=state) for key, state in written.items()],
        update_conflicts=True,
        unique_fields=["job", "key"],
        update_fields=["state"],
    )
