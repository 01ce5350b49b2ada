"""Builders of small videos, box by box and element by element, following the formats.

They have real headers, and arbitrary bytes in place of pictures: they are never played.
"""

import struct
from collections.abc import Sequence

UNITY = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
TURNED = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)  # as telephones are held
UNKNOWN_LENGTH = b"\x01\xff\xff\xff\xff\xff\xff\xff"


# --- ISO base media --------------------------------------------------------------------------------------------------


def box(kind: bytes, *inside: bytes) -> bytes:
    data = b"".join(inside)
    return struct.pack(">I4s", len(data) + 8, kind) + data


def large_box(kind: bytes, data: bytes) -> bytes:
    """With its size in 64 bits."""
    return struct.pack(">I4sQ", 1, kind, len(data) + 16) + data


def ftyp(brand: bytes = b"isom") -> bytes:
    return box(b"ftyp", brand, struct.pack(">I", 512), b"isommp41")


def mvhd(units: int, scale: int = 1000) -> bytes:
    return box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, scale, units), bytes(80))


def long_mvhd(units: int, scale: int) -> bytes:
    """Version 1, with times of 64 bits."""
    return box(b"mvhd", struct.pack(">IQQIQ", 1 << 24, 0, 0, scale, units), bytes(80))


def trak(
    width: float = 640,
    height: float = 360,
    *,
    number: int = 1,
    handler: bytes = b"vide",
    matrix: bytes = UNITY,
    units: int = 0,
    scale: int = 1000,
    coded: tuple[int, int] = (0, 0),
) -> bytes:
    sides = struct.pack(">II", int(width * 65536), int(height * 65536))
    tkhd = box(b"tkhd", struct.pack(">IIIIII", 7, 0, 0, number, 0, units), bytes(16), matrix, sides)
    mdhd = box(b"mdhd", struct.pack(">IIIIIHH", 0, 0, 0, scale, units, 0, 0))
    hdlr = box(b"hdlr", bytes(8), handler, bytes(12), b"handler\0")
    entry = box(b"avc1", bytes(6), struct.pack(">H", 1), bytes(16), struct.pack(">HH", *coded), bytes(50))
    stsd = box(b"stsd", struct.pack(">II", 0, 1), entry)
    return box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, box(b"minf", box(b"stbl", stsd))))


def moov(*tracks: bytes, seconds: float = 2.5, more: bytes = b"") -> bytes:
    return box(b"moov", mvhd(int(seconds * 1000)), *(tracks or (trak(),)), more)


def mp4(*tracks: bytes, brand: bytes = b"isom", seconds: float = 2.5, moov_last: bool = False) -> bytes:
    """A film of one piece; `moov_last`: as cameras write it."""
    head, data = moov(*tracks, seconds=seconds), box(b"mdat", b"pictures" * 20)
    return ftyp(brand) + (data + head if moov_last else head + data)


def mvex(*, announced: int = 0, default: int = 0) -> bytes:
    """That there are fragments; how long they are together, and how long a sample is."""
    mehd = box(b"mehd", struct.pack(">II", 0, announced)) if announced else b""
    return box(b"mvex", mehd, box(b"trex", struct.pack(">IIIIII", 0, 1, 1, default, 0, 0)))


def moof(start: int, durations: Sequence[int] = (), *, count: int = 0, default: int = 0) -> bytes:
    """A fragment that begins at `start`, its samples with durations of their own or with one for all."""
    flags = 0x8 if default else 0
    tfhd = box(b"tfhd", struct.pack(">II", flags, 1), struct.pack(">I", default) if default else b"")
    tfdt = box(b"tfdt", struct.pack(">II", 0, start))
    samples = b"".join(struct.pack(">II", units, 1000) for units in durations)
    trun = box(b"trun", struct.pack(">IIi", 0x301 if durations else 0x1, len(durations) or count, 100), samples)
    return box(b"moof", box(b"mfhd", bytes(8)), box(b"traf", tfhd, tfdt, trun)) + box(b"mdat", b"x" * 50)


def sidx(*durations: int, first: int = 0, scale: int = 1000) -> bytes:
    rows = b"".join(struct.pack(">III", 1000, units, 1 << 31) for units in durations)
    return box(b"sidx", struct.pack(">IIIIIHH", 0, 1, scale, first, 0, 0, len(durations)), rows)


# --- Matroska --------------------------------------------------------------------------------------------------------


def element(name: int, data: bytes, length: bytes | None = None) -> bytes:
    named = name.to_bytes((name.bit_length() + 7) // 8)
    return named + (length or (len(data) | 1 << 56).to_bytes(8)) + data


def number(name: int, value: int) -> bytes:
    return element(name, value.to_bytes(max(1, (value.bit_length() + 7) // 8)))


def mkv(
    *,
    doc_type: bytes = b"matroska",
    duration: float | None = 2500.0,
    scale: int = 1_000_000,
    size: tuple[int, int] = (640, 360),
    display: tuple[int, int] | None = None,
    unit: int = 0,
    kinds: Sequence[int] = (1, 2),
    live: bool = False,
    tracks_last: bool = False,
) -> bytes:
    """A film; `live`: of unknown length, as a recording that was never finished."""
    info = number(0x2AD7B1, scale) + (b"" if duration is None else element(0x4489, struct.pack(">d", duration)))
    video = number(0xB0, size[0]) + number(0xBA, size[1])
    if display:
        video += number(0x54B0, display[0]) + number(0x54BA, display[1]) + number(0x54B2, unit)
    entries = [number(0x83, kind) + (element(0xE0, video) if kind == 1 else b"") for kind in kinds]
    tracks = element(0x1654AE6B, b"".join(element(0xAE, entry) for entry in entries))
    cluster = element(0x1F43B675, number(0xE7, 0) + element(0xA3, b"pictures" * 20), UNKNOWN_LENGTH if live else None)
    parts = (
        [element(0x1549A966, info), cluster, tracks] if tracks_last else [element(0x1549A966, info), tracks, cluster]
    )
    head = element(0x1A45DFA3, element(0x4282, doc_type))
    return head + element(0x18538067, b"".join(parts), UNKNOWN_LENGTH if live else None)


def webm(**how: object) -> bytes:
    return mkv(**{"doc_type": b"webm"} | how)  # type: ignore[arg-type]


# --- Others ----------------------------------------------------------------------------------------------------------

TRANSPORT_STREAM = b"".join(b"\x47" + bytes(187) for _ in range(8))
BLU_RAY_STREAM = b"".join(bytes(4) + b"\x47" + bytes(187) for _ in range(8))
PROGRAM_STREAM = b"\0\0\1\xba" + bytes(200)
AVI = b"RIFF" + struct.pack("<I", 400) + b"AVI LIST" + bytes(400)
FLV = b"FLV\1\5" + bytes(100)
OGG_VIDEO = b"OggS\0\2" + bytes(22) + b"\x80theora" + bytes(100)
OGG_SOUND = b"OggS\0\2" + bytes(22) + b"\x01vorbis" + bytes(100)
WMV = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(60) + bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
