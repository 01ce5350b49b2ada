"""Make small pictures of files that are stored elsewhere: by workers, one after the other, after everything else.

A file is fetched like any download of an import: by the SSRF rule, the brakes and circuits of its host, the limits of
bytes and pixels. A picture that would have to wait for its host is left until its lease ends.
"""

import logging
import time

from django.conf import settings

from imports.claiming import host_brakes
from imports.handlers.temporary_files import DiskFull, temporary_file
from livingdocs_import.egress.circuits import Circuits, open_hosts
from livingdocs_import.egress.download import Fetcher
from livingdocs_import.egress.endpoints import endpoint_of
from livingdocs_import.egress.host_limits import HostLimits, host_key
from livingdocs_import.errors import Failure, TransientFailure
from livingdocs_import.work_queue import shutdown
from media_library import storage_cleanup
from media_library.delivery.render import RenderingLimits, render
from media_library.delivery.variants import Variant
from media_library.entries import remote_pictures
from media_library.inspect.image import AssetLimits, probe_image
from media_library.models import RemotePicture
from media_library.storage import StorageFailed, assets

log = logging.getLogger(__name__)

SECONDS = 8.0  # of one round, after which no further picture is begun
VARIANT = Variant(width=640, height=640, format="jpeg")  # of an animation the first frame


def make_due() -> int:
    """Make pictures that are due, for a few seconds; returns the number of those that were looked at."""
    until, number = time.monotonic() + SECONDS, 0
    limits = HostLimits()
    fetcher = Fetcher.from_settings(limits, stop_deadline=shutdown.deadline)
    try:
        while time.monotonic() < until and not shutdown.asked() and (row := remote_pictures.claim()):
            number += 1
            _attempt(row, fetcher)
        if number:
            Circuits(limits).sync()
    finally:
        fetcher.close()
    return number


def _attempt(row: RemotePicture, fetcher: Fetcher) -> None:
    url = remote_pictures.address(row.entry)
    if remote_pictures.digest(url) != row.address_digest:  # its file is ours by now, withdrawn, or elsewhere again
        remote_pictures.forget_former(row)
        return
    host = endpoint_of(url)
    if fetcher.host_limits.failures(host) or host_key(host) in open_hosts():
        return  # when the lease ends
    if not host_brakes.take_turn(host_key(host), row.entry.project, patience=0):
        return
    try:
        _make(row, url, fetcher)
    except (StorageFailed, DiskFull) as failure:  # not the fault of the file: again when the lease ends
        log.warning("the picture of entry %s is not kept: %s", row.entry_id, failure)
    except Failure as failure:
        if not shutdown.asked():
            remote_pictures.failed(row, failure.detail, permanent=not isinstance(failure, TransientFailure))


def _make(row: RemotePicture, url: str, fetcher: Fetcher) -> None:
    with temporary_file() as (file, path):
        fetcher.fetch(url, file, max_bytes=settings.IMAGE_MAX_BYTES)
        limits = AssetLimits(max_pixels=settings.IMAGE_MAX_PIXELS, max_frames=settings.IMAGE_MAX_FRAMES)
        facts = probe_image(file, limits=limits)
        budget = RenderingLimits(max_pixels=settings.IMAGE_MAX_PIXELS)
        with render(file, mime_type=facts.mime_type, variant=VARIANT, limits=budget, folder=path.parent) as rendition:
            key = remote_pictures.key_of(row)
            storage_cleanup.keys_later([key])  # unless the row has it by then
            assets().put(rendition.path, key, rendition.mime_type)
    remote_pictures.made(row)
