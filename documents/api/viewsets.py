"""Documents: read what is published or drafted, ask who links to something (spec 3.10, 3.18, 3.19)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework.request import Request

from documents import references
from documents.api import filters, responses
from documents.api.visibility import Audience
from documents.models import Document, DocumentReference, Publication, Revision
from livingdocs_import import configurations, errors
from livingdocs_import.api import pagination
from livingdocs_import.api.permissions import DRAFTS, READ, WRITE
from livingdocs_import.api.responses import JSONResponse
from livingdocs_import.api.views import ProjectView
from livingdocs_import.metadata.formats import instant
from livingdocs_import.project_config import ContentType
from livingdocs_import.validation.strict_json import read_json
from media_library.api.viewsets import IncomingMediaReferences

Scope = DocumentReference.Scope
CONDITIONS = ("ignoreComponentConditions", "componentConditions")


class DocumentView(ProjectView):
    """What the reading views have in common."""

    def found(self, document_id: int) -> tuple[Document, ContentType]:
        """The project's document and its content type; NotFound also when that is not configured any more."""
        document = Document.objects.of(self.project).existing().filter(pk=document_id).first()
        configured = configurations.readable(self.project).content_types
        if document is None or document.content_type not in configured:
            raise errors.NotFound(f"Document does not exist (id: {document_id})")
        document.project = self.project  # the same one: no need to fetch it again
        return document, configured[document.content_type]

    def fields(self, query: dict[str, str]) -> tuple[str, ...]:
        """`?fields=systemdata,content`: what is to be in the answer; everything, if nothing is said."""
        offered = responses.fields_of(self.version)
        if "fields" not in query:
            return offered
        wanted = [name.strip() for name in query["fields"].split(",")]
        if unknown := [name for name in wanted if name not in offered]:
            raise errors.Invalid({"fields": f'No enum match for: "{unknown[0][:100]}"'})
        return tuple(wanted)

    def audience(self, query: dict[str, str]) -> Audience | None:
        """Whom the components are for: `?componentConditions={"dateTime": …, "brand": …}`, else anybody, now.

        None with `?ignoreComponentConditions=true`: all of them.
        """
        ignore = query.get("ignoreComponentConditions", "false")
        if ignore not in {"", "true", "false"}:
            raise errors.Invalid({"ignoreComponentConditions": "Invalid type: expected boolean"})
        if ignore != "false":
            return None
        given = _conditions(query.get("componentConditions", "{}"))
        moment = timezone.now() if "dateTime" not in given else instant(given["dateTime"], bare_date=True)
        if moment is None:
            raise errors.Invalid({"componentConditions.dateTime": 'must match format "date-time"'})
        if not isinstance(brand := given.get("brand"), str | None):
            raise errors.Invalid({"componentConditions.brand": "Invalid type: expected string"})
        return Audience(moment, brand)

    def references(
        self, documents: Sequence[Document], scope: DocumentReference.Scope, fields: Sequence[str]
    ) -> dict[int, list[dict[str, str]]]:
        """What each document links to, if that is to be shown."""
        asked = responses.REFERENCES in fields
        ids = [document.pk for document in documents]
        return references.of_documents(ids, scope) if asked else {document_id: [] for document_id in ids}


def _conditions(text: str) -> dict[str, Any]:
    try:
        given = read_json(text.encode())
    except errors.Invalid:
        given = None
    if not isinstance(given, dict):
        raise errors.Invalid({"componentConditions": "must be a JSON object"})
    if unknown := given.keys() - {"dateTime", "brand"}:
        raise errors.Invalid({f"componentConditions.{min(unknown)}": "Additional properties not allowed"})
    return given


class LatestPublication(DocumentView):
    """GET documents/{id}/latestPublication (PUB-01 to PUB-04)."""

    scopes = (READ,)

    def get(self, request: Request, document_id: int, **_: str) -> JSONResponse:
        query = self.query("fields", *CONDITIONS)
        fields, audience = self.fields(query), self.audience(query)
        document, content_type = self.found(document_id)
        if document.live_publication_id is None:
            raise errors.NotFound(f"Document is not published (id: {document_id})")
        publication = Publication.objects.select_related("revision").get(pk=document.live_publication_id)
        return JSONResponse(
            responses.document(
                document,
                publication.revision,
                content_type,
                publication_id=publication.pk,
                audience=audience,
                references=self.references([document], Scope.PUBLICATION, fields)[document.pk],
                fields=fields,
            )
        )


class LatestPublications(DocumentView):
    """GET documents/latestPublications: a page of what is published, newest first."""

    scopes = (READ,)

    def get(self, request: Request, **_: str) -> JSONResponse:
        query = self.query("fields", *CONDITIONS, *filters.PARAMETERS)
        fields, audience = self.fields(query), self.audience(query)
        configured = configurations.readable(self.project).content_types
        documents = list(filters.published(self.project, query, configured))
        publications = Publication.objects.select_related("revision").in_bulk(
            [document.live_publication_id for document in documents]
        )
        links = self.references(documents, Scope.PUBLICATION, fields)
        results = []
        for document in documents:
            document.project = self.project
            publication = publications[document.live_publication_id]
            results.append(
                responses.document(
                    document,
                    publication.revision,
                    configured[document.content_type],
                    publication_id=publication.pk,
                    audience=audience,
                    references=links[document.pk],
                    fields=fields,
                )
            )
        return JSONResponse({"results": results} if self.version >= "2026-01" else results)


class LatestDraft(DocumentView):
    """GET documents/{id}/latestDraft: the newest revision, published or not (PUB-05)."""

    scopes = (WRITE, DRAFTS)
    since = "beta"

    def get(self, request: Request, document_id: int, **_: str) -> JSONResponse:
        audience = self.audience(self.query(*CONDITIONS))
        fields = responses.fields_of(self.version)
        document, content_type = self.found(document_id)
        return JSONResponse(
            responses.document(
                document,
                Revision.objects.get(pk=document.current_revision_id),
                content_type,
                publication_id=None,
                audience=audience,
                references=self.references([document], Scope.DRAFT, fields)[document.pk],
                fields=fields,
            )
        )


# --- Who links to it -------------------------------------------------------------------------------------------------


class IncomingReferences(ProjectView):
    """Which documents link to one thing, newest publication first (spec 3.10, 3.19). Unknown things: none (REF-18)."""

    linking: ClassVar[DocumentReference.Scope] = Scope.PUBLICATION

    def answer(self, target: str) -> JSONResponse:
        page = pagination.page(self)
        found = references.incoming(self.project, self.linking, target)
        before = page.after[0] if page.after else None
        results, last = references.page(found, limit=page.limit, offset=page.offset, before=before)
        total = references.total(found) if pagination.has_cursor(self.version) else None
        return JSONResponse(pagination.answer(self, results, total=total, last=None if last is None else (last,)))


class IncomingReferencesOfMedia(IncomingReferences):
    """GET mediaLibrary/{id}/incomingDocumentReferences."""

    scopes = (READ,)

    def get(self, request: Request, target_id: str, **_: str) -> JSONResponse:
        return self.answer(references.media_target(target_id))


class IncomingReferencesOfDocument(IncomingReferences):
    """GET documents/{id}/incomingDocumentReferences."""

    scopes = (READ,)

    def get(self, request: Request, document_id: int, **_: str) -> JSONResponse:
        return self.answer(references.document_target(document_id))


class IncomingDraftReferencesOfDocument(IncomingReferencesOfDocument):
    """GET drafts/{id}/incomingDocumentReferences: those of drafts, published or not (REF-25)."""

    scopes = (DRAFTS,)
    linking = Scope.DRAFT


class IncomingMediaReferencesOfDocument(IncomingMediaReferences):
    """GET documents/{id}/incomingMediaReferences: which media entries link to a document."""

    target_types = ("document",)

    def get(self, request: Request, document_id: int, **kwargs: Any) -> JSONResponse:  # type: ignore[override]
        return super().get(request, target_id=str(document_id), **kwargs)
