"""Entries whose file is in the storage, and the requests that ask for it."""

import itertools
import tempfile
from pathlib import Path
from typing import Any

from django.test import Client

from livingdocs_import.models import Project
from media_library import asset_urls
from media_library.models import MediaEntry
from media_library.storage import assets

_numbers = itertools.count(1)
CLIENT_URL = "https://cdn.example.com/given-by-a-client.jpeg"


def new_key(extension: str = "jpeg") -> str:
    return f"2026/03/14/{next(_numbers):08d}-0000-4000-8000-000000000000.{extension}"


def put(content: bytes, key: str) -> str:
    """Store bytes as an import does, or as a client with its own access to the storage."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "incoming")
        path.write_bytes(content)
        assets().put(path, key, "application/octet-stream")
    return key


def asset(key: str, mime_type: str = "image/jpeg", filename: str = "a.jpeg", **fields: Any) -> dict[str, Any]:
    return {"key": key, "size": 1, "filename": filename, "mimeType": mime_type} | fields


def imported(project: Project, content: bytes, mime_type: str = "image/jpeg", **fields: Any) -> MediaEntry:
    """An entry as an import leaves it: its file is stored, its asset has no URL."""
    filename = fields.pop("filename", "a.jpeg")
    stored = asset(put(content, fields.pop("key", None) or new_key()), mime_type, filename)
    defaults = {"title": "Truck in flood water", "media_type": "image", "base_type": "mediaImage"}
    return MediaEntry.objects.create(
        project=project, asset=stored, asset_key=stored["key"], asset_sha256="0" * 64, **defaults | fields
    )


def claimed(project: Project, key: str, mime_type: str = "image/jpeg", **fields: Any) -> MediaEntry:
    """An entry as a client makes it that names a key and a URL of its own (import/mediaLibrary)."""
    return MediaEntry.objects.create(
        project=project,
        media_type="image",
        base_type="mediaImage",
        asset=asset(key, mime_type, url=CLIENT_URL),
        asset_key=key,
        **fields,
    )


def url_of(entry: MediaEntry, key: str | None = None) -> str:
    """The entry's originalUrl; with a key, that of another file in its project."""
    return asset_urls.original_url(key or entry.asset_key, project_id=entry.project_id, title=entry.title)


def fetch(url: str, extra: str = "", **headers: str) -> Any:
    """GET without a token; header names with underscores."""
    return Client(raise_request_exception=False).get(
        url + extra, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
