"""Pictures, players and files of entries in the admin, from where assets are served."""

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from media_library import asset_urls
from media_library.models import MediaEntry, RemotePicture

IN_GRID, ON_PAGE = 400, 1280  # requested pixels: twice the displayed size, for high-density screens
SHOWN_BY_BROWSERS = frozenset(f"image/{kind}" for kind in ("jpeg", "png", "gif", "webp", "avif", "svg+xml"))
_FILE = SafeString(
    '<svg width="56" height="72" viewBox="0 0 56 72" aria-hidden="true" fill="none" stroke="currentColor" '
    'stroke-width="2"><path d="M3 3h34l16 16v50H3zM37 3v16h16M12 32h32M12 42h32M12 52h20"/></svg>'
)
_FILM = SafeString(
    '<svg width="72" height="56" viewBox="0 0 72 56" aria-hidden="true" fill="none" stroke="currentColor" '
    'stroke-width="2"><path d="M3 3h66v50H3zM29 17v22l18-11z"/></svg>'
)


def picture(entry: MediaEntry, width: int, alt: str = "", remote: RemotePicture | None = None) -> SafeString:
    """The entry's image, loaded when it scrolls into view; a sign or a word if there is none to show.

    `remote`: the small picture of a file that is stored elsewhere.
    """
    if reason := not_shown(entry):
        return _image(remote_url(remote), alt) if remote is not None and remote.key else _word(reason)
    if entry.base_type != MediaEntry.BaseType.IMAGE:
        return _FILM if entry.base_type == MediaEntry.BaseType.VIDEO else _FILE
    if reason := _no_preview(entry):
        return _word(reason)
    return _image(format_html("{}&w={}", url(entry), width), alt)


def _image(address: str, alt: str) -> SafeString:
    return format_html('<img class="picture" loading="lazy" decoding="async" src="{}" alt="{}">', address, alt)


def remote_url(remote: RemotePicture) -> str:
    """The address of a small picture in the admin, which changes with the file."""
    address = reverse("admin:media_library_mediaentry_picture", args=[remote.entry_id])
    return f"{address}?of={remote.address_digest[:12]}"


def asset(entry: MediaEntry, remote: RemotePicture | None = None) -> SafeString:
    """The entry's image, its video player, or a sign for its file; a word if it is unavailable."""
    if entry.base_type == MediaEntry.BaseType.VIDEO and not not_shown(entry):
        return format_html(
            '<video class="picture" controls preload="metadata" src="{}" aria-label="{}"></video>', url(entry), entry
        )
    return picture(entry, ON_PAGE, f"Preview of {entry}", remote)


def url(entry: MediaEntry) -> str:
    """The address of the original in our delivery."""
    return asset_urls.original_url(entry.asset["key"], project_id=entry.project_id, title=entry.title)


def not_shown(entry: MediaEntry) -> str:
    """Why the asset cannot be shown; "" if it can."""
    if not entry.servable or entry.asset_deleted:
        return "withdrawn"
    # An external server must not learn who uses the admin.
    return "stored elsewhere" if "url" in entry.asset else ""


def _no_preview(entry: MediaEntry) -> str:
    """Why there is no picture of an image that is stored; "" if there is one."""
    if entry.asset.get("mimeType") not in SHOWN_BY_BROWSERS:
        return "no preview of this format"
    width, height = entry.asset.get("width") or 0, entry.asset.get("height") or 0
    return "no preview: beyond the limits" if width * height > settings.IMAGE_MAX_PIXELS else ""


def measures(entry: MediaEntry) -> str:
    """What the file is, in a few words: `640 by 427`, `0:42, MP4`, `PDF, 1.2 MB`."""
    facts, kind = entry.asset, _kind(entry)
    if facts.get("width") and facts.get("height") and entry.base_type == MediaEntry.BaseType.IMAGE:
        return f"{facts['width']} \N{MULTIPLICATION SIGN} {facts['height']}"
    if facts.get("duration"):
        return f"{_clock(facts['duration'])}, {kind}"
    return f"{kind}, {size(entry)}" if facts.get("size") else kind


def size(entry: MediaEntry) -> str:
    """Of the file, with its unit."""
    return str(filesizeformat(entry.asset.get("size", 0)))


def _kind(entry: MediaEntry) -> str:
    """`JPEG` of `image/jpeg`."""
    subtype = str(entry.asset.get("mimeType", "")).rpartition("/")[2]
    return subtype.rpartition(".")[2].removeprefix("x-").partition("+")[0][:12].upper()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _word(word: str) -> SafeString:
    return format_html('<span class="no-picture">{}</span>', word)
