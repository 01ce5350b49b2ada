"""Why documents of a chunk cannot be stored: their verdicts, and what is somebody else's, numbers and unique values."""

from collections.abc import Sequence

from django.conf import settings

from documents.importing.decision import Create, Fail, Unpublish, Update
from documents.importing.validation import Case
from documents.models import Document
from documents.revisions.publication_effect import Ending
from documents.revisions.unique_values import Holders
from documents.revisions.validate import Rejected
from livingdocs_import.models import Project

INVALID_ID = "Invalid documentId"


def rejections(project: Project, cases: Sequence[Case]) -> dict[str, Rejected]:
    """Why cases cannot be stored, by external id; inside the transaction that stores the others.

    What an earlier case of the chunk gets, a later one cannot have.
    """
    found: dict[str, Rejected] = {}
    published = [parts for case in cases if (parts := case.published_parts) is not None]
    holders = Holders(project, {value for parts in published for value in parts.unique_values.values()})
    taken = _taken(cases)
    for case in cases:
        rejected = _by_verdict(case) or _by_number(case, taken) or _by_values(case, holders)
        if rejected is None:
            _promise(case, taken, holders)
        else:
            found[case.external_id] = rejected
    return found


def _taken(cases: Sequence[Case]) -> set[int]:
    """Which of the chosen numbers some document has, whosever it is."""
    creating = [case.arrival.incoming.document_id for case in cases if isinstance(case.change, Create)]
    chosen = [number for number in creating if number is not None]
    return set(Document.objects.filter(pk__in=chosen).values_list("pk", flat=True)) if chosen else set()


def _by_verdict(case: Case) -> Rejected | None:
    if isinstance(case.change, Fail):
        return Rejected(case.change.reason, case.change.reason)
    return case.rejected


def _by_number(case: Case, taken: set[int]) -> Rejected | None:
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


def _by_values(case: Case, holders: Holders) -> Rejected | None:
    parts = case.published_parts
    return None if parts is None else holders.refuse(parts.unique_values, case.document_id)


def _promise(case: Case, taken: set[int], holders: Holders) -> None:
    chosen = case.arrival.incoming.document_id
    if chosen is not None and case.standing is None:
        taken.add(chosen)
    if (parts := case.published_parts) is not None:
        holders.promise(parts.unique_values, case.document_id)
    elif isinstance(case.change, Unpublish | Update) and case.change.ending is Ending.UNPUBLISHED:
        holders.promise({}, case.document_id)
