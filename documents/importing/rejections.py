"""Why documents of a chunk cannot be stored: they are invalid, or their numbers or unique values are taken."""

from collections.abc import Mapping, Sequence

from django.conf import settings

from documents.importing import planned_documents
from documents.importing.decision import Create, Fail, Unpublish, Update
from documents.importing.validation import PlannedChange
from documents.models import Document
from documents.revisions.publication_effect import PublicationEffect
from documents.revisions.unique_values import Holders
from documents.revisions.validate import CheckedParts
from livingdocs_import.dry_runs import Overlay
from livingdocs_import.errors import Rejected
from livingdocs_import.models import Project

INVALID_ID = "Invalid documentId"


def rejections(
    project: Project,
    planned_changes: Sequence[PlannedChange],
    licensed: Mapping[str, CheckedParts | Rejected],
    overlay: Overlay | None = None,
) -> dict[str, Rejected]:
    """The reasons by external id; inside the transaction that stores the other documents.

    Values assigned to an earlier change of the chunk are taken for later ones. In
    a dry run, those assigned in an earlier chunk are taken too, by the overlay.
    """
    overlay = overlay or Overlay()
    rejections_by_id: dict[str, Rejected] = {}
    published = [parts for planned in planned_changes if (parts := planned.published_parts) is not None]
    wanted = {value for parts in published for value in parts.unique_values.values()}
    holders = Holders(project, wanted, planned_documents.value_holders(overlay, wanted))
    taken = _taken(planned_changes, overlay)
    for planned in planned_changes:
        rejected = (
            _by_validation(planned)
            or _by_license(planned, licensed)
            or _by_number(planned, taken)
            or _by_values(planned, holders)
        )
        if rejected is None:
            _promise(planned, taken, holders)
        else:
            rejections_by_id[planned.external_id] = rejected
    return rejections_by_id


def _taken(planned_changes: Sequence[PlannedChange], overlay: Overlay) -> set[int]:
    """The chosen numbers that are in use, in any project."""
    creating = [
        planned.candidate.incoming.document_id for planned in planned_changes if isinstance(planned.change, Create)
    ]
    chosen = [number for number in creating if number is not None]
    if not chosen:
        return set()
    stored = Document.objects.filter(pk__in=chosen).values_list("pk", flat=True)
    return {*stored, *planned_documents.taken_numbers(overlay, chosen)}


def _by_validation(planned: PlannedChange) -> Rejected | None:
    if isinstance(planned.change, Fail):
        return Rejected(planned.change.reason, planned.change.reason, cause=planned.change.cause)
    return planned.rejected


def _by_license(planned: PlannedChange, licensed: Mapping[str, CheckedParts | Rejected]) -> Rejected | None:
    outcome = licensed.get(planned.external_id)
    return outcome if isinstance(outcome, Rejected) else None


def _by_number(planned: PlannedChange, taken: set[int]) -> Rejected | None:
    """Whether the document can have the number that the client has chosen (DOC-55, DOC-56)."""
    chosen, below = planned.candidate.incoming.document_id, settings.DOCUMENT_CUSTOM_IDS_BELOW
    if chosen is None or not isinstance(planned.change, Create | Update):
        return None
    if planned.document_state is not None:
        own = planned.document_state.document_id
        return None if chosen == own else _invalid_id(f"cannot be changed: it is {own}")
    if not 0 < chosen < below:
        allowed = f"must be from 1 to {below - 1}" if below > 1 else "cannot be chosen: this service gives them out"
        return _invalid_id(allowed)
    return _invalid_id(f"{chosen} is taken") if chosen in taken else None


def _invalid_id(why: str) -> Rejected:
    return Rejected(INVALID_ID, f"documentId {why}", cause="conflict")


def _by_values(planned: PlannedChange, holders: Holders) -> Rejected | None:
    parts = planned.published_parts
    return None if parts is None else holders.refuse(parts.unique_values, planned.document_id)


def _promise(planned: PlannedChange, taken: set[int], holders: Holders) -> None:
    chosen = planned.candidate.incoming.document_id
    if chosen is not None and planned.document_state is None:
        taken.add(chosen)
    if (parts := planned.published_parts) is not None:
        holders.promise(parts.unique_values, planned.document_id)
    elif isinstance(planned.change, Unpublish | Update) and planned.change.effect is PublicationEffect.UNPUBLISHED:
        holders.promise({}, planned.document_id)
