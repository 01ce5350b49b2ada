"""The storage key of an item's file: derived from job and position, so that every attempt has the same (IMG-34)."""

from imports.models import ImportJob
from media_library.storage.keys import FILES, VIDEOS, key_stem

FOLDERS = {ImportJob.Kind.VIDEOS: VIDEOS, ImportJob.Kind.FILES: FILES}


def item_key_stem(job: ImportJob, position: int) -> str:
    """The storage key of an item's file, without extension: the same for every attempt."""
    return key_stem(job.started_at, f"{job.public_id}/{position}", folder=FOLDERS.get(ImportJob.Kind(job.kind), ""))
