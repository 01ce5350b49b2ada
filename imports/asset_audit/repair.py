"""Fetch a missing file from where it came, and store it if it is still the same.

It is requested like any other download: by the SSRF rule, the limits of its host and the operators' brakes. A file with
another hash is not stored, and nothing is deleted.
"""

from imports.claiming import host_brakes
from imports.handlers.files import FileHandler
from imports.handlers.images import ImageHandler
from imports.handlers.media_handler import MediaHandler
from imports.handlers.temporary_files import DiskFull, temporary_file
from imports.handlers.videos import VideoHandler
from livingdocs_import.egress.download import Fetcher
from livingdocs_import.egress.endpoints import endpoint_of
from livingdocs_import.egress.host_limits import host_key
from livingdocs_import.errors import Failure
from media_library import storage_cleanup
from media_library.models import MediaEntry
from media_library.storage import assets

MAX_SILENT = 3  # requests in a row that a host does not answer
PATIENCE = 5.0  # seconds to wait for a turn at a host with a brake
HANDLERS: dict[str, MediaHandler] = {
    handler.base_type: handler for handler in (ImageHandler(), VideoHandler(), FileHandler())
}


class Irreparable(Exception):
    """Why a file stays missing."""


def repair(key: str, fetcher: Fetcher) -> None:
    """Store the file of an entry under its key again. Raises Irreparable.

    StorageFailed and DiskFull are raised as they are: they would prevent every other repair, too.
    """
    entry = MediaEntry.objects.select_related("project").filter(asset_key=key, asset_deleted=False).first()
    if entry is None:
        raise Irreparable("its entry is gone")
    if not entry.source_url or not entry.asset_sha256:
        raise Irreparable("the address or the hash of its file is not known")
    _take_turn(entry, endpoint_of(entry.source_url), fetcher)
    _fetch_again(entry, fetcher)


def _fetch_again(entry: MediaEntry, fetcher: Fetcher) -> None:
    with temporary_file() as (file, path):
        pace = HANDLERS[entry.base_type].pace()
        try:
            fetched = fetcher.fetch(entry.source_url, file, max_bytes=entry.asset["size"], pace=pace)
        except DiskFull:
            raise
        except Failure as failure:
            raise Irreparable(failure.detail) from failure
        if fetched.sha256 != entry.asset_sha256:
            raise Irreparable("its address has another file now")
        file.flush()
        assets().put(path, entry.asset_key, entry.asset["mimeType"])
    if not storage_cleanup.owned(entry.asset_key):  # its entry has lost it meanwhile
        storage_cleanup.keys_later([entry.asset_key])


def _take_turn(entry: MediaEntry, host: str, fetcher: Fetcher) -> None:
    if fetcher.host_limits.failures(host) >= MAX_SILENT:
        raise Irreparable(f"{host} does not answer")
    if not host_brakes.take_turn(host_key(host), entry.project, patience=PATIENCE):
        raise Irreparable(f"the brake on {host} does not let it through now")
