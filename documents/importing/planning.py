"""What an import would do to documents: decided and validated as by an import, over a transaction that only reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from documents.content.findings import Removal
from documents.importing import import_log, planned_documents, rejections, steps
from documents.importing.decision import Create, Skip, Unpublish
from documents.importing.import_log import Known
from documents.importing.planned_documents import PlannedDocument
from documents.importing.validation import DocumentCandidate, PlannedChange, validate_changes
from documents.models import UniqueValue
from documents.revisions.parts import Parts
from documents.revisions.publication_effect import PublicationEffect
from documents.revisions.state import stored_parts
from documents.revisions.unique_values import Value
from documents.revisions.validate import CheckedParts
from documents.revisions.writer import Step
from livingdocs_import.dry_runs import Change, Overlay, Plan, Would, metadata_changes
from livingdocs_import.errors import Rejected
from livingdocs_import.models import Project
from livingdocs_import.project_config import ProjectConfig

NEW = "no document has this id"
CHANGED = "the checksum differs"
UNPUBLISHED = "it is unpublished"


@dataclass(frozen=True, slots=True)
class PlannedResult:
    """What would become of a candidate; `plan` and `rejected` are None when there was no time for it."""

    plan: Plan | None = None
    rejected: Rejected | None = None
    removals: tuple[Removal, ...] = ()
    no_article: bool = False


def plan_candidates(
    project: Project,
    system_name: str,
    candidates: Sequence[DocumentCandidate],
    config: ProjectConfig,
    overlay: Overlay,
    *,
    has_repeats: bool,
    until: float,
) -> list[PlannedResult]:
    """What an import of these candidates, which have distinct external ids, would do; in their order.

    `has_repeats`: earlier items may have had the same ids. Nothing is begun after `until` (monotonic seconds).
    """
    now = timezone.now()
    external_ids = [candidate.incoming.external_id for candidate in candidates]
    planned_before = planned_documents.read_documents(overlay, external_ids) if has_repeats else {}
    known = import_log.known(project, system_name, external_ids, lock=False)
    known |= {key: document.as_known(number) for number, (key, document) in enumerate(planned_before.items())}
    not_stored = {
        known[key].document_state.revision_id: document.parts
        for key, document in planned_before.items()
        if document.parts is not None
    }
    planned_changes = steps.decided(candidates, known, config, now)
    validate_changes(project, config, planned_changes, until=until, not_stored=not_stored)
    begun = [planned for planned in planned_changes if planned.is_validated]
    licensed = steps.licensed(project, begun, config, now)
    rejected = rejections.rejections(project, begun, licensed, overlay)
    accepted = steps.steps(begun, licensed, rejected, config, now)
    _note(begun, accepted, known, planned_before, overlay)
    before = _parts_before(accepted, not_stored)
    return [
        PlannedResult()
        if not planned.is_validated
        else PlannedResult(rejected=rejected[planned.external_id])
        if planned.external_id in rejected
        else _result(planned, accepted.get(planned.external_id), before, known.get(planned.external_id))
        for planned in planned_changes
    ]


# --- For later items -------------------------------------------------------------------------------------------------


def _note(
    planned_changes: Sequence[PlannedChange],
    accepted: dict[str, Step],
    known: dict[str, Known],
    planned_before: dict[str, PlannedDocument],
    overlay: Overlay,
) -> None:
    """Keep what the steps would have made, as far as later items may ask for it."""
    had = _values_before(accepted, planned_before, known)
    for planned in planned_changes:
        step = accepted.get(planned.external_id)
        if step is None:
            continue
        before = had.get(planned.external_id, ())
        after = _values_after(step, before)
        document = PlannedDocument.after(
            step,
            planned.candidate.incoming.checksum,
            known.get(planned.external_id),
            planned_before.get(planned.external_id),
            after,
            planned.external_id,
        )
        if planned.external_id in overlay.coming_again:
            overlay.write(planned_documents.document_key(planned.external_id), document.as_dict())
        if step.document_state is None and step.document_id is not None:
            planned_documents.take_number(overlay, step.document_id)
        for value in before:
            planned_documents.hold_value(overlay, value, None)
        for value in after:
            planned_documents.hold_value(overlay, value, document.document_id)


def _values_before(
    accepted: dict[str, Step], planned_before: dict[str, PlannedDocument], known: dict[str, Known]
) -> dict[str, tuple[Value, ...]]:
    """The unique values that the documents hold now, by external id."""
    stored = {
        known[key].document_state.document_id: key for key in accepted if key in known and key not in planned_before
    }
    had: dict[str, tuple[Value, ...]] = {
        key: document.values or () for key, document in planned_before.items() if key in accepted
    }
    if stored:
        rows = UniqueValue.objects.filter(document__in=list(stored)).values_list("document", "scope", "value")
        for document_id, scope, value in rows:
            key = stored[document_id]
            had[key] = (*had.get(key, ()), (scope, value))
    return had


def _values_after(step: Step, before: tuple[Value, ...]) -> tuple[Value, ...]:
    match step.effect:
        case PublicationEffect.PUBLISHED:
            return tuple(step.parts.unique_values.values()) if step.parts else ()
        case PublicationEffect.UNPUBLISHED:
            return ()
    return before


# --- For readers of the plan -----------------------------------------------------------------------------------------


def _parts_before(accepted: dict[str, Step], not_stored: dict[int, Parts]) -> dict[int, Parts]:
    """The parts that documents have now, by revision; of those that would get others."""
    revised = [step.document_state for step in accepted.values() if step.is_revised]
    revisions = {state.revision_id for state in revised if state is not None}
    return stored_parts(revisions - not_stored.keys()) | not_stored


def _result(planned: PlannedChange, step: Step | None, before: dict[int, Parts], known: Known | None) -> PlannedResult:
    facts = _facts(planned)
    if step is None:
        assert isinstance(planned.change, Skip)
        return PlannedResult(Plan(Would.SKIP, planned.change.reason, facts=facts))
    changes = tuple(_changes(planned, step, before))
    match planned.change:
        case Create():
            plan = Plan(Would.CREATE, NEW, facts=facts)
        case Unpublish():
            plan = Plan(Would.UPDATE, UNPUBLISHED, changes, facts)
        case _:
            plan = Plan(Would.UPDATE, CHANGED, changes, facts)
    removals = step.parts.removals if step.parts else ()
    plan = plan.over_changes_by_hand(touched=known is not None and known.current.is_touched)
    return PlannedResult(plan, removals=removals, no_article=steps.asks_for_an_article(step))


def _facts(planned: PlannedChange) -> dict[str, Any]:
    """What it was compared with, so that one sees later whether that has changed."""
    state = planned.document_state
    if state is None or state.document_id < 0:
        return {}
    return {"document_id": state.document_id, "version": state.version}


def _changes(planned: PlannedChange, step: Step, before: dict[int, Parts]) -> Iterator[Change]:
    state = planned.document_state
    if state is None:
        return
    if step.is_revised and step.parts is not None:
        yield from _part_changes(before[state.revision_id], step.parts)
    was, becomes = state.publication_id is not None, step.effect
    if becomes is not PublicationEffect.UNCHANGED and was != (becomes is PublicationEffect.PUBLISHED):
        yield Change("publication", "published" if was else None, becomes.value if not was else None)
    if step.embargo != state.embargo:
        old, new = state.embargo, step.embargo
        yield Change("publishControl.embargo", old.as_dict() if old else None, new.as_dict() if new else None)


def _part_changes(old: Parts, new: CheckedParts) -> Iterator[Change]:
    if old.title != new.title:
        yield Change("title", old.title, new.title)
    if old.design != new.design:
        yield Change("design", str(old.design), str(new.design))
    yield from metadata_changes(old.metadata, new.metadata)
    if _without_ids(old.content) != _without_ids(new.content):
        yield Change("content", _size(old.content), _size(new.content))
    if old.translations != new.translations:
        yield Change("translations", _locales(old.translations), _locales(new.translations))


def _locales(translations: list[dict[str, Any]]) -> list[str]:
    return [each["locale"] for each in translations]


def _without_ids(content: Any) -> Any:
    """Content to be compared: components that came without an id are given another one each time."""
    if isinstance(content, list):
        return [_without_ids(each) for each in content]
    if not isinstance(content, dict) or "component" not in content:
        return content
    inner = content.get("containers") or {}
    containers = {"containers": {name: _without_ids(each) for name, each in inner.items()}}
    return {name: value for name, value in content.items() if name != "id"} | containers


def _size(content: list[dict[str, Any]]) -> str:
    count = _count(content)
    return f"{count:,} component{'' if count == 1 else 's'}"


def _count(content: list[dict[str, Any]]) -> int:
    return sum(1 + sum(map(_count, (each.get("containers") or {}).values())) for each in content)
