"""Feed mutated media files and request bodies to their readers for some minutes: `make fuzz` starts it.

    python -m tests.hostile.fuzz_bytes [--minutes 10] [--reader SVG]

Atheris watches which branches an input takes, and keeps those that take new ones. Where it is not installed (it comes
for Linux on x86-64), inputs are mutated at random. What counts as found: any exception but the documented refusals, and
an input that costs more than its budget, a second and a second a megabyte. Findings are written to a file.
"""

import argparse
import contextlib
import importlib
import importlib.util
import inspect
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from livingdocs_import.errors import ApiError, Failure
from livingdocs_import.validation.strict_json import read_json
from tests import videos
from tests.hostile.doors import media
from tests.media_library.inspect.test_any_bytes import CAPTIONED

FOLDER = Path(__file__).parent.parent / "data" / "hostile"
MAX_INPUT = 1 << 16  # bytes of an input
INSTRUMENTED = ("media_library", "livingdocs_import.validation")
WHOLE = [path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.stat().st_size <= MAX_INPUT]
SAMPLES = [*WHOLE, *CAPTIONED.values()]

FRAGMENTED = videos.ftyp() + videos.moov(more=videos.mvex(default=1)) + videos.sidx(9) + videos.moof(5, [1, 2])

Reader = Callable[[bytes], object]


def starting(*heads: bytes) -> list[bytes]:
    return [data for data in SAMPLES if data.startswith(heads)]


def framed(door: Any) -> Reader:
    return lambda data: door.enter(door.frame(data))


# By name: what reads, whole inputs to begin with, and what their grammar knows.
READERS: dict[str, tuple[Reader, list[bytes], tuple[bytes, ...]]] = {
    "PNG": (media.captions("image/png"), starting(b"\x89PNG"), media.PNG_PIECES),
    "JPEG": (media.captions("image/jpeg"), starting(b"\xff\xd8"), media.JPEG_PIECES),
    "GIF": (media.looked_into, starting(b"GIF8"), media.GIF_PIECES),
    "SVG": (media.looked_into, starting(b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"), media.SVG_PIECES),
    "EXIF": (framed(media.EXIF), [b"\x98\x82\2\0\x04\0\0\0abcd"], media.EXIF_PIECES),
    "IIM": (framed(media.IIM), [b"8BIM\4\4\0\0\0\0\0\x06\x1c\2\x05\0\1a"], media.IIM_PIECES),
    "XMP": (framed(media.XMP), [b"<dc:title><rdf:Alt><rdf:li>a</rdf:li></rdf:Alt></dc:title>"], media.XMP_PIECES),
    "MP4": (media.video_looked_into, [videos.mp4(), videos.mp4(moov_last=True), FRAGMENTED], media.MP4_PIECES),
    "Matroska": (media.video_looked_into, [videos.mkv(), videos.webm(live=True)], media.MKV_PIECES),
    "file": (media.file_looked_into, [media.in_archive(media.FILE_PIECES[0]), b"<!-- --><svg>"], media.FILE_PIECES),
    "JSON": (read_json, [json.dumps({"images": [{"url": "é", "id": 1.5e3, "a": [None, True]}]}).encode()],
             (b"{", b"}", b"[", b"]", b'"', b"\\", b"\\u0000", b"\\ud800", b",", b":", b"-1", b"1e9", b"true")),
}  # fmt: skip


class TooExpensive(Exception):
    """An input that costs more than it may."""


def check_answer(read: Reader, data: bytes) -> None:
    """Raise what counts as found; a second run decides about the time, for machines stumble."""
    for attempt in range(3):
        started = time.process_time()
        with contextlib.suppress(Failure, ApiError):
            read(data)
        if time.process_time() - started <= 1 + len(data) / 1e6:
            return
        if attempt == 2:
            raise TooExpensive(f"{time.process_time() - started:.1f} s for {len(data)} bytes")


def mutated(samples: list[bytes], pieces: tuple[bytes, ...], chance: random.Random) -> bytes:
    """A sample with some bytes replaced, some pieces put in, some parts doubled or taken out."""
    data = bytearray(chance.choice(samples))
    for _ in range(chance.randint(1, 8)):
        at, length = chance.randint(0, len(data)), chance.choice([0, 1, 2, 4, 16, 200])
        match chance.randrange(4):
            case 0:
                data[at : at + length] = chance.randbytes(length)
            case 1:
                data[at:at] = chance.choice(pieces) * chance.choice([1, 1, 2, 30, 1000])
            case 2:
                data[at:at] = data[at : at + length] * chance.choice([1, 2, 50])
            case _:
                del data[at : at + length]
    return bytes(data[:MAX_INPUT])


def by_chance(name: str, seconds: float) -> None:
    """Random mutations until the time is over."""
    read, samples, pieces = READERS[name]
    chance, tried, until = random.Random(), 0, time.monotonic() + seconds
    while time.monotonic() < until:
        data = mutated(samples, pieces, chance)
        tried += 1
        try:
            check_answer(read, data)
        except Exception:
            kept = Path(tempfile.gettempdir(), f"fuzz-{name}-{abs(hash(data)):x}")
            kept.write_bytes(data)
            print(f"{name}: found {kept}", file=sys.stderr)
            raise
    print(f"{name}: {tried} inputs by chance, nothing found")


def instrument(atheris: Any) -> None:
    """Instrument the branches of our readers' functions."""
    for key, module in list(sys.modules.items()):
        if key.startswith(INSTRUMENTED):
            for value in list(vars(module).values()):
                if inspect.isfunction(value) and value.__module__ == key:
                    atheris.instrument_func(value)


def by_coverage(name: str, seconds: float) -> None:
    """Atheris until the time is over; it ends the process."""
    atheris = importlib.import_module("atheris")
    instrument(atheris)
    read, samples, _ = READERS[name]
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        for number, data in enumerate(samples):
            Path(folder, str(number)).write_bytes(data)
        found = f"-artifact_prefix={tempfile.gettempdir()}/fuzz-{name}-"
        atheris.Setup(
            [name, f"-max_total_time={max(1, int(seconds))}", f"-max_len={MAX_INPUT}", "-verbosity=0", found, folder],
            lambda data: check_answer(read, data),
        )
        atheris.Fuzz()


def main() -> int:
    """Each reader for its share of the time, in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.fuzz_bytes", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="for all readers together (10)")
    parser.add_argument("--reader", action="append", choices=READERS, help="only this one; may be given again")
    options = parser.parse_args()
    names = options.reader or list(READERS)
    work = by_coverage if importlib.util.find_spec("atheris") else by_chance
    failed = []
    for name in names:
        child = multiprocessing.get_context("spawn").Process(
            target=work, args=(name, options.minutes * 60 / len(names))
        )
        child.start()
        child.join()
        if child.exitcode:
            failed.append(name)
    print(f"found something in: {', '.join(failed)}" if failed else "nothing found")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
