"""References for operators: with the title and the page of the other end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from documents.models import Document, DocumentReference
from documents.references import index
from livingdocs_import.models import Project
from media_library.models import MediaEntry

MAX_ROWS = 50  # rows of a panel
Scope = DocumentReference.Scope


@dataclass(frozen=True)
class DocumentLink:
    """One reference. `name` is the other end, `address` its page; "" if there is none."""

    place: str
    name: str
    address: str


def outgoing(document: Document) -> list[DocumentLink]:
    """The references of the document: one more than MAX_ROWS, if there are more."""
    rows = DocumentReference.objects.filter(document=document, scope=Scope.DRAFT).order_by("position")[: MAX_ROWS + 1]
    return _named(document.project, list(rows))


def _named(project: Project, rows: Sequence[DocumentReference]) -> list[DocumentLink]:
    targets = [row.target.partition("/") for row in rows]
    media = {id_ for kind, _, id_ in targets if kind == "media"}
    entries = MediaEntry.objects.of(project).filter(media_id__in=media).only("media_id", "title")
    known: dict[str, Any] = {index.media_target(entry.media_id): entry for entry in entries}
    numbers = [int(id_) for kind, _, id_ in targets if kind == "document" and id_.isdecimal() and len(id_) < 19]
    documents = Document.objects.of(project).existing().filter(pk__in=numbers).only("title")
    known |= {index.document_target(document.pk): document for document in documents}
    return [
        DocumentLink(
            place=place(row.link),
            name=str(known.get(row.target) or f"{row.link['type']} {row.link['id']}"),
            address=page_of(known.get(row.target)),
        )
        for row in rows
    ]


def linking(project: Project, target: str) -> list[DocumentLink]:
    """The published documents that link to the target: one more than MAX_ROWS, if there are more."""
    rows = index.incoming(project, Scope.PUBLICATION, target).select_related("document")
    return of_documents(rows.order_by("-sort_id", "position")[: MAX_ROWS + 1])


def of_documents(rows: Iterable[DocumentReference]) -> list[DocumentLink]:
    """The documents that have these references."""
    return [DocumentLink(place(row.link), str(row.document), page_of(row.document)) for row in rows]


def place(link: dict[str, str]) -> str:
    """The place in the document: `teaserImage`, `image`, `poster of video`."""
    if "componentName" not in link:
        return link["propertyName"]
    name = link.get("propertyName") or link["directiveName"]
    return name if name == link["componentName"] else f"{name} of {link['componentName']}"


def page_of(thing: MediaEntry | Document | None) -> str:
    if thing is None:
        return ""
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])
