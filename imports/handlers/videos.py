"""Import videos: any video container, with size and duration if its headers have them (spec 3.12)."""

from collections.abc import Mapping, Sequence
from typing import BinaryIO

from django.conf import settings

from imports.handlers.media_handler import MediaHandler
from imports.handlers.prepared_media import FileFacts
from livingdocs_import.egress.download import DownloadPace, Fetched
from livingdocs_import.project_config import MediaType, ProjectConfig
from livingdocs_import.validation.json_types import JSON
from media_library.inspect.video import NO_DURATION, NO_SIZE, probe_video

MEASURES = ("width", "height", "duration")


class VideoHandler(MediaHandler):
    base_type = "mediaVideo"
    name = "video"

    def max_bytes(self, config: ProjectConfig) -> int:
        return int(settings.VIDEO_MAX_BYTES)

    def pace(self) -> DownloadPace:
        return DownloadPace(settings.VIDEO_TOTAL_SECONDS, settings.VIDEO_MIN_BYTES_PER_SECOND)

    def look_into(self, file: BinaryIO, fetched: Fetched, config: ProjectConfig, media_type: MediaType) -> FileFacts:
        facts = probe_video(file, fetched.size)
        measures = {name: value for name in MEASURES if (value := getattr(facts, name)) is not None}
        return FileFacts(facts.mime_type, facts.extension, measures, warnings=facts.warnings)

    def warnings_of(self, asset: Mapping[str, JSON]) -> Sequence[str]:
        return [text for name, text in (("width", NO_SIZE), ("duration", NO_DURATION)) if name not in asset]
