"""The documents' ViewSets: publications, drafts, events, incoming references, configuration, designs, categories."""

from rest_framework.request import Request

from documents import config_consequences
from documents.api import (
    command_schemas,
    config_requests,
    config_responses,
    design_filters,
    design_responses,
    event_filters,
    filters,
    openapi,
    responses,
    search_filters,
    visibility,
)
from documents.commands import execute
from documents.models import DocumentReference
from documents.references.index import LinkingDocuments, document_target, incoming, media_target
from livingdocs_import.api.permissions import CONFIG_READ, CONFIG_WRITE, DRAFTS, READ, WRITE
from livingdocs_import.api.responses import NoContent, Response
from livingdocs_import.api.versions import Feature
from livingdocs_import.api.viewsets import ProjectViewSet
from livingdocs_import.api.warnings import warned
from livingdocs_import.project_config import publishing, shown, store
from livingdocs_import.validation.parameters import Parameters
from media_library.entries.references import LinkingEntries

Scope = DocumentReference.Scope
FOR_EVER = "private, max-age=86400, immutable"


class DocumentViewSet(ProjectViewSet):
    """Documents: their publications and drafts, and references to them (spec 3.10, 3.18, 3.19).

    An unknown document has no incoming references (REF-18).
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
    operations = openapi.DOCUMENTS

    def latest_publications(self, request: Request, **_: str) -> Response:
        """GET documents/latestPublications: a page of publications, newest first."""
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
        """GET documents/{id}/incomingDocumentReferences: the published documents that link to it."""
        links = incoming(self.project, Scope.PUBLICATION, document_target(document_id))
        return self.paginated(LinkingDocuments(links))

    def incoming_draft_references(self, request: Request, document_id: int, **_: str) -> Response:
        """GET drafts/{id}/incomingDocumentReferences: the drafts that link to it, published or not (REF-25)."""
        links = incoming(self.project, Scope.DRAFT, document_target(document_id))
        return self.paginated(LinkingDocuments(links))

    def incoming_media_references(self, request: Request, document_id: int, **_: str) -> Response:
        """GET documents/{id}/incomingMediaReferences: the media entries that link to it."""
        return self.paginated(LinkingEntries(self.project, ("document",), str(document_id)))


class LinkedMediaViewSet(ProjectViewSet):
    """Media entries as targets of documents' references (spec 3.10)."""

    scopes = {"incoming_document_references": (READ,)}
    operations = openapi.LINKED_MEDIA

    def incoming_document_references(self, request: Request, media_id: str, **_: str) -> Response:
        """GET mediaLibrary/{id}/incomingDocumentReferences: the published documents that link to it."""
        links = incoming(self.project, Scope.PUBLICATION, media_target(media_id))
        return self.paginated(LinkingDocuments(links))


class PublicationEventViewSet(ProjectViewSet):
    """The feed of publication events (spec 3.23)."""

    scopes = {"list": (READ,)}
    operations = openapi.PUBLICATION_EVENTS

    def list(self, request: Request, **_: str) -> Response:
        """GET publicationEvents, also with the name of a channel, which is ignored: a project has one."""
        events = event_filters.events(self.project, self.query(*event_filters.PARAMETERS, lists=event_filters.LISTS))
        results = [responses.publication_event(event, self.project) for event in events]
        return Response({"results": results} if self.version.has(Feature.RESULTS) else results)


class ConfigurationViewSet(ProjectViewSet):
    """What shows parts of the project's configuration."""

    @property
    def sees_secrets(self) -> bool:
        """Whether the token may read secrets that stand in the configuration (CFG-17)."""
        return CONFIG_READ in self.token.scopes


class ProjectConfigViewSet(ConfigurationViewSet):
    """The project's configuration, also under its older name `channelConfig` (spec 3.17, CFG-20)."""

    scopes = {"retrieve": (CONFIG_READ, READ), "create": (CONFIG_WRITE,)}
    operations = openapi.PROJECT_CONFIG

    def retrieve(self, request: Request, **_: str) -> Response:
        """GET projectConfig: as it is stored, also where it would be refused today."""
        self.query()
        config = shown.configuration(store.stored(self.project), secrets=self.sees_secrets)
        return warned(Response(config), config_responses.clashes(config))

    def create(self, request: Request, **_: str) -> Response:
        """POST projectConfig: the changes it would make, or the next revision. Faults come with a 200 (CFG-09)."""
        self.query()
        asked = config_requests.config_request(request.data)
        outcome = publishing.submit(self.project, asked.config, plan=asked.plan, by=self.token.name)
        answer = Response(config_responses.outcome(outcome, plan=asked.plan, secrets=self.sees_secrets))
        in_use = config_consequences.content_types_in_use(self.project, outcome)
        return warned(answer, config_responses.warnings(outcome, in_use))


class PublicationSearchViewSet(ProjectViewSet):
    """What is published, by its words, dates and metadata (spec 3.25)."""

    scopes = {"list": (READ,)}
    operations = openapi.PUBLICATION_SEARCH

    def list(self, request: Request, **_: str) -> Response:
        """GET publications/search"""
        query = self.query(*search_filters.parameters(self.version), lists=search_filters.LISTS)
        shown, found = search_filters.shown(query), search_filters.search(self.project, query)
        results = search_filters.rows(self.project, found, shown)
        if not self.version.has(Feature.CURSORS):
            return Response(results)
        return Response({"total": found.total, "cursor": found.cursor, "results": results})


class DesignViewSet(ConfigurationViewSet):
    """The project's design, which defines the components of documents (spec 3.22)."""

    scopes = {"latest": (READ,), "retrieve": (READ,)}
    operations = openapi.DESIGNS

    def latest(self, request: Request, **_: str) -> Response:
        """GET design: the newest version."""
        self.query()
        design = design_filters.newest(self.project, secrets=self.sees_secrets)
        return Response(design_responses.design(*design), headers={"Cache-Control": "private, no-cache"})

    def retrieve(self, request: Request, design_version: str, **_: str) -> Response:
        """GET design/{version}: any former version (DSN-02). It never changes."""
        self.query()
        design = design_filters.of_version(self.project, design_version, secrets=self.sees_secrets)
        return Response(design_responses.design(*design), headers={"Cache-Control": FOR_EVER})


class CategoryViewSet(ConfigurationViewSet):
    """The categories of the project's configuration (spec 3.26)."""

    scopes = {"list": (READ,), "retrieve": (READ,)}
    operations = openapi.CATEGORIES

    def list(self, request: Request, **_: str) -> Response:
        """GET categories"""
        self.query()
        results = design_responses.categories(design_filters.configuration(self.project, secrets=self.sees_secrets))
        return Response({"results": results} if self.version.has(Feature.RESULTS) else results)

    def retrieve(self, request: Request, category_id: str, **_: str) -> Response:
        """GET categories/{id}, with `inheritMetadata` including inherited metadata."""
        given = Parameters(self.query("inheritMetadata"))
        inherit = given.flag("inheritMetadata")
        given.refuse()
        config = design_filters.configuration(self.project, secrets=self.sees_secrets)
        return Response(design_responses.category(config, category_id, inherit_metadata=inherit))


class MenuViewSet(ProjectViewSet):
    """Menus, which do not exist here: an old client still requests them (MEN-01)."""

    scopes = {"list": (READ,)}
    operations = openapi.MENUS

    def list(self, request: Request, **_: str) -> Response:
        """GET menus"""
        self.query("handle")
        return Response([])
