"""The documents' ViewSets: what is published or drafted, what happened, who links to something, designs, categories."""

from rest_framework.request import Request

from documents.api import (
    command_schemas,
    design_filters,
    design_responses,
    event_filters,
    filters,
    responses,
    visibility,
)
from documents.commands import execute
from documents.models import DocumentReference
from documents.references.index import LinkingDocuments, document_target, incoming, media_target
from livingdocs_import.api.permissions import DRAFTS, READ, WRITE
from livingdocs_import.api.responses import NoContent, Response
from livingdocs_import.api.versions import Feature
from livingdocs_import.api.viewsets import ProjectViewSet
from livingdocs_import.validation.parameters import Parameters
from media_library.entries.references import LinkingEntries

Scope = DocumentReference.Scope
FOR_EVER = "private, max-age=86400, immutable"


class DocumentViewSet(ProjectViewSet):
    """Documents: their publications and drafts, and what links to one (spec 3.10, 3.18, 3.19).

    An unknown document is linked to by none (REF-18).
    """

    scopes = {
        "latest_publications": (READ,),
        "latest_publication": (READ,),
        "latest_draft": (WRITE, DRAFTS),
        "commands": (WRITE,),
        "incoming_document_references": (READ,),
        "incoming_draft_references": (DRAFTS,),
        "incoming_media_references": (READ,),
    }

    def latest_publications(self, request: Request, **_: str) -> Response:
        """GET documents/latestPublications: a page of what is published, newest first."""
        query = self.query("fields", *visibility.PARAMETERS, *filters.PARAMETERS, lists=("fields", *filters.LISTS))
        shown = filters.shown(query, self.version)
        results = responses.documents(filters.publications(self.project, query), shown)
        return Response({"results": results} if self.version.has(Feature.RESULTS) else results)

    def latest_publication(self, request: Request, document_id: int, **_: str) -> Response:
        """GET documents/{id}/latestPublication (PUB-01 to PUB-04)."""
        shown = filters.shown(self.query("fields", *visibility.PARAMETERS, lists=("fields",)), self.version)
        return Response(responses.document(filters.publication(self.project, document_id), shown))

    def latest_draft(self, request: Request, document_id: int, **_: str) -> Response:
        """GET documents/{id}/latestDraft: the newest revision, published or not (PUB-05)."""
        shown = filters.shown(self.query(*visibility.PARAMETERS), self.version)
        return Response(responses.document(filters.draft(self.project, document_id), shown))

    def commands(self, request: Request, document_id: int, **_: str) -> NoContent:
        """PATCH documents/{id}/commands: all of them, or none (CMD-01)."""
        self.query()
        asked = command_schemas.command_request(request.data, self.version)
        execute.execute(self.project, document_id, asked, by=self.token.name)
        return NoContent()

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
        events = event_filters.events(self.project, self.query(*event_filters.PARAMETERS, lists=event_filters.LISTS))
        results = [responses.publication_event(event, self.project) for event in events]
        return Response({"results": results} if self.version.has(Feature.RESULTS) else results)


class DesignViewSet(ProjectViewSet):
    """The project's design: what documents are made of (spec 3.22)."""

    scopes = {"latest": (READ,), "retrieve": (READ,)}

    def latest(self, request: Request, **_: str) -> Response:
        """GET design: the newest version."""
        self.query()
        design = design_filters.newest(self.project)
        return Response(design_responses.design(*design), headers={"Cache-Control": "private, no-cache"})

    def retrieve(self, request: Request, design_version: str, **_: str) -> Response:
        """GET design/{version}: any version there ever was (DSN-02). It never changes."""
        self.query()
        design = design_filters.of_version(self.project, design_version)
        return Response(design_responses.design(*design), headers={"Cache-Control": FOR_EVER})


class CategoryViewSet(ProjectViewSet):
    """The categories that the project's configuration has (spec 3.26)."""

    scopes = {"list": (READ,), "retrieve": (READ,)}

    def list(self, request: Request, **_: str) -> Response:
        """GET categories"""
        self.query()
        results = design_responses.categories(design_filters.configuration(self.project))
        return Response({"results": results} if self.version.has(Feature.RESULTS) else results)

    def retrieve(self, request: Request, category_id: str, **_: str) -> Response:
        """GET categories/{id}, with `inheritMetadata` also what it has from those above it."""
        given = Parameters(self.query("inheritMetadata"))
        inherit = given.flag("inheritMetadata")
        given.refuse()
        config = design_filters.configuration(self.project)
        return Response(design_responses.category(config, category_id, inherit_metadata=inherit))


class MenuViewSet(ProjectViewSet):
    """Menus, which there are none of: an old client still asks for them (MEN-01)."""

    scopes = {"list": (READ,)}

    def list(self, request: Request, **_: str) -> Response:
        """GET menus"""
        self.query("handle")
        return Response([])
