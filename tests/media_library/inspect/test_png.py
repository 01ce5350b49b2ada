"""PNG files: every kind of them, missing rows, wrong checksums."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from media_library.inspect.image import AssetFacts, AssetLimits, NotAnImage, probe_image
from tests import images


def facts(data: bytes) -> AssetFacts:
    return probe_image(BytesIO(data), limits=AssetLimits())


def refusal(data: bytes) -> str:
    with pytest.raises(NotAnImage) as raised:
        facts(data)
    return raised.value.detail


def rows(count: int = 8, width: int = 8) -> bytes:
    return images.chunk(b"IDAT", zlib.compress(bytes((1 + width) * count)))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (33, 7), (8, 100)])
def test_every_kind_of_pixel(mode: str, size: tuple[int, int]) -> None:
    """IMG-12"""
    image = Image.new(mode, size) if mode == "I;16" else images.picture(*size).convert(mode)
    found = facts(images.png(image))
    assert (found.width, found.height) == size


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 3), (5, 5), (8, 8), (9, 17), (33, 7)])
def test_interlaced_images_are_seven_smaller_ones(width: int, height: int) -> None:
    """The passes are counted out pixel by pixel here, as the standard draws them."""
    pattern = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"]
    passes: dict[str, dict[int, int]] = {}
    for y in range(height):
        for x in range(width):
            row = passes.setdefault(pattern[y % 8][x % 8], {})
            row[y] = row.get(y, 0) + 1
    size = sum(1 + pixels for rows_of_pass in passes.values() for pixels in rows_of_pass.values())
    header = images.chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 1))
    for missing in (0, 1):
        body = images.chunk(b"IDAT", zlib.compress(bytes(size - missing)))
        data = images.PNG_SIGNATURE + header + body + images.chunk(b"IEND")
        if missing:
            assert refusal(data) == "cut short: rows of the image are missing"
        else:
            assert facts(data).height == height


def test_an_encoder_that_stopped_early_is_found_out() -> None:
    """Such a file has sound chunks and its end; some decoders show it with a black lower half."""
    assert facts(images.png_of(rows(8)))
    assert refusal(images.png_of(rows(7))) == "cut short: rows of the image are missing"
    assert refusal(images.png_of()) == "cut short: rows of the image are missing"


def test_image_data_in_many_chunks() -> None:
    packed = zlib.compress(bytes(range(72)))
    assert facts(images.png_of(*[images.chunk(b"IDAT", bytes([byte])) for byte in packed]))


def test_a_png_that_is_turned_by_its_exif() -> None:
    """IMG-26"""
    found = facts(images.png(images.picture(64, 48), exif={0x0112: 8}))
    assert (found.width, found.height) == (48, 64)


def test_frames_are_counted_whatever_the_file_claims() -> None:
    assert facts(images.animated_png(3)).frames == 3
    claims_one = images.chunk(b"acTL", struct.pack(">II", 1, 0))
    many = [images.chunk(b"fcTL", bytes(26))] * 1_801
    assert refusal(images.png_of(claims_one, rows(), *many)) == "more than 1800 frames"
    claims_many = images.chunk(b"acTL", struct.pack(">II", 5_000, 0))
    assert refusal(images.png_of(claims_many, rows())) == "more than 1800 frames"


def flipped(data: bytes, name: bytes) -> bytes:
    """The PNG with one bit of a chunk's checksum changed."""
    at = data.index(name)
    end = at + 4 + struct.unpack(">I", data[at - 4 : at])[0]
    return data[:end] + bytes([data[end] ^ 1]) + data[end + 1 :]


PALETTE = images.png(images.picture(16, 16).quantize(16))


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (flipped(PALETTE, b"IHDR"), "damaged: wrong checksum of the IHDR chunk"),
        (flipped(PALETTE, b"PLTE"), "damaged: wrong checksum of the PLTE chunk"),
        (flipped(PALETTE, b"IDAT"), "damaged: wrong checksum of the image data"),
        (images.png_of(images.chunk(b"IDAT", b"no zlib")), "damaged: the image data cannot be unpacked"),
        (images.png_of(rows(4), images.chunk(b"tEXt"), rows(4)), "damaged: image data in more than one place"),
        (images.png_of(rows(), colour_type=3), "damaged: the palette is missing"),
        (images.png_of(rows(), colour_type=5), "damaged: no PNG has colour type 5 with 8 bits"),
        (images.png_of(rows(), depth=3), "damaged: no PNG has colour type 0 with 3 bits"),
        (images.png_of(rows(), width=0), "damaged: the image claims to be 0 x 8 pixels"),
        (images.PNG_SIGNATURE + rows() + images.chunk(b"IEND"), "damaged: the PNG header is missing"),
        (images.png_of(b"12345678"), "damaged: no PNG chunk where one should begin"),
    ],
)
def test_damage_is_named(data: bytes, detail: str) -> None:
    assert refusal(data) == detail
