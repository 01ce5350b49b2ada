"""The storage key of what an item brings in: derived from job and position, so that every try has the same (IMG-34)."""

from imports.models import ImportJob
from media_library.storage.keys import key_stem


def stored_stem(job: ImportJob, position: int) -> str:
    """The storage key, without extension, of what an item brings in: the same for every try of the item."""
    return key_stem(job.started_at, f"{job.public_id}/{position}")
