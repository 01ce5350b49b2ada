"""The OpenAPI document of one version."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import include, path
from django.utils.module_loading import import_string
from drf_spectacular.generators import SchemaGenerator

from livingdocs_import.api.permissions import SCOPES
from livingdocs_import.api.versions import KNOWN, NAMES, Version
from livingdocs_import.openapi import components
from livingdocs_import.openapi.auto_schema import SCHEME
from livingdocs_import.openapi.known_formats import with_known_formats

NEWEST = KNOWN[NAMES[-1]]
SECURITY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": f"An access token of a project. Its scopes are {', '.join(f'`{scope}`' for scope in SCOPES)}; none "
    "follows from another. Of those that an operation names one suffices.",
}

# In the order in which viewers show them.
TAGS = {
    "Imports": "Post batches of images, videos, files, documents or ready-made entries, and see what became of them.",
    "Media library": "Entries: images, videos and files with their metadata, and what links to them.",
    "Documents": "Publications, drafts, commands, search and events.",
    "Design and categories": "What renderers read of the configuration.",
    "Configuration": "The configuration of the project.",
    "Files": "The bytes of images, videos and files, and renditions of images.",
    "Service": "Whether the service is there.",
    "Webhooks": "What the service sends.",
}


class VersionGenerator(SchemaGenerator):
    """drf-spectacular's generator for one version: the API's paths, as they are in this version."""

    def __init__(self, *args: Any, api_version: str | None = None, **kwargs: Any) -> None:
        """`api_version` None: the newest one."""
        self.described: Version = KNOWN[api_version] if api_version else NEWEST
        patterns = [path(f"api/{self.described.name}/", include(settings.API_URLCONF))]
        super().__init__(*args, **kwargs | {"patterns": patterns, "api_version": self.described.name})  # type: ignore[no-untyped-call]

    def create_view(self, callback: Any, method: str, request: Any = None) -> Any:
        """The version stands in the patterns: to drf-spectacular, which does not know ours, there is none."""
        view = super().create_view(callback, method, request)  # type: ignore[no-untyped-call]
        view.versioning_class = None
        view.described_version = self.described
        return view

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        """The whole document, with its components and webhooks."""
        document: dict[str, Any] = super().get_schema(request, public=True)  # type: ignore[no-untyped-call]
        document["tags"] = [{"name": name, "description": description} for name, description in TAGS.items()]
        document["servers"] = [{"url": f"/api/{self.described.name}", "description": "Where this document comes from."}]
        document["webhooks"] = {name: {"post": with_known_formats(one)} for name, one in webhooks().items()}
        document["components"]["securitySchemes"] = {SCHEME: SECURITY_SCHEME}
        return components.lift(document)


def webhooks() -> Mapping[str, Mapping[str, Any]]:
    """The webhooks that the apps send, by their names."""
    return {name: one for place in settings.API_WEBHOOKS for name, one in import_string(place).items()}
