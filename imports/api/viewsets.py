"""The imports' ViewSets: batches of every kind, and the status of their jobs."""

from typing import Any, ClassVar, cast

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from imports import services
from imports.api import openapi, responses, schemas
from imports.models import ImportJob
from imports.requests import batches
from imports.requests.items import DOCUMENT_FORMATS, DOCUMENT_ITEM, MEDIA_ITEM
from livingdocs_import.api.idempotency import idempotent
from livingdocs_import.api.permissions import DRAFTS, READ, WRITE
from livingdocs_import.api.responses import Response
from livingdocs_import.api.spooling import spooled
from livingdocs_import.api.viewsets import ProjectViewSet
from livingdocs_import.api.warnings import warn
from livingdocs_import.project_config import store
from livingdocs_import.validation.json_schema import Schema


class ImportViewSet(ProjectViewSet):
    """The imports of one kind: a batch creates a job, which has a status (spec 3.1)."""

    scopes = {"create": (WRITE,), "status": (WRITE,)}
    reads: ClassVar[str] = READ  # the scope that what is stored already is read with
    kind: ClassVar[ImportJob.Kind]
    body_schema: ClassVar[Schema]

    def create(self, request: Request, **_: str) -> Response:
        """POST import/<kind>: accept a batch, respond with the job's id only (JOB-01)."""
        self.query()
        batch = self.checked(request.data)
        batches.bounded_context(batch)
        return Response(idempotent(request, self.project, lambda: {"id": self.start(batch).public_id}))

    def status(self, request: Request, **_: str) -> HttpResponseBase:
        """GET import/<kind>/status?id=: one row, however large the job; when it has ended, its items (JOB-06)."""
        job_id, expand = schemas.status_query(self.query("id", "expand", lists=("expand",)))
        job = ImportJob.objects.filter(project=self.project, kind=self.kind, public_id=job_id).first()
        if job is None:
            return self.lost(job_id)
        if not responses.has_items(job, expand):
            return Response(responses.status(job, expand))
        config, old_values = store.readable(self.project), self.reads in self.token.scopes
        return spooled(responses.status_with_items(job, self.version, config, expand, old_values=old_values))

    def lost(self, job_id: str) -> Response:
        """The documented response; a header mentions a job of another kind (JOB-12)."""
        response = Response(responses.lost(job_id))
        for other in ImportJob.objects.filter(project=self.project, public_id=job_id).values_list("kind", flat=True):
            warn(response, f"this is a job of import/{other}: ask import/{other}/status")
        return response

    def checked(self, body: Any) -> dict[str, Any]:
        """The body if it is a batch of this kind; otherwise raises `Invalid` with all problems by path."""
        batch: dict[str, Any] = self.body_schema.accept(body)
        return batch

    def start(self, batch: dict[str, Any]) -> ImportJob:
        """Start the job for the checked batch."""
        dry_run, probe = batches.options(batch)
        return services.start_job(
            self.project,
            token=self.token,
            kind=self.kind,
            system_name=batch["systemName"],
            items=batch[self.kind],
            webhook=batch.get("webhook", ""),
            context=batch.get("context"),
            dry_run=dry_run,
            probe=probe,
        )


class ImageImportViewSet(ImportViewSet):
    kind = ImportJob.Kind.IMAGES
    body_schema = batches.batch("images", MEDIA_ITEM)
    operations = openapi.of_kind(kind, body_schema)


class VideoImportViewSet(ImportViewSet):
    kind = ImportJob.Kind.VIDEOS
    body_schema = batches.batch("videos", MEDIA_ITEM)
    operations = openapi.of_kind(kind, body_schema)


class FileImportViewSet(ImportViewSet):
    kind = ImportJob.Kind.FILES
    body_schema = batches.batch("files", MEDIA_ITEM)
    operations = openapi.of_kind(kind, body_schema)


class DocumentImportViewSet(ImportViewSet):
    reads = DRAFTS
    kind = ImportJob.Kind.DOCUMENTS
    body_schema = batches.batch("documents", DOCUMENT_ITEM, DOCUMENT_FORMATS)
    operations = openapi.of_kind(kind, body_schema)

    def create(self, request: Request, **_: str) -> Response:
        """The same; deprecated fields are accepted, with a warning header (TRN-04)."""
        response, batch = super().create(request), cast(dict[str, Any], request.data)
        for text in batches.deprecations(batch["documents"]):
            warn(response, text)
        return response

    def checked(self, body: Any) -> dict[str, Any]:
        batch = super().checked(body)
        batches.refuse_contradictions(batch)
        return batch
