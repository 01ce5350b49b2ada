"""Render smaller versions of stored images, outside our own process.

Decoding untrusted files is the riskiest operation of this service: a few kilobytes may claim gigabytes, or exploit a
decoder. So each rendition is made by a child process (`render_subprocess.py`) with limits on processor time, memory,
output and wall-clock time. It does not load Django, gets an empty environment and two file names, and may crash at any
point: that is a failure with a reason, never a stuck worker. Starting it costs about 50 ms.

    with render(source, mime_type="image/jpeg", variant=variant, limits=RenderingLimits()) as rendition:
        store.put(rendition.path, key, rendition.mime_type)

Animations stay animations: an animated GIF or PNG is returned unchanged, unless a still format (jpeg, png) is
requested, which shows its first frame. SVG has no pixels to render, and is refused.
"""

import json
import logging
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from livingdocs_import.errors import PermanentFailure, TransientFailure
from media_library.delivery.variants import Variant

logger = logging.getLogger(__name__)

SOURCES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF"}  # MIME type → the permitted decoder
CHILD = "media_library.delivery.render_subprocess"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class RenderingLimits:
    """The budget of one rendition."""

    max_pixels: int = 50_000_000
    cpu_seconds: int = 20
    wall_seconds: float = 60.0
    memory_bytes: int = 1 << 30  # address space: the interpreter, the decoder, and some copies of the picture
    output_bytes: int = 64 << 20


@dataclass(frozen=True, slots=True)
class Rendition:
    """A finished file; `path` may be moved away, and is removed at the end of the `with` block otherwise."""

    path: Path
    mime_type: str
    width: int
    height: int


class NotRenderable(PermanentFailure):
    """The image cannot be rendered: a retry would fail again."""


class RenderingInterrupted(TransientFailure):
    """The child was killed or the machine too busy; a retry may work."""


@contextmanager
def render(
    source: BinaryIO, *, mime_type: str, variant: Variant, limits: RenderingLimits, folder: Path | None = None
) -> Iterator[Rendition]:
    """Make the rendition in a temporary folder below `folder`; raises NotRenderable or RenderingInterrupted."""
    decoder = SOURCES.get(mime_type)
    if decoder is None:
        raise NotRenderable(f"no renditions of {mime_type}")
    with tempfile.TemporaryDirectory(prefix="rendition-", dir=folder) as place:
        original, result = Path(place, "source"), Path(place, "result")
        source.seek(0)
        with original.open("wb") as copy:
            shutil.copyfileobj(source, copy)
        order = {"decoder": decoder, "variant": asdict(variant), "limits": asdict(limits)}
        report = _run(order, original, result, limits.wall_seconds)
        if report["unchanged"]:
            yield Rendition(original, mime_type, report["width"], report["height"])
        else:
            yield Rendition(result, report["mime_type"], report["width"], report["height"])


def _run(order: dict[str, Any], original: Path, result: Path, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-Es", "-m", CHILD, str(original), str(result), json.dumps(order)]
    try:
        child = subprocess.run(
            command, cwd=ROOT, env={}, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise RenderingInterrupted(f"the rendition took longer than {seconds:g} seconds") from error
    if child.returncode == -signal.SIGXCPU:
        raise NotRenderable("the rendition takes too much processor time")
    if child.returncode:
        logger.warning("Rendering ended with %s: %s", child.returncode, child.stderr[-2_000:].decode(errors="replace"))
    if child.returncode < 0 and child.returncode not in (-signal.SIGKILL, -signal.SIGTERM):
        raise NotRenderable("the decoder crashed")
    if child.returncode:  # killed from outside, a full disk or a bug of ours: not the image's fault
        raise RenderingInterrupted("the rendition was interrupted")
    report: dict[str, Any] = json.loads(child.stdout)
    if "error" in report:
        raise NotRenderable(report["error"])
    return report
