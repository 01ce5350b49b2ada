"""The doors for the bytes of media files: the readers of pictures and captions, of videos, and of other files."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple

from media_library.embedded_metadata import extract
from media_library.embedded_metadata.fields import FIELDS
from media_library.inspect.any_file import file_type
from media_library.inspect.image import AssetLimits, NotAnImage, probe_image
from media_library.inspect.results import NotAVideo
from media_library.inspect.video import probe_video
from tests import images, videos
from tests.hostile.harness import MEGABYTE, Door, Recipe


class Mapping(NamedTuple):
    field: str
    metadata_property_name: str


EVERYTHING = [Mapping(field.name, field.name) for field in FIELDS]
ROWS = images.chunk(b"IDAT", zlib.compress(bytes(9 * 8)))  # of the picture that images.png_of makes

SVG_PIECES = (
    b"<g>", b"</g>", b"<g/>", b"<a:b/>", b"<", b">", b"/", b"=", b'"', b"'", b" ", b"\n", b"a", b" a=''", b" a:b=''",
    b" xmlns=", b" xmlns:a='", b" xmlns:b=''", b"u" * 100, b"<!--", b"-->", b"<?a ", b"?>", b"<![CDATA[", b"]]>",
    b"&amp;", b"&#9;", b"&", "é".encode(), b"\0", b"<!DOCTYPE svg [", b"<!ATTLIST g a CDATA '", b"<!ENTITY a '", b"]>",
)  # fmt: skip
XMP_PIECES = (
    *SVG_PIECES, b"<dc:title>", b"</dc:title>", b"<rdf:Alt>", b"<rdf:li>", b"</rdf:li>", b"</rdf:Alt>", b"<rdf:Bag>",
    b"<rdf:Description>", b" rdf:resource='a'", b"xml:lang='x-default'", b"2014-05-06T12:30:00",
)  # fmt: skip
PNG_PIECES = (
    images.chunk(b"IDAT"), images.chunk(b"IDAT", b"a"), images.chunk(b"tEXt", b"a\0b"), images.chunk(b"fcTL"),
    images.chunk(b"tEXt", b"Raw profile type exif\0a b 0"), images.chunk(b"eXIf", b"II*\0\x08\0\0\0\xff\xff"),
    images.chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(b"a b " + b"00" * 30_000)),
    images.chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b" " * 60_000)), b"\0\0\0\0", b"IDAT", b"IEND",
)  # fmt: skip
JPEG_PIECES = (
    b"\xff", b"\xff\xd8", b"\xff\xd9", b"\xff\xda\0\2", b"\xff\xdb\0\2", b"\xff\xe1\0\x08Exif\0\0", b"\xff\xd0",
    b"\xff\xed\0\x10Photoshop 3.0\0", b"\xff\xfe\0\2", b"\xff\0", b"\0", b"x", b"\xff\xc0\0\x0b\x08\0\1\0\1\1\1\x11\0",
)  # fmt: skip
GIF_PIECES = (
    b"!\xfe\0", b"!\xfe\1x\0", b"\1x", b"\xffx", b"\0", b",\0\0\0\0\1\0\1\0\0\2\1x\0", b";", b"!\xf9\4\0\0\0\0\0",
    b",\0\0\0\0\1\0\1\0\x80",
)  # fmt: skip
EXIF_PIECES = (
    b"II*\0\x08\0\0\0", b"\xff\xff", b"\0", b"a", b"\xc3", b"\x69\x87\4\0\1\0\0\0\x08\0\0\0",
    b"\x98\x82\2\0\0\x40\0\0\x08\0\0\0", b"\x0e\1\2\0\0\1\0\0\x20\0\0\0", b"\x86\x92\7\0\0\x10\0\0\x10\0\0\0",
    b"\x9b\x9c\1\0\0\x20\0\0\x10\0\0\0", b"UNICODE\0",
)  # fmt: skip
IIM_PIECES = (
    b"\x1c\2\x05\0\1a", b"\x1c\2\x19\0\2\xc3\x81", b"\x1c\1\x5a\0\3\x1b%G", b"\x1c\2\x78\x80\4\0\0\1\0", b"\x1c", b"\0",
    b"a", b"8BIM\4\4\0\0\0\0\0\0", b"8BIM\0\1\0\0\0\0\0\2aa", b"\x1c\2\x37\0\x0820140506",
)  # fmt: skip
MP4_PIECES = (
    videos.box(b"free"), videos.box(b"moov"), videos.box(b"trak"), videos.box(b"mdia"), videos.box(b"moof"),
    videos.trak(), videos.moof(0, [1]), videos.moof(0, count=2**31), videos.sidx(1, 1), videos.mvex(default=1),
    b"\0\0\0\0", b"\0\0\0\1", b"\0\0\0\7", b"\x7f\xff\xff\xff", b"moov", b"trak", b"stsd", b"mdat",
    videos.mvhd(1), videos.large_box(b"skip", b""), videos.box(b"sidx", bytes(22) + b"\xff\xff"),
)  # fmt: skip
MKV_PIECES = (
    b"\xec\x80", b"\xec\x81x", videos.number(0x83, 1), videos.element(0xAE, videos.number(0x83, 1)), b"\xae\x80",
    b"\xe0\x80", videos.element(0x1F43B675, b""), b"\x1f\x43\xb6\x75\xff", b"\x15\x49\xa9\x66\x80",
    b"\x16\x54\xae\x6b\x80", b"\0", b"\xff", videos.number(0xB0, 1), videos.element(0x4489, bytes(8)),
    videos.UNKNOWN_LENGTH,
)  # fmt: skip
FILE_PIECES = (
    b"PK\1\2" + bytes(42), b"PK\5\6" + bytes(18), b"PK\3\4", b"<!--", b"-->", b"<?", b"?>", b"<!DOCTYPE", b"[", b"]",
    b">", b"<svg", b"<", b" ", b"a", b"\0", b"\xff\xfe", b"\x47" + bytes(187), b"{",
)  # fmt: skip


def video_looked_into(data: bytes) -> None:
    probe_video(BytesIO(data), len(data))


def file_looked_into(data: bytes) -> None:
    file_type(BytesIO(data), len(data), "application/vnd.ms-excel")


def in_archive(directory: bytes) -> bytes:
    """An archive with this list at its end."""
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0, 0, min(len(directory), 2**32 - 1), 4, 0)
    return b"PK\3\4" + directory + end


def looked_into(data: bytes) -> None:
    probe_image(BytesIO(data), limits=AssetLimits())


def captions(mime_type: str) -> Callable[[bytes], object]:
    return lambda data: (extract.extract(BytesIO(data), mime_type, EVERYTHING), looked_into(data))


def around(before: bytes, after: bytes) -> Callable[[bytes], bytes]:
    return lambda inside: before + inside + after


def packed_xmp(inside: bytes) -> bytes:
    """A PNG with these properties in a compressed packet, not as far compressed as it might be."""
    packet = images.packet("@").encode().replace(b"@", inside)
    text = images.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet)
    return images.png_of(text, ROWS)


def raw_profile(kind: str) -> Callable[[bytes], bytes]:
    start = f"Raw profile type {kind}\0a 1 ".encode()
    return lambda block: images.png_of(images.chunk(b"tEXt", start + block.hex().encode()), ROWS)


def segments(marker: int, header: bytes) -> Callable[[bytes], bytes]:
    """A JPEG with the block in as many segments as it needs."""

    def frame(block: bytes) -> bytes:
        data = images.jpeg(images.picture(8, 8))
        for at in range(0, len(block) or 1, 60_000):
            data = images.with_segment(data, marker, header + block[at : at + 60_000])
        return data

    return frame


def eight_times(data: bytes) -> float:
    """An SVG of one long attribute, and what a tag of very many attributes takes."""
    return 24 * MEGABYTE + 8 * len(data)


def thirty_megabytes(_data: bytes) -> float:
    return 30 * MEGABYTE


SVG = Door("SVG", SVG_PIECES, looked_into, around(images.svg()[:-13], b"</svg>"), (NotAnImage,), 4 * MEGABYTE, 10.0,
           eight_times)  # fmt: skip
SVG_ROOT = Door("root of an SVG", SVG_PIECES, looked_into, around(images.svg()[:40], b"><g/></svg>"), (NotAnImage,),
                4 * MEGABYTE, 10.0, eight_times)  # fmt: skip
SVG_PROLOGUE = Door("before the root of an SVG", SVG_PIECES, looked_into,
                    around(b"<?xml version='1.0'?>", images.svg()), (NotAnImage,), 4 * MEGABYTE, 10.0,
                    eight_times)  # fmt: skip
PNG = Door("PNG", PNG_PIECES, captions("image/png"), around(images.png_of()[:33], ROWS + images.png_of()[33:]),
           (NotAnImage,), 4 * MEGABYTE, 10.0, thirty_megabytes)  # fmt: skip
JPEG = Door("JPEG", JPEG_PIECES, captions("image/jpeg"), around(b"\xff\xd8\xff", images.jpeg()[2:]), (NotAnImage,),
            4 * MEGABYTE, 10.0, thirty_megabytes)  # fmt: skip
JPEG_TAIL = Door("tail of a JPEG", JPEG_PIECES, looked_into, around(images.jpeg()[:-2], b""), (NotAnImage,),
                 4 * MEGABYTE, 10.0, thirty_megabytes)  # fmt: skip
GIF = Door("GIF", GIF_PIECES, looked_into, around(images.gif()[:-1], b";"), (NotAnImage,), 4 * MEGABYTE, 10.0,
           thirty_megabytes)  # fmt: skip
XMP = Door("XMP", XMP_PIECES, captions("image/png"), packed_xmp, (NotAnImage,), 2 * MEGABYTE, 10.0, thirty_megabytes)
EXIF = Door("EXIF", EXIF_PIECES, captions("image/png"),
            lambda block: images.png_of(images.chunk(b"eXIf", b"II*\0\x08\0\0\0\xff\xff" + block), ROWS),
            (NotAnImage,), MEGABYTE, 10.0, thirty_megabytes)  # fmt: skip
IIM = Door("IIM", IIM_PIECES, captions("image/jpeg"), segments(0xED, b"Photoshop 3.0\0"), (NotAnImage,), MEGABYTE, 10.0,
           thirty_megabytes)  # fmt: skip
PROFILE = Door("profile in a PNG", (*IIM_PIECES, *EXIF_PIECES), captions("image/png"), raw_profile("iptc"),
               (NotAnImage,), MEGABYTE, 10.0, thirty_megabytes)  # fmt: skip

MP4 = Door("MP4", MP4_PIECES, video_looked_into, around(videos.ftyp(), videos.moov()), (NotAVideo,), 4 * MEGABYTE, 10.0,
           thirty_megabytes)  # fmt: skip
MP4_HEAD = Door("head of an MP4", MP4_PIECES, video_looked_into,
                lambda inside: videos.ftyp() + videos.box(b"moov", videos.mvhd(0), videos.mvex(), inside), (NotAVideo,),
                4 * MEGABYTE, 10.0, thirty_megabytes)  # fmt: skip
MP4_FRAGMENTS = Door("fragments of an MP4", MP4_PIECES, video_looked_into,
                     around(videos.ftyp() + videos.moov(seconds=0, more=videos.mvex(default=1)), b""), (NotAVideo,),
                     4 * MEGABYTE, 10.0, thirty_megabytes)  # fmt: skip
MKV = Door("Matroska", MKV_PIECES, video_looked_into,
           around(videos.element(0x1A45DFA3, b"") + b"\x18\x53\x80\x67" + videos.UNKNOWN_LENGTH, b""), (NotAVideo,),
           4 * MEGABYTE, 10.0, thirty_megabytes)  # fmt: skip
MKV_TRACKS = Door("tracks of a Matroska", MKV_PIECES, video_looked_into,
                  lambda inside: videos.element(0x1A45DFA3, b"") + videos.element(
                      0x18538067, videos.element(0x1654AE6B, inside)),
                  (NotAVideo,), 4 * MEGABYTE, 10.0, thirty_megabytes)  # fmt: skip
FILE = Door("file", FILE_PIECES, file_looked_into, around(b"<", b""), (), 4 * MEGABYTE, 10.0, thirty_megabytes)
ARCHIVE = Door("archive", FILE_PIECES, file_looked_into, in_archive, (), 4 * MEGABYTE, 10.0, thirty_megabytes)

DOORS = [
    *(SVG, SVG_ROOT, SVG_PROLOGUE, PNG, JPEG, JPEG_TAIL, GIF, XMP, EXIF, IIM, PROFILE),
    *(MP4, MP4_HEAD, MP4_FRAGMENTS, MKV, MKV_TRACKS, FILE, ARCHIVE),
]

FOUND = {
    "H6: a long namespace, many elements": (
        SVG, Recipe(((b"<g xmlns:a='", False), (b"u", True), (b"'>", False), (b"<a:b/>", True), (b"</g>", False))),
    ),
    "H7: the same in XMP": (
        XMP, Recipe(((b"<a:c xmlns:a='", False), (b"u", True), (b"'>", False), (b"<a:b/>", True), (b"</a:c>", False))),
    ),
    "H8: EXIF entries that share their bytes": (
        EXIF, Recipe.repeating(b"\x98\x82\2\0\0\x40\0\0\x08\0\0\0", b"\0"),
    ),
    "M7: profiles for nothing": (PNG, Recipe.repeating(PNG_PIECES[6])),
    "attributes declared for each element": (
        SVG_PROLOGUE, Recipe(((b"<!DOCTYPE svg [<!ATTLIST g ", False), (b"a CDATA 'b' ", True), (b">]><svg>", False),
                              (b"<g/>", True))),
    ),
    "names of elements": (SVG, Recipe.repeating(b"".join(b"<g%x/>" % number for number in range(1000)))),
    "attributes of one element": (SVG_ROOT, Recipe.repeating(b" a=''")),
    "one long attribute": (SVG_ROOT, Recipe.repeating(b"a", head=b" a='", tail=b"'")),
    "one long comment": (SVG, Recipe.repeating(b"a", head=b"<!--", tail=b"-->")),
    "one short namespace": (SVG, Recipe.repeating(b"<a:g a:b=''/>", head=b"<g xmlns:a='" + b"u" * 200 + b"'>",
                                                  tail=b"</g>")),
    "Photoshop's resources in small segments": (JPEG, Recipe.repeating(
        b"\xff\xed\0\xc8Photoshop 3.0\0" + b"8BIM".ljust(184, b"\0"))),
    "stray bytes between segments": (JPEG, Recipe.repeating(b"xx\xff\xfe\0\2", head=b"\xfe\0\2")),
    "extensions that are empty": (GIF, Recipe.repeating(b"!\xfe\0")),
    "chunks that are empty": (PNG, Recipe.repeating(images.chunk(b"IDAT"))),
    "elements in XMP": (XMP, Recipe.repeating(b"<dc:b/>")),
    "properties in XMP": (XMP, Recipe.repeating(b"<rdf:li>a</rdf:li>", head=b"<dc:title><rdf:Bag>",
                                                tail=b"</rdf:Bag></dc:title>")),
    "boxes that are empty": (MP4, Recipe.repeating(MP4_PIECES[0])),
    "tracks without anything": (MP4_HEAD, Recipe.repeating(MP4_PIECES[2])),
    "heads within heads": (MP4_HEAD, Recipe.repeating(b"\x7f\xff\xff\xfftrak")),
    "fragments of one sample": (MP4_FRAGMENTS, Recipe.repeating(MP4_PIECES[6])),
    "fragments that claim very many samples": (MP4_FRAGMENTS, Recipe.repeating(MP4_PIECES[7])),
    "indexes that claim very many rows": (MP4_FRAGMENTS, Recipe.repeating(MP4_PIECES[20])),
    "one long index": (MP4_FRAGMENTS, Recipe.repeating(b"\0\0\0\1", head=b"\0\x10\0\0sidx" + bytes(22) + b"\xff\xff")),
    "elements that are empty": (MKV, Recipe.repeating(MKV_PIECES[0])),
    "tracks of a film": (MKV_TRACKS, Recipe.repeating(MKV_PIECES[3])),
    "files of an archive": (ARCHIVE, Recipe.repeating(FILE_PIECES[0])),
    "comments before the root": (FILE, Recipe.repeating(b"!----><")),
    "keywords": (IIM, Recipe.repeating(b"\x1c\2\x19\0\2\xc3\x81")),
}  # fmt: skip
