"""Detect from its bytes whether a file is a video, and read its size and duration from the headers.

The origin's name and Content-Type are ignored. Nothing is decoded: the headers of ISO base media (MP4, MOV) and of
Matroska (WebM) are read by seeking; of other containers only the type is reported. Impossible values are left out.

    facts = probe_video(file, size)
    facts.mime_type, facts.width, facts.height, facts.duration, facts.warnings
"""

from dataclasses import dataclass
from typing import BinaryIO

from media_library.inspect import iso_media, matroska
from media_library.inspect.any_file import type_of_bytes
from media_library.inspect.limits import VIDEO_SECONDS, VIDEO_SIDE
from media_library.inspect.results import EmptyFile, NotAVideo
from media_library.inspect.video_facts import Streams
from media_library.inspect.video_types import HEAD, video_type

READERS = {
    "mp4": iso_media.read,
    "mov": iso_media.read,
    "m4v": iso_media.read,
    "3gp": iso_media.read,
    "3g2": iso_media.read,
    "webm": matroska.read,
    "mkv": matroska.read,
}
NO_SIZE = "the file does not say its width and height"
NO_DURATION = "the file does not say its duration"


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """One video. Width and height (pixels, as shown) and duration (seconds) are None if unknown.

    `warnings`: the reasons, for the client.
    """

    mime_type: str
    extension: str
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    warnings: tuple[str, ...] = ()


def probe_video(file: BinaryIO, size: int) -> VideoFacts:
    """Facts about the video in a seekable file of this many bytes; raises only NotAVideo, for any bytes."""
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        raise EmptyFile
    found = video_type(head)
    if found is None:
        raise NotAVideo(f"not a video: {type_of_bytes(file, size)}")
    mime_type, extension = found
    if not mime_type.startswith("video/"):
        raise NotAVideo(f"not a video: {mime_type}")
    reader = READERS.get(extension)
    streams = reader(file, size) if reader else Streams()
    if streams.audio_only:
        raise NotAVideo(f"not a video: {_as_sound(mime_type)}")
    return _judged(mime_type, extension, streams)


def _as_sound(mime_type: str) -> str:
    return {"video/webm": "audio/webm", "video/x-matroska": "audio/x-matroska"}.get(mime_type, "audio/mp4")


def _judged(mime_type: str, extension: str, streams: Streams) -> VideoFacts:
    """Leave out missing and impossible values, with a warning."""
    warnings = []
    sized = 0 < streams.width <= VIDEO_SIDE and 0 < streams.height <= VIDEO_SIDE
    if not sized:
        claimed = streams.width or streams.height
        lie = f"the file claims to be {streams.width} x {streams.height} pixels, which is not believed"
        warnings.append(lie if claimed else NO_SIZE)
    duration = round(streams.seconds, 3) if 0 < streams.seconds <= VIDEO_SECONDS else 0.0
    if not duration:
        lie = f"the file claims to last {streams.seconds:g} seconds, which is not believed"
        warnings.append(lie if streams.seconds >= 1 else NO_DURATION)
    return VideoFacts(
        mime_type,
        extension,
        width=streams.width if sized else None,
        height=streams.height if sized else None,
        duration=duration or None,
        warnings=tuple(warnings),
    )
