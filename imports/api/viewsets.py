"""POST and status of every kind of import."""

from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from imports import services
from imports.api import responses, schemas
from imports.models import ImportJob
from livingdocs_import import configurations, errors
from livingdocs_import.api.idempotency import accept_once
from livingdocs_import.api.permissions import WRITE
from livingdocs_import.api.responses import JSONResponse
from livingdocs_import.api.schemas import Schema
from livingdocs_import.api.spooling import spooled
from livingdocs_import.api.views import ProjectView
from media_library import creating
from media_library.actors import Actor
from media_library.api import responses as media_responses
from media_library.entries.schemas import ENTRIES

EXPANSIONS = frozenset({"progress", "items"})


class ImportBatch(ProjectView):
    """POST import/<kind>: accept a batch, answer with the job's id and nothing else (JOB-01)."""

    scopes = (WRITE,)
    kind: ClassVar[str]
    body_schema: ClassVar[Schema]

    def post(self, request: Request, **_: str) -> JSONResponse:
        self.query()
        body = self.parse(self.body_schema)
        schemas.bounded_context(body)
        return JSONResponse(accept_once(request, self.project, lambda: self.start(body)))

    def start(self, body: dict[str, Any]) -> dict[str, Any]:
        """Start the job that the checked body asks for."""
        job = services.start_job(
            self.project,
            token=self.token,
            kind=self.kind,
            system_name=body["systemName"],
            items=body[self.kind],
            webhook=body.get("webhook", ""),
            context=body.get("context"),
        )
        return {"id": job.public_id}


class ImportStatus(ProjectView):
    """GET import/<kind>/status?id=: one row, however large the job (spec 3.1)."""

    scopes = (WRITE,)
    kind: ClassVar[str]

    def get(self, request: Request, **_: str) -> HttpResponseBase:
        query = self.query("id", "expand")
        if "id" not in query:
            raise errors.Invalid({"id": "Missing required property: id"})
        expand = frozenset(query.get("expand", "").split(",")) - {""}
        if unknown := expand - EXPANSIONS:
            raise errors.Invalid({"expand": f'No enum match for: "{min(unknown)}"'})
        # Project, id and kind together: everything else is lost (JOB-12).
        job = ImportJob.objects.filter(project=self.project, kind=self.kind, public_id=query["id"]).first()
        if job is None:
            return JSONResponse(responses.lost(query["id"]))
        if not responses.has_items(job, expand):
            return JSONResponse(responses.status(job, expand))
        config = configurations.readable(self.project)
        return spooled(responses.status_with_items(job, self.version, config, expand))


class ImportImages(ImportBatch):
    kind = "images"
    body_schema = schemas.batch("images", schemas.MEDIA_ITEM)


class ImagesStatus(ImportStatus):
    kind = "images"


class ImportDocuments(ImportBatch):
    kind = "documents"
    body_schema = schemas.batch("documents", schemas.DOCUMENT_ITEM, schemas.DOCUMENT_FORMATS)

    def parse(self, schema: Schema) -> Any:
        body = super().parse(schema)
        schemas.refuse_contradictions(body)
        return body


class DocumentsStatus(ImportStatus):
    kind = "documents"


class ImportMediaLibrary(ProjectView):
    """POST import/mediaLibrary: ready-made entries, answered at once (spec 3.6)."""

    scopes = (WRITE,)

    def post(self, request: Request, **_: str) -> JSONResponse:
        self.query()
        body = self.parse(ENTRIES)
        elements = creating.check_entries(self.project, body["mediaLibraryEntries"], sent=self.body_length)
        return JSONResponse(accept_once(request, self.project, lambda: self.create(elements)))

    def create(self, elements: list[creating.Element]) -> dict[str, Any]:
        """Create what was found good; the answer in the version's words."""
        creating.write_entries(self.project, elements, actor=Actor.client(self.token))
        return media_responses.created(elements, configurations.current(self.project), self.version)
