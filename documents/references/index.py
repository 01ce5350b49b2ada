"""Store the links of documents, and query the links to a target (spec 4.6).

A target is a kind and an id: `media/9fKagDCiN6sb`, `document/12`, `list/3`, `language-group/YbzT`. An id of another
system includes that, `document@wires/12`: it never matches ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from django.db.models import Count, QuerySet, TextField
from django.db.models.functions import Cast

from documents.models import DocumentReference
from documents.references import extract
from livingdocs_import.db import bulk_copy, lookups
from livingdocs_import.models import Project
from livingdocs_import.validation.limits import MAX_ID

Scope = DocumentReference.Scope
MEDIA_TYPES = frozenset({"image", "video", "audio", "file"})


class Link(NamedTuple):
    """The target of a reference, and the reference as JSON in the contract's form."""

    target: str
    shown: bytes


def media_target(media_id: str) -> str:
    return f"media/{media_id}"


def document_target(document_id: int) -> str:
    return f"document/{document_id}"


def links(references: Sequence[extract.ExtractedReference]) -> list[Link]:
    """References as they are stored, without those with impossible ids."""
    return [
        Link(_target(reference), orjson.dumps(reference.as_dict()))
        for reference in references
        if len(reference.id) <= MAX_ID and len(reference.external_system or "") <= MAX_ID
    ]


def _target(reference: extract.ExtractedReference) -> str:
    kind = "media" if reference.type in MEDIA_TYPES else reference.type
    return (
        f"{kind}@{reference.external_system}/{reference.id}" if reference.external_system else f"{kind}/{reference.id}"
    )


# --- Writing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DesiredLinks:
    """The links that a document should have in one scope."""

    document_id: int
    sort_id: int  # the number of their revision or publication
    links: Sequence[Link]
    is_new: bool = False  # a new document has no links yet


class _Row(NamedTuple):
    pk: int
    sort_id: int
    link: Link


def replace(project: Project, scope: Scope, desired: Sequence[DesiredLinks]) -> int:
    """Insert wanted minus existing and delete existing minus wanted, for all documents together; inside a transaction.

    Unchanged rows only get the new `sort_id`. Returns the number of deleted and inserted rows.
    """
    existing = _existing(scope, [document.document_id for document in desired if not document.is_new])
    gone: list[int] = []
    missing: list[tuple[Any, ...]] = []
    moved: list[tuple[Any, ...]] = []
    for document in desired:
        before, after = existing.get(document.document_id, {}), dict(enumerate(document.links))
        gone += [row.pk for position, row in before.items() if after.get(position) != row.link]
        missing += [
            (
                project.pk,
                document.document_id,
                scope,
                link.target,
                document.sort_id,
                position,
                orjson.Fragment(link.shown),
            )
            for position, link in after.items()
            if position not in before or before[position].link != link
        ]
        if any(row.sort_id != document.sort_id for row in before.values()):
            moved.append((document.document_id, scope, document.sort_id))
    if gone:
        DocumentReference.objects.filter(pk__in=gone).delete()
    bulk_copy.update(DocumentReference, ("sort_id",), moved, where=("document", "scope"))
    if missing:
        names = ("project", "document", "scope", "target", "sort_id", "position", "link")
        bulk_copy.insert(DocumentReference, names, missing)
    return len(gone) + len(missing)


def _existing(scope: Scope, document_ids: Sequence[int]) -> dict[int, dict[int, _Row]]:
    """Rows by document and position."""
    by_document: dict[int, dict[int, _Row]] = {}
    if document_ids:
        # The text is compared: nothing has to be parsed.
        rows = DocumentReference.objects.filter(document__in=document_ids, scope=scope).annotate(
            shown=Cast("link", TextField())
        )
        for pk, document_id, position, sort_id, target, shown in rows.values_list(
            "pk", "document", "position", "sort_id", "target", "shown"
        ):
            by_document.setdefault(document_id, {})[position] = _Row(pk, sort_id, Link(target, shown.encode()))
    return by_document


def forget(scope: Scope, document_ids: Sequence[int]) -> None:
    """Delete all links that these documents have in the scope (REF-09)."""
    if document_ids:
        DocumentReference.objects.filter(document__in=document_ids, scope=scope).delete()


# --- Outgoing --------------------------------------------------------------------------------------------------------


def of_documents(document_ids: Sequence[int], scope: Scope) -> dict[int, list[dict[str, str]]]:
    """The references of each document in the contract's form, content before metadata (REF-06)."""
    rows = DocumentReference.objects.filter(document__in=document_ids, scope=scope).order_by("document", "position")
    by_document: dict[int, list[dict[str, str]]] = {document_id: [] for document_id in document_ids}
    for document_id, shown in rows.values_list("document", "link"):
        by_document[document_id].append(shown)
    return by_document


# --- Incoming --------------------------------------------------------------------------------------------------------


def incoming(project: Project, scope: Scope, target: str) -> QuerySet[DocumentReference]:
    """The references of the project's documents to one target."""
    if "\0" in target:  # impossible in a database
        return DocumentReference.objects.none()
    return DocumentReference.objects.filter(project=project, target=target, scope=scope)


@dataclass(frozen=True, slots=True)
class LinkingDocuments:
    """The documents with references to one target, newest publication first."""

    references: QuerySet[DocumentReference]

    @lookups.planned_anew()
    def page(self, *, limit: int, offset: int, before: int | None) -> tuple[list[dict[str, Any]], int | None]:
        """A page of `{id, references}` by linking document, and the sort value of its last one.

        The order is that of `sort_id`, each of which belongs to one document: it is total, and the index that finds the
        rows has it. See docs/adr/0006.
        """
        pages = self.references if before is None else self.references.filter(sort_id__lt=before)
        sort_ids = list(
            pages.order_by("-sort_id").values_list("sort_id", flat=True).distinct()[offset : offset + limit]
        )
        if not sort_ids:
            return [], None
        rows = self.references.filter(sort_id__gte=sort_ids[-1], sort_id__lte=sort_ids[0]).order_by(
            "-sort_id", "position"
        )
        by_document: dict[int, list[dict[str, str]]] = {}
        for document_id, shown in rows.values_list("document", "link"):
            by_document.setdefault(document_id, []).append(shown)
        return [{"id": document_id, "references": shown} for document_id, shown in by_document.items()], sort_ids[-1]

    def total(self) -> int:
        """The number of documents that link to the target."""
        return int(self.references.aggregate(number=Count("sort_id", distinct=True))["number"])
