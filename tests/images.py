"""Makers of small real image files, with captions in them where a test asks for some.

Pillow writes the pictures, the EXIF and the XMP; what it cannot write (IPTC, odd chunks) is built here by the letter of
the formats, so that our readers are tested against another's writer or against the standard, not against themselves.
"""

import struct
import zlib
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
UTF_8_MARK = (1, 90, b"\x1b%G")


def picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """A gradient: something that compresses like a picture."""
    return Image.merge(
        "RGB", [Image.linear_gradient("L").resize((width, height)).rotate(90 * turn) for turn in range(3)]
    ).convert(mode)


def jpeg(
    image: Image.Image | None = None,
    *,
    exif: Mapping[int, Any] | None = None,
    iim: bytes = b"",
    xmp: str = "",
    **how: Any,
) -> bytes:
    """A JPEG; `exif` by tag number, `iim` as made by `datasets`, `xmp` as made by `packet`."""
    file = BytesIO()
    if exif:
        how["exif"] = exif_block(exif)
    if xmp:
        how["xmp"] = xmp.encode()
    (image or picture()).save(file, "JPEG", **how)
    data = file.getvalue()
    return with_segment(data, 0xED, b"Photoshop 3.0\0" + resource(0x0404, iim)) if iim else data


def png(
    image: Image.Image | None = None,
    *,
    exif: Mapping[int, Any] | None = None,
    texts: Iterable[tuple[str, str, bool]] = (),
    xmp: str = "",
    **how: Any,
) -> bytes:
    """A PNG; `texts` are (keyword, text, packed)."""
    file, info = BytesIO(), PngInfo()
    for keyword, text, packed in texts:
        info.add_text(keyword, text, zip=packed)
    if xmp:
        info.add_itxt("XML:com.adobe.xmp", xmp)
    if exif:
        how["exif"] = exif_block(exif)
    (image or picture()).save(file, "PNG", pnginfo=info, **how)
    return file.getvalue()


def gif(frames: int = 1, *, width: int = 32, height: int = 24) -> bytes:
    """A GIF whose frames differ."""
    file = BytesIO()
    first, *others = [picture(width, height).rotate(3 * number).quantize(32) for number in range(frames)]
    first.save(file, "GIF", save_all=True, append_images=others, duration=40)
    return file.getvalue()


def animated_png(frames: int) -> bytes:
    """A PNG that moves."""
    file = BytesIO()
    first, *others = [picture().rotate(number) for number in range(frames)]
    first.save(file, "PNG", save_all=True, append_images=others)
    return file.getvalue()


def svg(attributes: str = 'width="120" height="80"', *, before: str = "", inside: str = "<rect/>") -> bytes:
    """An SVG with these attributes on its root."""
    return f'{before}<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'.encode()


# --- Parts -----------------------------------------------------------------------------------------------------------


def chunk(name: bytes, data: bytes = b"") -> bytes:
    """One PNG chunk with its checksum."""
    return struct.pack(">I4s", len(data), name) + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(*chunks: bytes, width: int = 8, height: int = 8, depth: int = 8, colour_type: int = 0) -> bytes:
    """A PNG of these chunks between its header and its end."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    return PNG_SIGNATURE + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND")


def with_segment(data: bytes, marker: int, payload: bytes) -> bytes:
    """The JPEG with one more segment at its beginning."""
    return data[:2] + struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload + data[2:]


def resource(kind: int, data: bytes, name: bytes = b"") -> bytes:
    """One Photoshop image resource; name and data are padded to even lengths."""
    title = bytes([len(name)]) + name
    padded = title + b"\0" * (len(title) % 2)
    return b"8BIM" + struct.pack(">H", kind) + padded + struct.pack(">I", len(data)) + data + b"\0" * (len(data) % 2)


def datasets(*entries: tuple[int, int, bytes]) -> bytes:
    """IPTC datasets of (record, number, bytes)."""
    return b"".join(struct.pack(">BBBH", 0x1C, record, number, len(data)) + data for record, number, data in entries)


def captions(texts: Mapping[int, str], encoding: str = "utf-8") -> bytes:
    """IPTC datasets of record 2, marked when they are UTF-8."""
    mark = [UTF_8_MARK] if encoding == "utf-8" else []
    return datasets(*mark, *((2, number, text.encode(encoding)) for number, text in texts.items()))


def raw_profile(kind: str, data: bytes) -> str:
    """The text that ImageMagick writes into PNG files for a profile."""
    digits = data.hex()
    lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    return f"\n{kind}\n{len(data):8}\n{lines}\n"


def packet(properties: str, attributes: str = "") -> str:
    """An XMP packet around some properties."""
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" {attributes}
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
    xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"
    xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:anything="http://example.com/ns/">
   {properties}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def exif_block(tags: Mapping[int, Any]) -> bytes:
    """EXIF as Pillow writes it; tags from 0x9000 on go to the Exif directory, as cameras have it."""
    exif = Image.Exif()
    for tag, value in tags.items():
        if 0x9000 <= tag < 0xA500 and not 0x9C9B <= tag <= 0x9C9F:
            exif.get_ifd(0x8769)[tag] = value
        else:
            exif[tag] = value
    return exif.tobytes()
