"""The documents' ViewSets: what is published or drafted, what happened, and which documents link to something."""

from rest_framework.request import Request

from documents.api import event_filters, filters, responses, visibility
from documents.models import DocumentReference
from documents.references.index import LinkingDocuments, document_target, incoming, media_target
from livingdocs_import.api.permissions import DRAFTS, READ, WRITE
from livingdocs_import.api.responses import Response
from livingdocs_import.api.viewsets import ProjectViewSet
from media_library.entries.references import LinkingEntries

Scope = DocumentReference.Scope


class DocumentViewSet(ProjectViewSet):
    """Documents: their publications and drafts, and what links to one (spec 3.10, 3.18, 3.19).

    An unknown document is linked to by none (REF-18).
    """

    scopes = {
        "latest_publications": (READ,),
        "latest_publication": (READ,),
        "latest_draft": (WRITE, DRAFTS),
        "incoming_document_references": (READ,),
        "incoming_draft_references": (DRAFTS,),
        "incoming_media_references": (READ,),
    }

    def latest_publications(self, request: Request, **_: str) -> Response:
        """GET documents/latestPublications: a page of what is published, newest first."""
        query = self.query("fields", *visibility.PARAMETERS, *filters.PARAMETERS)
        shown = filters.shown(query, self.version)
        results = responses.documents(filters.publications(self.project, query), shown)
        return Response({"results": results} if self.version >= "2026-01" else results)

    def latest_publication(self, request: Request, document_id: int, **_: str) -> Response:
        """GET documents/{id}/latestPublication (PUB-01 to PUB-04)."""
        shown = filters.shown(self.query("fields", *visibility.PARAMETERS), self.version)
        return Response(responses.document(filters.publication(self.project, document_id), shown))

    def latest_draft(self, request: Request, document_id: int, **_: str) -> Response:
        """GET documents/{id}/latestDraft: the newest revision, published or not (PUB-05)."""
        shown = filters.shown(self.query(*visibility.PARAMETERS), self.version)
        return Response(responses.document(filters.draft(self.project, document_id), shown))

    def incoming_document_references(self, request: Request, document_id: int, **_: str) -> Response:
        """GET documents/{id}/incomingDocumentReferences: which published documents link to it."""
        links = incoming(self.project, Scope.PUBLICATION, document_target(document_id))
        return self.paginated(LinkingDocuments(links))

    def incoming_draft_references(self, request: Request, document_id: int, **_: str) -> Response:
        """GET drafts/{id}/incomingDocumentReferences: which drafts do, published or not (REF-25)."""
        links = incoming(self.project, Scope.DRAFT, document_target(document_id))
        return self.paginated(LinkingDocuments(links))

    def incoming_media_references(self, request: Request, document_id: int, **_: str) -> Response:
        """GET documents/{id}/incomingMediaReferences: which media entries do."""
        return self.paginated(LinkingEntries(self.project, ("document",), str(document_id)))


class LinkedMediaViewSet(ProjectViewSet):
    """Media entries as documents know them: something that they link to (spec 3.10)."""

    scopes = {"incoming_document_references": (READ,)}

    def incoming_document_references(self, request: Request, media_id: str, **_: str) -> Response:
        """GET mediaLibrary/{id}/incomingDocumentReferences: which published documents link to it."""
        links = incoming(self.project, Scope.PUBLICATION, media_target(media_id))
        return self.paginated(LinkingDocuments(links))


class PublicationEventViewSet(ProjectViewSet):
    """What happened to publications, for programs that follow it (spec 3.23)."""

    scopes = {"list": (READ,)}

    def list(self, request: Request, **_: str) -> Response:
        """GET publicationEvents, also with the name of a channel: a project has one, so it does not matter which."""
        events = event_filters.events(self.project, self.query(*event_filters.PARAMETERS))
        results = [responses.publication_event(event, self.project) for event in events]
        return Response({"results": results} if self.version >= "2026-01" else results)
