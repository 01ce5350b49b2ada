"""The rows of the search: written for some documents, as they are published at that moment."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from documents.models import (
    Document,
    IndexedPublication,
    IndexedValue,
    OutdatedPublication,
    Publication,
    PublicationIndex,
)
from documents.revisions.state import COLUMNS, of_row, stored_parts
from documents.search.indexed import Indexed, Source, indexed
from livingdocs_import.db import bulk_copy
from livingdocs_import.models import Project
from livingdocs_import.project_config import ProjectConfig

_PUBLICATION = (
    "document", "project", "content_type", "sort_date", "first_publication_date", "last_publication_date",
    "significant_publication_date", "visible_publication_date", "has_embargo", "embargo_until", "lexemes",
)  # fmt: skip
_VALUE = ("project", "document", "key", "position", "number", "text")


def write(project: Project, config: ProjectConfig, document_ids: Iterable[int]) -> int:
    """Index these documents anew; how many are published. Inside a transaction that has locked PublicationIndex.

    What is not published any more, and what is of a content type that is not configured, has no rows afterwards.
    """
    ids = sorted(set(document_ids))
    sources = _sources(project, config, ids)
    found = {document_id: indexed(source) for document_id, source in sources.items()}
    remove(ids)
    bulk_copy.insert(
        IndexedPublication,
        _PUBLICATION,
        [_row(project, sources[document_id], document_id, each) for document_id, each in found.items()],
    )
    values = [(project.pk, document_id, *value) for document_id, each in found.items() for value in each.values]
    bulk_copy.insert(IndexedValue, _VALUE, values)
    return len(found)


def remove(document_ids: Sequence[int]) -> None:
    """Documents that nothing finds any more."""
    IndexedPublication.objects.filter(document__in=document_ids).delete()
    IndexedValue.objects.filter(document__in=document_ids).delete()


@transaction.atomic
def forget(project: Project) -> None:
    """All rows of a project without documents: those that were about to be written when the last ones were deleted."""
    list(PublicationIndex.objects.select_for_update().filter(project=project))  # wait for who is writing
    for model in (IndexedPublication, IndexedValue, OutdatedPublication, PublicationIndex):
        model._default_manager.filter(project=project).delete()


def _sources(project: Project, config: ProjectConfig, document_ids: Sequence[int]) -> dict[int, Source]:
    """Those of them that are published now, in the order of their ids."""
    documents = Document.objects.of(project).published().filter(pk__in=document_ids).order_by("pk")
    states = [of_row(row) for row in documents.values_list(*COLUMNS)]
    states = [state for state in states if state.content_type in config.content_types]
    rows = Publication.objects.filter(pk__in=[state.publication_id for state in states])
    live = {pk: (revision, published) for pk, revision, published in rows.values_list("pk", "revision", "published_at")}
    parts = stored_parts(revision for revision, _ in live.values())
    sources = {}
    for state in states:
        # Between the two queries it may have been published again: the next event covers that.
        if state.publication_id is None or state.publication_id not in live:
            continue
        revision, published_at = live[state.publication_id]
        sources[state.document_id] = Source(
            project.pk,
            config.content_types[state.content_type],
            parts[revision].title or "",
            parts[revision].metadata or {},
            parts[revision].content,
            state.dates,
            published_at,
            state.embargo,
        )
    return sources


def _row(project: Project, source: Source, document_id: int, found: Indexed) -> tuple[object, ...]:
    embargo = source.embargo
    return (
        document_id, project.pk, source.content_type.handle, *found.dates,
        embargo is not None, embargo.until if embargo else None, found.lexemes,
    )  # fmt: skip
