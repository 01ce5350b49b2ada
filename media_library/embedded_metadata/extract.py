"""Extract the captions that agencies and photographers embed in image files, by a media type's mappings (IMG-39).

    extract(file, "image/jpeg", media_type.exif_mappings)   # {"title": "...", "caption": "..."}

The field names are those of `fields.py`. The caller decides whether a caption is used: metadata of the request take
precedence (spec 3.2, step 7). Several values of one field (creators, keywords) are joined by a comma.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import BinaryIO, Protocol

from media_library.embedded_metadata import dates, exif, iptc, xmp
from media_library.embedded_metadata.fields import DAY_CREATED, TIME_CREATED, Field, find
from media_library.embedded_metadata.text import tidy
from media_library.inspect import jpeg, png
from media_library.inspect.results import MetadataBlocks, NotAnImage

READERS = {"image/jpeg": jpeg.metadata, "image/png": png.metadata}  # GIF and SVG have no IPTC captions in practice


class FieldMapping(Protocol):
    """One entry of a media type's `exifExtraction.mappings`."""

    @property
    def field(self) -> str: ...

    @property
    def metadata_property_name(self) -> str: ...


def extract(file: BinaryIO, mime_type: str, mappings: Sequence[FieldMapping]) -> dict[str, str]:
    """Texts by metadata property; of several mappings for one property the first with content wins.

    Dates are ISO 8601. Damaged metadata are skipped and never raise: an image must not fail because of a caption.
    """
    reader = READERS.get(mime_type)
    if reader is None or not mappings:
        return {}
    fields = [(find(mapping.field), mapping.metadata_property_name) for mapping in mappings]
    wanted = _wanted(tuple(mapping.field for mapping in mappings))
    try:
        blocks = reader(file, wanted.blocks)
    except NotAnImage:
        return {}
    if blocks == MetadataBlocks():  # most pictures: nothing to read
        return {}
    captions = _Captions(blocks, wanted)
    collected: dict[str, str] = {}
    for field, property_name in fields:
        if field is not None and property_name not in collected and (text := captions.text(field)):
            collected[property_name] = text
    return collected


@dataclass(frozen=True, slots=True)
class _Requested:
    """The parts of each block that the mapped fields need; the rest is not decoded."""

    xmp: frozenset[str]  # names in lower case
    iim: frozenset[int]
    exif: frozenset[str]

    @property
    def blocks(self) -> set[str]:
        return {name for name in ("xmp", "iim", "exif") if getattr(self, name)}


@lru_cache(maxsize=100)
def _wanted(names: tuple[str, ...]) -> _Requested:
    fields = [field for name in names if (field := find(name)) is not None]
    numbers = {field.iim for field in fields if field.iim}
    tags = {field.exif for field in fields if field.exif}
    if any(field.kind != "text" for field in fields):  # a date needs its time, and a time its offset
        numbers |= {DAY_CREATED, TIME_CREATED} if numbers else set()
        tags |= {"OffsetTimeOriginal"} if tags else set()
    properties = frozenset(field.xmp.lower() for field in fields if field.xmp)
    return _Requested(xmp=properties, iim=frozenset(numbers), exif=frozenset(tags))


class _Captions:
    """The three blocks of one file, each parsed on demand."""

    def __init__(self, blocks: MetadataBlocks, wanted: _Requested) -> None:
        self.blocks = blocks
        self.wanted = wanted

    @cached_property
    def xmp(self) -> dict[str, xmp.Value]:
        collected = xmp.properties(self.blocks.xmp, lambda name: name.lower() in self.wanted.xmp)
        return {name.lower(): value for name, value in collected.items()}

    @cached_property
    def iim(self) -> dict[int, list[str]]:
        return iptc.texts(iptc.from_photoshop(self.blocks.photoshop) or self.blocks.iim, self.wanted.iim)

    @cached_property
    def exif(self) -> dict[str, str]:
        return exif.texts(self.blocks.exif, self.wanted.exif)

    def text(self, field: Field) -> str:
        """The field's text, from XMP, else IIM, else EXIF."""
        readers = {"text": self._texts, "date": self._dates, "time": self._times}
        return next(filter(None, map(tidy, readers[field.kind](field))), "")

    def _texts(self, field: Field) -> Iterator[str]:
        yield self._xmp(field)
        yield ", ".join(self.iim.get(field.iim, ()))
        yield self.exif.get(field.exif, "")

    def _dates(self, field: Field) -> Iterator[str]:
        yield dates.iso(self._xmp(field))
        if field.iim:
            yield dates.from_iim(self._first(DAY_CREATED), self._first(TIME_CREATED))
        offset = self.exif.get("OffsetTimeOriginal", "") if field.exif == "DateTimeOriginal" else ""
        yield dates.from_exif(self.exif.get(field.exif, ""), offset)

    def _times(self, field: Field) -> Iterator[str]:
        yield dates.iso(self._xmp(field)).partition("T")[2]
        yield dates.clock_from_iim(self._first(field.iim))
        yield dates.from_exif(self.exif.get(field.exif, ""), self.exif.get("OffsetTimeOriginal", "")).partition("T")[2]

    def _xmp(self, field: Field) -> str:
        return xmp.text(self.xmp.get(field.xmp.lower(), ""), field.member)

    def _first(self, dataset: int) -> str:
        return next(iter(self.iim.get(dataset, ())), "")
