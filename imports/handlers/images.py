"""Import images: four types, with limits of pixels and frames, and embedded captions."""

from typing import BinaryIO

from django.conf import settings

from imports.handlers.media_handler import MediaHandler
from imports.handlers.prepared_media import FileFacts
from livingdocs_import.egress.download import Fetched
from livingdocs_import.project_config import MediaType, ProjectConfig
from media_library.embedded_metadata import extract
from media_library.inspect.image import AssetLimits, probe_image


class ImageHandler(MediaHandler):
    base_type = "mediaImage"
    name = "image"

    def max_bytes(self, config: ProjectConfig) -> int:
        return _lower(settings.IMAGE_MAX_BYTES, config.options.image_limits.max_bytes)

    def may_say(self, media_type: MediaType) -> frozenset[str]:
        return frozenset(mapping.metadata_property_name for mapping in media_type.exif_mappings)

    def look_into(self, file: BinaryIO, fetched: Fetched, config: ProjectConfig, media_type: MediaType) -> FileFacts:
        facts = probe_image(file, limits=_limits(config))
        return FileFacts(
            facts.mime_type,
            facts.extension,
            measures={"width": facts.width, "height": facts.height},
            embedded=extract.extract(file, facts.mime_type, media_type.exif_mappings),
        )


def _limits(config: ProjectConfig) -> AssetLimits:
    """The operator's limits, unless the project has set lower ones."""
    own = config.options.image_limits
    return AssetLimits(
        max_pixels=_lower(settings.IMAGE_MAX_PIXELS, own.max_pixels),
        max_frames=_lower(settings.IMAGE_MAX_FRAMES, own.max_frames),
    )


def _lower(operators: int, projects: int | None) -> int:
    return operators if projects is None else min(operators, projects)
