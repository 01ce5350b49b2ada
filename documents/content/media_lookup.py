"""Look up the media entries that a document names, as directive values (Q-16)."""

from collections.abc import Collection

from documents.content.media_values import MediaFacts
from livingdocs_import.models import Project
from livingdocs_import.project_config import ProjectConfig
from media_library import asset_urls
from media_library.models import MediaEntry

_AT_ONCE = 5_000  # ids in one query; databases take no more than some ten thousand parameters


def facts(project: Project, config: ProjectConfig, media_ids: Collection[str]) -> dict[str, MediaFacts]:
    """The facts by media id, without entries that do not exist (yet) (DOC-59).

    Includes archived, revoked and invalid ones: whether they may be shown is decided on delivery (Q-40).
    """
    known: dict[str, MediaFacts] = {}
    wanted = sorted(media_ids)
    for start in range(0, len(wanted), _AT_ONCE):
        found = MediaEntry.objects.of(project).filter(media_id__in=wanted[start : start + _AT_ONCE])
        for entry in found.only("media_id", "asset", "title"):
            known[entry.media_id] = _facts(project, config, entry)
    return known


def _facts(project: Project, config: ProjectConfig, entry: MediaEntry) -> MediaFacts:
    asset = entry.asset
    original = asset_urls.asset_url(asset, project_id=project.pk, title=entry.title)
    known: MediaFacts = {
        "originalUrl": original,
        "url": asset_urls.service_url(original, key=asset["key"], host=config.image_service.host or ""),
        "mimeType": asset["mimeType"],
        "filename": asset["filename"],
        "size": asset["size"],
    }
    if "width" in asset:
        known["width"], known["height"] = asset["width"], asset["height"]
    if "duration" in asset:
        known["durationSeconds"] = asset["duration"]
    return known
