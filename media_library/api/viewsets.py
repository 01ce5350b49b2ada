"""The media library's ViewSets: entries, references to them, and the files of images."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request

from livingdocs_import import errors
from livingdocs_import.api.error_responses import error_response
from livingdocs_import.api.idempotency import idempotent
from livingdocs_import.api.permissions import READ, WRITE
from livingdocs_import.api.responses import Response
from livingdocs_import.api.viewsets import ProjectViewSet
from livingdocs_import.project_config import store
from media_library import asset_urls, selectors
from media_library.api import openapi, responses, schemas
from media_library.api.file_responses import caching, deliver
from media_library.delivery import rendition_cache
from media_library.delivery.binary import Binary
from media_library.delivery.ownership import Deliverable, deliverable
from media_library.delivery.render import SOURCES
from media_library.delivery.variants import Variant
from media_library.entries import patch, usage_log
from media_library.entries.actors import Actor
from media_library.entries.create import Element, check_entries, plan_entries, write_entries
from media_library.entries.references import MEDIA_TYPES, LinkingEntries
from media_library.storage import NotStored, StorageFailed

NO_IMAGE = "No image found."
MAKESHIFT = "public, max-age=30"  # seconds for an original in place of a rendition that may exist next time


class MediaLibraryViewSet(ProjectViewSet):
    """Entries: read, listed and patched; their cache keys, and the entries that reference them (spec 3.7 to 3.11)."""

    scopes = {
        "list": (READ,),
        "retrieve": (READ,),
        "partial_update": (WRITE,),
        "keys": (READ,),
        "usage_log": (READ,),
        "incoming_media_references": (READ,),
    }
    operations = openapi.MEDIA_LIBRARY

    def list(self, request: Request, **_: str) -> Response:
        """GET mediaLibrary by ids, or by external id and system name."""
        query = self.query("ids", "externalId", "externalIds", "systemName", lists=("ids", "externalIds"))
        entries = selectors.entries(self.project, query)
        return Response(responses.entries(entries, store.readable(self.project), self.version))

    def retrieve(self, request: Request, media_id: str, **_: str) -> Response:
        """GET mediaLibrary/{id}."""
        self.query()
        entry = selectors.entry(self.project, media_id)
        return Response(responses.entry(entry, store.readable(self.project)))

    def partial_update(self, request: Request, media_id: str, **_: str) -> Response:
        """PATCH mediaLibrary/{id}: all of its patches, or none."""
        self.query()
        asked = patch.checked_patch(request.data, schemas.patch(self.version), schemas.operations(self.version))
        patch.patch_entry(self.project, media_id, asked, actor=Actor.client(self.token))
        return Response({"status": 200})

    def keys(self, request: Request, media_id: str, **_: str) -> Response:
        """GET mediaLibrary/{id}/keys: all keys that a cache may hold of an entry (KEY-01)."""
        self.query()
        return Response({"results": patch.all_keys(self.project, media_id)})

    def usage_log(self, request: Request, media_id: str, **_: str) -> Response:
        """GET mediaLibrary/{id}/usageLog: the uses of the entry (USE-01)."""
        self.query()
        return Response(responses.usage_log(usage_log.usage_log(self.project, media_id), self.version))

    def incoming_media_references(self, request: Request, media_id: str, **_: str) -> Response:
        """GET mediaLibrary/{id}/incomingMediaReferences: which entries link to this one."""
        return self.paginated(LinkingEntries(self.project, MEDIA_TYPES, media_id))


class MediaLibraryImportViewSet(ProjectViewSet):
    """Ready-made entries, answered at once: there is no job (spec 3.6)."""

    scopes = {"create": (WRITE,)}
    operations = openapi.MEDIA_LIBRARY_IMPORT

    def create(self, request: Request, **_: str) -> Response:
        """POST import/mediaLibrary: each entry is good or bad for itself."""
        self.query()
        body = schemas.ENTRIES.accept(request.data)
        elements = check_entries(self.project, body["mediaLibraryEntries"], sent=self.body_length)
        dry_run = body.get("options", {}).get("dryRun", False)
        return Response(idempotent(request, self.project, lambda: self.write(elements, dry_run=dry_run)))

    def write(self, elements: list[Element], *, dry_run: bool) -> dict[str, Any]:
        """Write what was found good, or find out what of it could be; the answer in the version's words."""
        if dry_run:
            plan_entries(self.project, elements)
        else:
            write_entries(self.project, elements, actor=Actor.client(self.token))
        return responses.created(elements, store.current(self.project), self.version)


class ImageViewSet(ProjectViewSet):
    """Files: the targets of `originalUrl` and `url`, and the origin for image services (spec 3.16).

    Errors are never cached: a file may exist, or be allowed, again soon.
    """

    scopes = {"retrieve": (), "serve_image": (READ,)}
    operations = openapi.IMAGES

    def retrieve(self, request: Request, **_: str) -> HttpResponseBase:
        """GET images/{slug}?id=…: any entry's file, and renditions of images (IMG-35). No token is needed."""
        asset_id, query = _asked(request.query_params)
        file = deliverable(*asset_urls.read_asset_id(asset_id))
        return self.rendition(file, query) if file.mime_type in SOURCES else self.original(file, public=True)

    def serve_image(self, request: Request, key: str, **_: str) -> HttpResponseBase:
        """GET mediaLibrary/serve-image/{key}: an image's original bytes, for image services (SRV-01 to SRV-03)."""
        file = deliverable(self.project.pk, key)
        if not file.mime_type.startswith("image/"):
            raise NotStored(key)
        return self.original(file, public=False)

    def original(self, file: Deliverable, *, public: bool) -> HttpResponseBase:
        """The stored bytes; `public`: shared caches may keep them."""
        return self.deliver(file, rendition_cache.original(file), public=public)

    def rendition(self, file: Deliverable, query: Mapping[str, str]) -> HttpResponseBase:
        """The image in the requested size and format."""
        variant = Variant.from_query(query, accept=self.request.headers.get("Accept", ""))
        response = self.deliver(file, rendition_cache.rendition(file, variant), public=True)
        if "auto" in (query.get("format"), *query):  # format=auto, or auto=format
            patch_vary_headers(response, ["Accept"])
        return response

    def deliver(self, file: Deliverable, binary: Binary, *, public: bool) -> HttpResponseBase:
        """The response, cacheable for long: the bytes of a key never change."""
        lasting = caching(max_age=settings.ASSET_MAX_AGE_SECONDS, public=public, until=file.until, now=timezone.now())
        headers = {"Cache-Control": lasting if binary.lasting else MAKESHIFT}
        return deliver(self.request, binary, filename=file.filename, headers=headers)

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


def _asked(query: QueryDict) -> tuple[str, dict[str, str]]:
    """The id of an asset, and the parameters of its rendition.

    Documented URLs have a second question mark (`?id=…?format=auto`): parameters follow it.
    """
    asset_id, _mark, misplaced = query.get("id", "").partition("?")
    return asset_id, dict(parse_qsl(misplaced)) | {name: str(query[name]) for name in query}
