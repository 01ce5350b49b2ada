"""Where binaries live: one small port over Django's storages, for a folder and for an S3 bucket.

Keys are decided before the upload (`YYYY/MM/DD/<uuid>.<ext>`, spec 6.1), so that a second try overwrites the first.
Whatever a storage does wrong becomes `StorageFailed`: a success means that the whole file is there, and a read that was
begun either gives every byte or raises.
"""

import re
import uuid
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from media_library.storage.folder import LocalStore
from media_library.storage.port import AssetStore, NotStored, StorageFailed, StoredFile
from media_library.storage.s3 import S3Store

__all__ = [
    "RENDITIONS",
    "AssetStore",
    "LocalStore",
    "NotStored",
    "S3Store",
    "StorageFailed",
    "StoredFile",
    "assets",
    "is_made_here",
    "is_usual",
    "key_stem",
]

KEY_NAMESPACE = uuid.UUID("6b1b9f1e-6d0f-4c51-9d8e-6f3a3f0f9a52")
RENDITIONS = "v"  # the folder of derived files; keys of originals never begin with it (spec 6.1)
_MADE_HERE = re.compile(r"\d{4}/\d\d/\d\d/[0-9a-f]{8}-[0-9a-f]{4}-5")  # the version of the UUID
_UNUSUAL = re.compile(r"[\x00-\x1f\x7f-\x9f\\]|(?:^|/)\.{0,2}(?:/|$)")  # control characters, backslashes, "", ".", ".."


@cache
def _opened(url: str) -> AssetStore:
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path:
        return LocalStore(Path(parts.path))
    if parts.scheme == "s3" and parts.netloc and parts.query in ("", "addressing=virtual"):
        return S3Store(parts.netloc, parts.path.strip("/"), virtual_host=parts.query == "addressing=virtual")
    raise ValueError(f"ASSET_STORAGE={url}: expected file:///absolute/dir or s3://bucket/prefix")


def assets() -> AssetStore:
    """The store that ASSET_STORAGE names, opened once per process."""
    return _opened(settings.ASSET_STORAGE)


def key_stem(day: datetime, owner: str) -> str:
    """`YYYY/MM/DD/<uuid>`: the same for the same day and owner, whoever asks and however often (IMG-34)."""
    return f"{day:%Y/%m/%d}/{uuid.uuid5(KEY_NAMESPACE, owner)}"


def is_made_here(key: str) -> bool:
    """Whether a key looks like one of `key_stem`; clients that make theirs of random numbers have others."""
    return _MADE_HERE.match(key) is not None


def is_usual(key: str) -> bool:
    """Whether a key that a client made up has one spelling only and names an original.

    False for `a//b`, `/a`, `a/../b`, backslashes, control characters and the reserved folder: on a file system those
    would be second names of somebody's file.
    """
    return 0 < len(key) <= 500 and not _UNUSUAL.search(key) and not key.startswith(f"{RENDITIONS}/")
