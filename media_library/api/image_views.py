"""Binaries over HTTP: what `originalUrl` and `url` lead to, and the origin for image services (spec 3.16)."""

from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request

from livingdocs_import import errors
from livingdocs_import.api.error_responses import error_response
from livingdocs_import.api.permissions import READ
from livingdocs_import.api.views import ProjectView
from media_library import asset_urls, kept_renditions
from media_library.delivering import Binary, caching, deliver
from media_library.file_owners import Deliverable, deliverable
from media_library.renditions import SOURCES
from media_library.storage import NotStored, StorageFailed
from media_library.variants import Variant

NO_IMAGE = "No image found."
MAKESHIFT = "public, max-age=30"  # an original in place of a rendition that may be there next time


class BinaryView(ProjectView):
    """A view that hands out one stored file. Refusals are never cached: a file may be there, or allowed, again soon."""

    public: bool

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        if isinstance(exc, NotStored):
            response = error_response(404, {"message": NO_IMAGE})
        elif isinstance(exc, StorageFailed):
            response = super().handle_exception(errors.Unavailable(exc.detail))
            response["Retry-After"] = "10"
        else:
            response = super().handle_exception(exc)
        response["Cache-Control"] = "no-store"
        return response

    def deliver(self, file: Deliverable, binary: Binary) -> HttpResponseBase:
        """The answer, to be cached for long: keys never change their bytes."""
        lasting = caching(
            max_age=settings.ASSET_MAX_AGE_SECONDS, public=self.public, until=file.until, now=timezone.now()
        )
        headers = {"Cache-Control": lasting if binary.lasting else MAKESHIFT}
        return deliver(self.request, binary, filename=file.filename, headers=headers)


class Image(BinaryView):
    """GET images/{slug}?id=…: any entry's file, and renditions of images (IMG-35). Nobody needs a token."""

    scopes = ()
    public = True

    def get(self, request: Request, **_: str) -> HttpResponseBase:
        # Documented URLs carry a second question mark (`?id=…?format=auto`): what follows it is meant as parameters.
        asset_id, _mark, misplaced = request.query_params.get("id", "").partition("?")
        query = dict(parse_qsl(misplaced)) | request.query_params.dict()
        file = deliverable(*asset_urls.read_asset_id(asset_id))
        if file.mime_type not in SOURCES:
            return self.deliver(file, kept_renditions.original(file))
        variant = Variant.from_query(query, accept=request.headers.get("Accept", ""))
        response = self.deliver(file, kept_renditions.rendition(file, variant))
        if "auto" in (query.get("format"), *query):  # format=auto, or auto=format
            patch_vary_headers(response, ["Accept"])
        return response


class ServeImage(BinaryView):
    """GET mediaLibrary/serve-image/{key}: an image's original bytes, for image services (SRV-01 to SRV-03)."""

    scopes = (READ,)
    since = "2025-03"
    public = False

    def get(self, request: Request, key: str, **_: str) -> HttpResponseBase:
        file = deliverable(self.project.pk, key)
        if not file.mime_type.startswith("image/"):
            raise NotStored(key)
        return self.deliver(file, kept_renditions.original(file))
