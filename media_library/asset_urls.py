"""The URLs of binaries: computed from the key on each read, never stored (spec 3.16, 6.1).

    originalUrl   <PUBLIC_URL>/api/v1/images/<slug of the title>?id=<asset id>
    url           the same and `&format=auto`; with an image service `https://<its host>/<key>?auto=format`

An asset id is base64 of `1`, the key behind a slash and the project's number, with tabs between them: the form in
Livingdocs' own documentation. It identifies a file and authorises nothing: access is checked on delivery.
"""

import base64
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from django.conf import settings
from django.utils.text import slugify

from media_library.storage import NotStored

_PATH = "/api/v1/images/"
_SERVED = "serve-image/"  # the path of the API that ends with a key
_DECODED = re.compile(r"1\t/(?P<key>[^\t]+)\t(?P<project>[0-9]{1,18})")


def original_url(key: str, *, project_id: int, title: str) -> str:
    """The URL of the unmodified binary (IMG-35). The slug is for people; delivery ignores it."""
    slug = slugify(title[:200])[:80].strip("-_") or "image"
    return f"{settings.PUBLIC_URL}{_PATH}{slug}?id={asset_id(key, project_id)}"


def asset_url(asset: Mapping[str, Any], *, project_id: int, title: str) -> str:
    """The `originalUrl` of an asset: the client's, or ours, computed from the key (spec 6.1)."""
    return asset.get("url") or original_url(asset["key"], project_id=project_id, title=title)


def service_url(original: str, *, key: str, host: str) -> str:
    """The image in the best format for the browser: by the image service at `host` (with scheme), else by ourselves.

    A URL that a client gave stays unchanged.
    """
    if host:
        return f"{host}/{quote(key)}?auto=format"
    return f"{original}&format=auto" if original.startswith(f"{settings.PUBLIC_URL}{_PATH}") else original


def asset_id(key: str, project_id: int) -> str:
    """URL-safe base64."""
    return base64.urlsafe_b64encode(f"1\t/{key}\t{project_id}".encode()).decode()


def read_asset_id(text: str) -> tuple[int, str]:
    """Project number and key of an asset id, in either alphabet of base64, padded or not; else NotStored."""
    # An unescaped plus sign arrives as a space in the query.
    digits = text.translate(str.maketrans(" -_", "++/")).rstrip("=")
    try:
        decoded = base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True).decode()
    except ValueError as error:
        raise NotStored(text) from error
    if match := _DECODED.fullmatch(decoded):
        return int(match["project"]), match["key"]
    raise NotStored(text)


def possible_keys(text: str) -> list[str]:
    """The storage keys that a text may mean: itself, or what is in one of the URLs above."""
    try:
        parts = urlsplit(text)
        asset_ids = parse_qs(parts.query).get("id", [])
    except ValueError:  # no URL
        return [text]
    path = unquote(parts.path).lstrip("/")
    keys = [text, path, path.rpartition(_SERVED)[2]]
    for each in asset_ids:
        with suppress(NotStored):
            keys.append(read_asset_id(each)[1])
    return list(dict.fromkeys(key for key in keys if key))
