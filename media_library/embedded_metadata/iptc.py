"""IPTC IIM: the datasets that picture desks have written into files since 1991.

A dataset is 0x1C, record, number, length, bytes. Record 2 holds the captions; 1:90 names their encoding, but is often
missing. See the Information Interchange Model, version 4.2, IPTC.
"""

import struct
from collections.abc import Container, Iterator

from media_library.embedded_metadata.text import decode
from media_library.inspect.limits import IIM_DATASETS

MARK = 0x1C
RESOURCE = b"8BIM"
IPTC_RESOURCE = 0x0404
ENVELOPE, APPLICATION = 1, 2
CODED_CHARACTER_SET = 90
UTF_8 = b"\x1b%G"


def from_photoshop(block: bytes) -> bytes:
    """The IPTC datasets among Photoshop's image resources; empty if there are none."""
    position = 0
    while block[position : position + 4] == RESOURCE and position + 12 <= len(block):
        (kind,) = struct.unpack_from(">H", block, position + 4)
        name = block[position + 6] + 1  # a Pascal string
        position += 6 + name + name % 2
        if position + 4 > len(block):
            break
        (size,) = struct.unpack_from(">I", block, position)
        position += 4
        if kind == IPTC_RESOURCE:
            return block[position : position + size]
        position += size + size % 2
    return b""


def texts(block: bytes, wanted: Container[int]) -> dict[int, list[str]]:
    """The texts of record 2 by wanted dataset number, in the order of the file, without empty ones."""
    collected: dict[int, list[str]] = {}
    encoding = ""
    for record, number, raw in _datasets(block):
        if (record, number) == (ENVELOPE, CODED_CHARACTER_SET):
            encoding = "utf-8" if raw.startswith(UTF_8) else ""
        elif record == APPLICATION and number in wanted and (text := decode(raw, encoding)):
            collected.setdefault(number, []).append(text)
    return collected


def _datasets(block: bytes) -> Iterator[tuple[int, int, bytes]]:
    position = 0
    for _ in range(IIM_DATASETS):
        if position + 5 > len(block) or block[position] != MARK:
            return
        _, record, number, size = struct.unpack_from(">BBBH", block, position)
        position += 5
        if size & 0x8000:  # an extended dataset: preceded by the length of its length
            width = size & 0x7FFF
            size = int.from_bytes(block[position : position + width], "big") if width <= 4 else len(block)
            position += width
        if position + size > len(block):
            return  # cut off: do not return half a sentence
        yield record, number, block[position : position + size]
        position += size
