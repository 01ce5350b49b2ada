"""The stored renditions of an entry's image, for its page, and their removal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.template.defaultfilters import filesizeformat

from livingdocs_import import errors
from livingdocs_import.admin.actions import ActionFailed
from media_library.admin import pictures
from media_library.delivery import rendition_cache
from media_library.delivery.ownership import Deliverable, deliverable
from media_library.delivery.rendition_cache import MAX_RENDITIONS
from media_library.delivery.variants import Variant
from media_library.models import MediaEntry
from media_library.storage import NotStored, StorageFailed

FORMATS = {"original": "as the original", "jpeg": "JPEG", "png": "PNG", "webp": "WebP", "avif": "AVIF"}


@dataclass(frozen=True)
class ShownRendition:
    """A rendition for the template; `is_original`: the original is served in its place."""

    measures: str
    format: str
    size: str
    address: str
    made_at: datetime
    is_original: bool


@dataclass(frozen=True)
class ShownRenditions:
    """The renditions of an image; `error`: why they are not known."""

    rows: Sequence[ShownRendition] = ()
    error: str = ""
    most: int = MAX_RENDITIONS


def renditions(entry: MediaEntry) -> ShownRenditions | None:
    """None if the entry has no image of ours that may be served, and so no renditions either."""
    file = _file(entry)
    if file is None:
        return None
    try:
        kept = rendition_cache.kept(file)
    except StorageFailed as failed:
        return ShownRenditions(error=failed.detail)
    return ShownRenditions(
        [
            ShownRendition(
                measures=measures(variant),
                format=FORMATS[variant.format],
                size=str(filesizeformat(facts.size)),
                address=f"{pictures.url(entry)}&{variant.query}",
                made_at=facts.modified_at,
                is_original=facts.size == 0,
            )
            for variant, facts in sorted(kept.items(), key=lambda pair: (pair[0].width or 0, pair[0].height or 0))
        ]
    )


def remove(entry: MediaEntry, by: str) -> str:
    """Delete the renditions of the entry's image."""
    file = _file(entry)
    if file is None:
        raise ActionFailed("it has no renditions")
    try:
        rendition_cache.forget(file.key)
    except StorageFailed as failed:
        raise ActionFailed(failed.detail) from failed
    return "has no renditions now; they are made anew when they are requested"


def may_have(entry: MediaEntry) -> bool:
    """Whether renditions are made of the entry's file, as far as the entry says so."""
    return entry.base_type == MediaEntry.BaseType.IMAGE and not pictures.not_shown(entry)


def measures(variant: Variant) -> str:
    """Such as `640 wide`, or width and height with `, cropped`."""
    if variant.width and variant.height:
        size = f"{variant.width} \N{MULTIPLICATION SIGN} {variant.height}"
        return f"{size}, cropped" if variant.fit == "crop" else f"at most {size}"
    if variant.width or variant.height:
        return f"{variant.width} wide" if variant.width else f"{variant.height} high"
    return "as large as the original"


def _file(entry: MediaEntry) -> Deliverable | None:
    """The stored file of the entry's project: an entry may name the key of another project's file."""
    if not may_have(entry):
        return None
    try:
        return deliverable(entry.project_id, entry.asset_key)
    except (NotStored, errors.AssetRevoked):
        return None
