"""Values that only one published document of a project may have (`li-unique-id`, spec 4.3)."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from documents.models import UniqueValue
from documents.revisions.reasons import INVALID_METADATA
from livingdocs_import.db import bulk_copy
from livingdocs_import.errors import Rejected
from livingdocs_import.metadata import metadata_error
from livingdocs_import.models import Project
from livingdocs_import.validation.problems import Problem

MAX_VALUE = 400  # characters
Value = tuple[str, str]  # scope, value

_SOMEBODY_NEW = 0  # a holder that has no number yet


class Holders:
    """The documents that hold some values while a chunk is decided: the stored ones, updated after each document."""

    def __init__(
        self, project: Project, values: Collection[Value], planned: Mapping[Value, int | None] = MappingProxyType({})
    ) -> None:
        """`planned`: the holders that a dry run would have made of some of the values; None: no document."""
        self._holders: dict[Value, int] = {}
        if values:
            rows = UniqueValue.objects.filter(project=project, value__in={value for _, value in values})
            for scope, value, document_id in rows.values_list("scope", "value", "document"):
                self._holders[scope, value] = document_id
        for taken, holder in planned.items():
            self._holders.pop(taken, None)
            if holder is not None:
                self._holders[taken] = holder

    def refuse(self, wanted: Mapping[str, Value], document_id: int | None) -> Rejected | None:
        """Why a document (None: a new one) cannot have these values, given by metadata property."""
        faults = []
        for handle, value in wanted.items():
            if len(value[1]) > MAX_VALUE:
                message = f"must NOT have more than {MAX_VALUE} characters"
            elif value in self._holders and self._holders[value] != document_id:
                message = "must be unique"
            else:
                continue
            faults.append(dict(metadata_error(Problem((handle,), message))))
        if not faults:
            return None
        return Rejected(INVALID_METADATA, "Metadata validation failed.", cause="metadata", errors=faults)

    def promise(self, wanted: Mapping[str, Value], document_id: int | None) -> None:
        """From now on the document holds exactly these values."""
        self._holders = {value: holder for value, holder in self._holders.items() if holder != document_id}
        self._holders |= dict.fromkeys(wanted.values(), document_id or _SOMEBODY_NEW)


def replace(project: Project, wanted: Mapping[int, Collection[Value]], *, holders_before: Sequence[int]) -> None:
    """Let each document hold exactly these values; inside a transaction.

    `holders_before` are the documents that may hold some already. Raises IntegrityError when another transaction takes
    one of the values at the same time.
    """
    existing: dict[int, dict[Value, int]] = {}
    if holders_before:
        rows = UniqueValue.objects.filter(document__in=holders_before)
        for pk, document_id, scope, value in rows.values_list("pk", "document", "scope", "value"):
            existing.setdefault(document_id, {})[scope, value] = pk
    gone = [
        pk
        for document_id, values in existing.items()
        for value, pk in values.items()
        if value not in wanted.get(document_id, ())
    ]
    if gone:
        UniqueValue.objects.filter(pk__in=gone).delete()
    missing = [
        (project.pk, *value, document_id)
        for document_id, values in wanted.items()
        for value in set(values) - existing.get(document_id, {}).keys()
    ]
    # Sorted, so that two workers with the same values wait for each other instead of deadlocking.
    bulk_copy.insert(UniqueValue, ("project", "scope", "value", "document"), sorted(missing))
