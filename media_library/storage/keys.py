"""The keys of stored files, and the safety of clients' keys (spec 6.1).

An import stores images under `YYYY/MM/DD/<uuid>.<ext>`, videos and files likewise below a folder of their own.
"""

import re
import uuid
from datetime import datetime

KEY_NAMESPACE = uuid.UUID("6b1b9f1e-6d0f-4c51-9d8e-6f3a3f0f9a52")
RENDITIONS = "v"  # the folder of derived files; keys of originals never begin with it (spec 6.1)
# The folder of pictures of files that are stored elsewhere. The renditions of a key are directly in `v/<key>/`, and no
# client's key begins with `v/`: none has this folder, or one of it.
REMOTE_PICTURES = f"{RENDITIONS}/v/remote-pictures"
VIDEOS, FILES = "videos/", "files/"
FOLDERS = ("", VIDEOS, FILES)  # each contains one per day
_FOLDER_OF = {"videos": VIDEOS, "files": FILES}  # by the kind of a job
_GENERATED = re.compile(r"(?:videos/|files/)?\d{4}/\d\d/\d\d/[0-9a-f]{8}-[0-9a-f]{4}-5")  # the version of the UUID
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\\]|(?:^|/)\.{0,2}(?:/|$)")  # control characters, backslashes, "", ".", ".."


def key_stem(kind: str, started_at: datetime, job: str, position: int) -> str:
    """The key of an item's file without its extension: `YYYY/MM/DD/<uuid>`, in the folder of the kind.

    Derived from the job and the item's position in it, so that every attempt overwrites the same file (IMG-34).
    """
    name = uuid.uuid5(KEY_NAMESPACE, f"{job}/{position}")
    return f"{_FOLDER_OF.get(kind, '')}{started_at:%Y/%m/%d}/{name}"


def is_generated_key(key: str) -> bool:
    """Whether a key looks like one of `key_stem`; random UUIDs of clients have another version."""
    return _GENERATED.match(key) is not None


def is_safe_key(key: str) -> bool:
    """Whether a client's key has only one spelling and names an original.

    False for `a//b`, `/a`, `a/../b`, backslashes, control characters and the reserved folder: a file system would
    resolve them to other files.
    """
    return 0 < len(key) <= 500 and not _UNSAFE.search(key) and not key.startswith(f"{RENDITIONS}/")
