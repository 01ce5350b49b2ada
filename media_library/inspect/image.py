"""Detect from its bytes whether a file is an accepted image, its type and its size.

The origin's extension and Content-Type are ignored (spec 3.2, step 4). Four types are accepted: PNG, JPEG, GIF and SVG.
No pixel is decoded: a JPEG costs a walk over its headers, a PNG the unpacking of its data.

    facts = probe_image(file, limits=AssetLimits())
    facts.mime_type, facts.extension, facts.width, facts.height, facts.frames
"""

from typing import BinaryIO

from media_library.inspect import gif, jpeg, magic, png, svg
from media_library.inspect.results import AssetFacts, AssetLimits, EmptyFile, NotAnImage, TypeNotAccepted

__all__ = ["AssetFacts", "AssetLimits", "NotAnImage", "probe_image"]

HEAD = 1_024  # bytes that decide the type


def probe_image(file: BinaryIO, *, limits: AssetLimits) -> AssetFacts:
    """Facts about the image in a seekable binary file; for any bytes it raises NotAnImage and nothing else."""
    file.seek(0)
    head = file.read(HEAD)
    if head.startswith(magic.JPEG):
        return jpeg.read(file, limits)
    if head.startswith(magic.PNG):
        return png.read(file, limits)
    if head.startswith(magic.GIF):
        return gif.read(file, limits)
    if not head:
        raise EmptyFile
    if not head.strip():
        raise NotAnImage("not an image: the file holds nothing but white space")
    mime_type = magic.mime_type(head)
    if mime_type != "text/html" and magic.is_markup(head):
        return svg.read(file)
    if mime_type.startswith("image/"):
        raise TypeNotAccepted(f"image type not accepted: {mime_type}")
    raise NotAnImage(f"not an image: {mime_type}")
