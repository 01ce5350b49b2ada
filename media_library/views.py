"""Reading the media library: one entry, several entries."""

from rest_framework.request import Request
from rest_framework.response import Response

from livingdocs_import import configurations, errors
from livingdocs_import.api.permissions import READ
from livingdocs_import.api.views import ProjectView
from media_library import responses, selecting
from media_library.models import MediaEntry


def entry_of(view: ProjectView, media_id: str) -> MediaEntry:
    """The project's entry with this id, or NotFound in the documented words (MLG-03, MLG-04)."""
    entry = MediaEntry.objects.of(view.project).filter(media_id=media_id).first()
    if entry is None:
        raise errors.NotFound(f"MediaLibrary Entry does not exist (id: '{media_id}')")
    return entry


class Entry(ProjectView):
    """GET mediaLibrary/{id} (spec 3.7)."""

    scopes = (READ,)

    def get(self, request: Request, media_id: str, **_: str) -> Response:
        self.query()
        return Response(responses.entry(entry_of(self, media_id), configurations.current(self.project)))


class Entries(ProjectView):
    """GET mediaLibrary by ids, or by external id and system name (spec 3.9)."""

    scopes = (READ,)

    def get(self, request: Request, **_: str) -> Response:
        found = selecting.entries(self.project, self.query("ids", "externalId", "externalIds", "systemName"))
        return Response(responses.entries(found, configurations.current(self.project), self.version))
