"""Extract references of stored documents again: after the rules have changed, or when a document is restored."""

from collections.abc import Sequence

from documents.models import DocumentReference, Publication
from documents.references import index
from documents.references.extract import document_references
from documents.references.index import DesiredLinks, Link
from documents.revisions.design_lookup import Designs
from documents.revisions.parts import Parts
from documents.revisions.state import DocumentState, lock, stored_parts
from livingdocs_import.models import Project
from livingdocs_import.project_config import ContentType, store

Scope = DocumentReference.Scope


def rebuild(project: Project, document_ids: Sequence[int]) -> int:
    """Extract and write the references of these documents, separately for draft and publication; inside a transaction.

    A document whose content type or design is no longer configured keeps its references. Returns the number of deleted
    and inserted rows: 0 if everything was correct.
    """
    states = [state for state in lock(project, document_ids).values() if not state.is_deleted]
    published = Publication.objects.filter(pk__in=[state.publication_id for state in states if state.publication_id])
    live = dict(published.values_list("pk", "revision"))
    reader = _Reader(project, [*(state.revision_id for state in states), *live.values()])
    drafts, publications = [], []
    for state in states:
        if (links := reader.links(state, state.revision_id)) is not None:
            drafts.append(DesiredLinks(state.document_id, state.revision_id, links))
        if state.publication_id is None:
            continue
        if (links := reader.links(state, live[state.publication_id])) is not None:
            publications.append(DesiredLinks(state.document_id, state.publication_id, links))
    return index.replace(project, Scope.DRAFT, drafts) + index.replace(project, Scope.PUBLICATION, publications)


class _Reader:
    """Extracts the links of some revisions of a project."""

    def __init__(self, project: Project, revision_ids: Sequence[int]) -> None:
        self._config = store.current(project)
        self._designs = Designs(project, self._config)
        self._parts = stored_parts(revision_ids)

    def links(self, document_state: DocumentState, revision_id: int) -> list[Link] | None:
        """None if the configuration cannot interpret the content."""
        content_type = self._config.content_types.get(document_state.content_type)
        return None if content_type is None else self._links(self._parts[revision_id], content_type)

    def _links(self, parts: Parts, content_type: ContentType) -> list[Link] | None:
        design = self._designs.find(parts.design, content_type)
        if design is None:
            return None
        schema = content_type.metadata
        return index.links(document_references(parts.content, design, parts.metadata, parts.translations, schema))
