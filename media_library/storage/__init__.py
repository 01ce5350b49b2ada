"""Storage of binaries: one small interface over Django's storages, for a folder and for an S3 bucket.

The key of a file is chosen before the upload (`keys`), so that a retry overwrites the first attempt. Every error of a
storage becomes `StorageFailed`: a success means that the whole file is there, and a read that was begun either returns
every byte or raises.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from media_library.storage.folder import LocalStore
from media_library.storage.keys import (
    FILES,
    FOLDERS,
    REMOTE_PICTURES,
    RENDITIONS,
    VIDEOS,
    is_generated_key,
    is_safe_key,
    key_stem,
)
from media_library.storage.port import AssetStore, NotStored, StorageFailed, StoredFile

__all__ = [
    "FILES",
    "FOLDERS",
    "REMOTE_PICTURES",
    "RENDITIONS",
    "VIDEOS",
    "AssetStore",
    "LocalStore",
    "NotStored",
    "StorageFailed",
    "StoredFile",
    "assets",
    "is_generated_key",
    "is_safe_key",
    "key_stem",
]


# Named, like the backends in Django's own settings: an installation without buckets does not load their libraries.
S3_STORE = "media_library.storage.s3.S3Store"


@lru_cache(maxsize=4)
def _opened(url: str) -> AssetStore:
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path:
        return LocalStore(Path(parts.path))
    if parts.scheme == "s3" and parts.netloc and parts.query in ("", "addressing=virtual"):
        bucket: Callable[..., AssetStore] = import_string(S3_STORE)
        return bucket(parts.netloc, parts.path.strip("/"), virtual_host=parts.query == "addressing=virtual")
    raise ValueError(f"ASSET_STORAGE={url}: expected file:///absolute/dir or s3://bucket/prefix")


def assets() -> AssetStore:
    """The store of ASSET_STORAGE, opened once per process."""
    return _opened(settings.ASSET_STORAGE)
