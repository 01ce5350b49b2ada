"""The storage key of an item's file, as `media_library/storage/keys.py` chooses it."""

from imports.models import ImportJob
from media_library.storage import key_stem


def item_key_stem(job: ImportJob, position: int) -> str:
    """The key without extension: the same for every attempt (IMG-34)."""
    return key_stem(job.kind, job.started_at, job.public_id, position)
