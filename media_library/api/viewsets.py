"""The media library: read one entry, read several, patch one, ask who links to it."""

from typing import Any

from rest_framework.request import Request

from livingdocs_import import configurations
from livingdocs_import.api import pagination
from livingdocs_import.api.permissions import READ, WRITE
from livingdocs_import.api.responses import JSONResponse
from livingdocs_import.api.views import ProjectView
from media_library import references, selecting, services
from media_library.actors import Actor
from media_library.api import responses
from media_library.entries import schemas


class Entry(ProjectView):
    """GET and PATCH mediaLibrary/{id} (spec 3.7, 3.8)."""

    scopes = {"GET": (READ,), "PATCH": (WRITE,)}

    def get(self, request: Request, media_id: str, **_: str) -> JSONResponse:
        self.query()
        entry = selecting.entry(self.project, media_id)
        return JSONResponse(responses.entry(entry, configurations.readable(self.project)))

    def patch(self, request: Request, media_id: str, **_: str) -> JSONResponse:
        self.query()
        schema = schemas.PATCH_2026_03 if self.version >= "2026-03" else schemas.PATCH
        body: Any = request.data
        version, patches = services.checked_patch(body, schema)
        services.patch_entry(
            self.project,
            media_id,
            patches,
            version=version,
            actor=Actor.client(self.token),
            preserve_updated_at=body.get("preserveUpdatedAt", False),
        )
        return JSONResponse({"status": 200})


class Entries(ProjectView):
    """GET mediaLibrary by ids, or by external id and system name (spec 3.9)."""

    scopes = (READ,)

    def get(self, request: Request, **_: str) -> JSONResponse:
        found = selecting.entries(self.project, self.query("ids", "externalId", "externalIds", "systemName"))
        return JSONResponse(responses.entries(found, configurations.readable(self.project), self.version))


class IncomingMediaReferences(ProjectView):
    """GET mediaLibrary/{id}/incomingMediaReferences: which entries link to this one (spec 3.11)."""

    scopes = (READ,)
    target_types: tuple[str, ...] = ("image", "video", "file", "audio")

    def get(self, request: Request, target_id: str, **_: str) -> JSONResponse:
        page = pagination.page(self)
        found = references.linking_entries(self.project, self.target_types, target_id)
        results, last = references.incoming(
            found, limit=page.limit, offset=page.offset, before=page.after[0] if page.after else None
        )
        total = None
        if pagination.has_cursor(self.version):
            total = references.total(self.project, self.target_types, target_id)
        return JSONResponse(pagination.answer(self, results, total=total, last=(last,) if last else None))


class Keys(ProjectView):
    """GET mediaLibrary/{id}/keys: everything that a cache may hold of an entry (KEY-01)."""

    scopes = (READ,)
    since = "2026-03"

    def get(self, request: Request, media_id: str, **_: str) -> JSONResponse:
        self.query()
        return JSONResponse({"results": services.all_keys(self.project, media_id)})
