"""The media library's probe for GET /ready: the storage."""

from livingdocs_import.server.readiness import readiness
from media_library import storage


@readiness.probe("storage")
def asset_storage() -> None:
    storage.assets().check()
