"""The present state of a document: the input of decisions about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from documents.models import Document, Revision
from documents.revisions.parts import DesignVersion, Parts
from documents.revisions.publish_control import Embargo, PublicationDates
from livingdocs_import.models import Project


@dataclass(frozen=True, slots=True)
class DocumentState:
    """The columns of one document's row."""

    document_id: int
    content_type: str
    version: int
    revision_id: int
    publication_id: int | None  # None: not published
    dates: PublicationDates
    embargo: Embargo | None
    is_deleted: bool


COLUMNS = (
    "id",
    "content_type",
    "version",
    "current_revision_id",
    "live_publication_id",
    "first_publication_date",
    "last_publication_date",
    "significant_publication_date",
    "visible_publication_date_override",
    "embargo",
    "deleted_at",
)


def of_row(row: tuple[Any, ...]) -> DocumentState:
    """From the values of COLUMNS, in their order."""
    pk, content_type, version, revision_id, publication_id, first, last, significant, override, embargo, deleted = row
    return DocumentState(
        document_id=pk,
        content_type=content_type,
        version=version,
        revision_id=revision_id,
        publication_id=publication_id,
        dates=PublicationDates(first, last, significant, override),
        embargo=None if embargo is None else Embargo.read(embargo),
        is_deleted=deleted is not None,
    )


def lock(project: Project, document_ids: Iterable[int]) -> dict[int, DocumentState]:
    """The project's documents with these ids, locked in the order of their ids; inside a transaction."""
    rows = Document.objects.of(project).filter(pk__in=list(document_ids)).order_by("pk").select_for_update()
    return {row[0]: of_row(row) for row in rows.values_list(*COLUMNS)}


def stored_parts(revision_ids: Iterable[int], *, with_content: bool = True) -> dict[int, Parts]:
    """The parts of these revisions, by their ids. Content is most of it, and often not needed."""
    names = ["id", "title", "metadata", "translations", "design_name", "design_version"]
    if with_content:
        names.append("content")
    rows = Revision.objects.filter(pk__in=list(revision_ids)).values_list(*names)
    return {
        pk: Parts(title, content[0] if content else None, metadata, translations, DesignVersion(name, version))
        for pk, title, metadata, translations, name, version, *content in rows
    }
