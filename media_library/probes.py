"""What media depend on, as GET /ready looks at it: the storage."""

from livingdocs_import.server.readiness import readiness
from media_library import storage


@readiness.probe("storage")
def asset_storage() -> None:
    storage.assets().check()
