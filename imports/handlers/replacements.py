"""Replace the file of an entry by an uploaded one: inspected as by an import, stored under a new key, then patched.

The former file stays in the entry's history, and readable under its key, as after an import.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.utils import timezone

from imports.handlers.files import FileHandler
from imports.handlers.images import ImageHandler
from imports.handlers.media_handler import MediaHandler
from imports.handlers.prepared_media import file_name
from imports.handlers.videos import VideoHandler
from imports.models import ImportJob
from livingdocs_import import errors
from livingdocs_import.egress.download import Fetched
from livingdocs_import.project_config import ProjectConfig
from media_library import storage_cleanup
from media_library.entries import patch
from media_library.entries.actors import Actor
from media_library.models import MediaEntry
from media_library.storage import assets, key_stem

HANDLERS: Mapping[str, tuple[str, MediaHandler]] = {  # by base type: the kind of a job, and its handler
    handler.base_type: (kind.value, handler)
    for kind, handler in (
        (ImportJob.Kind.IMAGES, ImageHandler()),
        (ImportJob.Kind.VIDEOS, VideoHandler()),
        (ImportJob.Kind.FILES, FileHandler()),
    )
}


class SameFile(errors.PermanentFailure):
    """The entry has these bytes already."""


@dataclass(frozen=True)
class Uploaded:
    """A file that was received whole. `sha256` is hexadecimal; `content_type` is the client's claim, "" without one."""

    file: BinaryIO
    path: Path
    name: str
    size: int
    sha256: str
    content_type: str


@dataclass(frozen=True)
class Replacement:
    """Who replaces which version of an entry, and why."""

    version: int
    note: str
    actor: Actor


def may_be_replaced(entry: MediaEntry) -> bool:
    """Whether an import would accept a new file for it: neither archived nor revoked."""
    return not (entry.archived or entry.revoked)


def max_bytes(entry: MediaEntry, config: ProjectConfig) -> int:
    """The largest file that the entry may have."""
    return HANDLERS[entry.base_type][1].max_bytes(config)


def replace_file(entry: MediaEntry, uploaded: Uploaded, config: ProjectConfig, asked: Replacement) -> MediaEntry:
    """The entry with its new file.

    Raises Failure for a file that is refused or cannot be stored, ApiError if the entry has changed meanwhile. Then
    nothing is changed, and a file that was stored already is deleted by housekeeping.
    """
    media_type = config.media_type(entry.media_type)
    if media_type is None:
        raise errors.Conflict(f"The media type '{entry.media_type}' is not configured any more")
    if uploaded.sha256 == entry.asset_sha256:
        raise SameFile("it has this file already")
    kind, handler = HANDLERS[entry.base_type]
    facts = handler.look_into(uploaded.file, _as_fetched(uploaded), config, media_type)
    key = f"{key_stem(kind, timezone.now(), uuid.uuid4().hex, 0)}.{facts.extension}"
    asset = {
        "key": key,
        "size": uploaded.size,
        **facts.measures,
        "filename": file_name(uploaded.name, facts.extension),
        "mimeType": facts.mime_type,
    }
    storage_cleanup.keys_later([key])  # unless the entry has it by then
    uploaded.file.flush()
    assets().put(uploaded.path, key, facts.mime_type)
    value = {"asset": asset, "sha256": uploaded.sha256, "embedded": dict(facts.embedded)}
    request = patch.PatchRequest([{"operation": "replaceFile", "value": value}], asked.version, note=asked.note)
    return patch.patch_entry(entry.project, entry.media_id, request, actor=asked.actor)


def _as_fetched(uploaded: Uploaded) -> Fetched:
    return Fetched(
        status=200,
        size=uploaded.size,
        sha256=uploaded.sha256,
        etag="",
        last_modified="",
        content_type=uploaded.content_type,
        final_url="",
    )
