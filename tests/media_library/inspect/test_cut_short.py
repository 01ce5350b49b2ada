"""A file that did not arrive whole is refused, wherever it was cut."""

from io import BytesIO

import pytest

from media_library.inspect.image import AssetLimits, NotAnImage, probe_image
from tests import images

WHOLE = {
    "png": images.png(images.picture(12, 9), xmp=images.packet("<dc:title>x</dc:title>")),
    "moving png": images.animated_png(2),
    "jpeg": images.jpeg(images.picture(24, 16), exif={0x0112: 6}, iim=images.captions({5: "Title"})),
    "progressive jpeg": images.jpeg(images.picture(24, 16), progressive=True),
    "gif": images.gif(2, width=8, height=6),
    "svg": images.svg(before='<?xml version="1.0"?>'),
}


@pytest.mark.parametrize("name", WHOLE)
def test_no_beginning_of_an_image_passes_for_the_image(name: str) -> None:
    data = WHOLE[name]
    assert probe_image(BytesIO(data), limits=AssetLimits())
    for length in range(len(data)):
        with pytest.raises(NotAnImage):
            probe_image(BytesIO(data[:length]), limits=AssetLimits())


@pytest.mark.parametrize("name", ["png", "moving png", "jpeg", "progressive jpeg", "gif", "svg"])
def test_the_reason_says_so(name: str) -> None:
    data = WHOLE[name]
    with pytest.raises(NotAnImage, match="cut short"):
        probe_image(BytesIO(data[: len(data) * 9 // 10]), limits=AssetLimits())


def test_a_large_jpeg_without_its_second_half() -> None:
    data = images.jpeg(images.picture(1600, 1067), quality=95)
    with pytest.raises(NotAnImage, match="cut short: the file ends inside the image data"):
        probe_image(BytesIO(data[: len(data) // 2]), limits=AssetLimits())
