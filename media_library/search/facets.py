"""What the library is narrowed down by besides words: type, system, size, missing alt text."""

from collections.abc import Mapping
from typing import Any

from media_library.models import MediaEntry
from media_library.search.indexed import Source

FACETS = ("media_type", "system_name", "pixels", "size", "lacks_alt")
_ALT = frozenset({"alt", "alttag", "alttext", "alternativetext", "alternatetext"})
_MAX = (1 << 63) - 1  # clients name sizes themselves


def facets(
    source: Source, base_type: str, media_type: str, system_name: str | None
) -> tuple[str, str | None, int | None, int | None, bool]:
    """The values of FACETS of an entry."""
    asset = source.asset
    width, height = _number(asset.get("width")), _number(asset.get("height"))
    pixels = None if width is None or height is None else min(width * height, _MAX)
    lacks_alt = base_type == MediaEntry.BaseType.IMAGE and not alt_text(source.metadata)
    return media_type, system_name, pixels, _number(asset.get("size")), lacks_alt


def is_alt(handle: str) -> bool:
    """Whether a metadata property is the text for readers who do not see the image: `altText`, `alt-text`, `alt`."""
    return handle.lower().replace("-", "").replace("_", "") in _ALT


def alt_text(metadata: Any) -> str:
    """The alt text of an entry's metadata; "" if it has none."""
    if not isinstance(metadata, Mapping):
        return ""
    texts = (value.strip() for handle, value in metadata.items() if isinstance(value, str) and is_alt(handle))
    return next(filter(None, texts), "")


def _number(value: object) -> int | None:
    """Of a JSON number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MAX:
        return None
    return int(value)
