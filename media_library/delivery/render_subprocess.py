"""The program that decodes, resizes and encodes one image, and then exits; started by `render.py`, not imported.

    python -m media_library.delivery.render_subprocess SOURCE RESULT ORDER

ORDER is JSON: `decoder` (JPEG, PNG or GIF), `variant` and `limits` (the fields of those two dataclasses). It prints one
line of JSON to standard output: `width`, `height`, `unchanged` and (if changed) `mime_type`; or `error`.
"""

import contextlib
import json
import resource
import sys
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageFile

from media_library.inspect import tiff

MIME_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "avif": "image/avif"}
STILL_FORMATS = {"jpeg", "png"}
ANIMATED = {"GIF", "PNG"}  # browsers show the first picture of a JPEG with several (a depth map, a second lens)
ORIGINAL_FORMATS = {"JPEG": "jpeg", "PNG": "png", "GIF": "png"}  # resampling needs more than a GIF's 256 colours
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
WHITE = (255, 255, 255)
MAX_SIDE = 16_383  # of a WebP
REDUCING_GAP = 2.0  # decode at twice the needed size, then resample: a fifth of the time, no visible loss

Box = tuple[float, float, float, float]


def main(source: str, result: str, order: dict[str, Any]) -> dict[str, Any]:
    """Make the rendition and report on it."""
    limits = order["limits"]
    limit_resources(limits)
    Image.MAX_IMAGE_PIXELS = limits["max_pixels"]
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    content = BytesIO()
    try:
        with Image.open(source, formats=[order["decoder"]]) as image:
            report = rendition(image, content, order["decoder"], order["variant"])
    except MemoryError:
        return {"error": "the rendition needs too much memory"}
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return {"error": f"more than {limits['max_pixels'] / 1_000_000:g} megapixels"}
    except (OSError, SyntaxError, ValueError, IndexError, EOFError):  # Pillow's various errors for damaged files
        return {"error": "the image cannot be decoded"}
    if len(content.getbuffer()) > limits["output_bytes"]:
        return {"error": f"the rendition is larger than {limits['output_bytes']} bytes"}
    Path(result).write_bytes(content.getbuffer())
    return report


def limit_resources(limits: dict[str, Any]) -> None:
    """From here on the kernel kills this process when it exceeds the limits."""
    cpu = limits["cpu_seconds"]
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"], limits["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["output_bytes"], limits["output_bytes"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def rendition(image: ImageFile.ImageFile, content: BytesIO, decoder: str, variant: dict[str, Any]) -> dict[str, Any]:
    """Decode, rotate, crop, resize, convert and encode."""
    if decoder in ANIMATED and getattr(image, "is_animated", False) and variant["format"] not in STILL_FORMATS:
        return {"width": image.width, "height": image.height, "unchanged": True}
    if decoder == "PNG":
        image.load()  # the EXIF chunk may come last
    turn = tiff.orientation(image.info.get("exif", b"").removeprefix(b"Exif\0\0"))
    profile = image.info.get("icc_profile")
    width, height = variant["width"], variant["height"]
    if turn >= 5:
        width, height = height, width
    box, size = geometry(image.size, width, height, crop=variant["fit"] == "crop")
    small = in_srgb(resized(image, box, size), profile)
    if turn in TURNS:
        small = small.transpose(TURNS[turn])
    wanted = ORIGINAL_FORMATS[decoder] if variant["format"] == "original" else variant["format"]
    encode(small, content, wanted, variant["quality"])
    return {"mime_type": MIME_TYPES[wanted], "width": small.width, "height": small.height, "unchanged": False}


def geometry(
    size: tuple[int, int], width: int | None, height: int | None, *, crop: bool
) -> tuple[Box, tuple[int, int]]:
    """The visible part of the image, and its size in pixels: never enlarged."""
    across, down = size
    left = top = 0.0
    shown_across, shown_down = float(across), float(down)
    if crop and width and height:
        shown_across, shown_down = min(across, down * width / height), min(down, across * height / width)
        left, top = (across - shown_across) / 2, (down - shown_down) / 2
    scale = min(
        1.0,
        (width or across) / shown_across,
        (height or down) / shown_down,
        MAX_SIDE / max(shown_across, shown_down),
    )
    box = (left, top, left + shown_across, top + shown_down)
    return box, (max(1, round(shown_across * scale)), max(1, round(shown_down * scale)))


def resized(image: ImageFile.ImageFile, box: Box, size: tuple[int, int]) -> Image.Image:
    """The pixels of the box at the new size, in a mode that can be resampled: L, RGB, RGBA or CMYK."""
    full = image.size
    shown_across, shown_down = box[2] - box[0], box[3] - box[1]
    needed = (REDUCING_GAP * full[0] * size[0] / shown_across, REDUCING_GAP * full[1] * size[1] / shown_down)
    image.draft(None, (round(needed[0]), round(needed[1])))  # the JPEG decoder can skip unneeded data
    across, down = image.width / full[0], image.height / full[1]
    pixels = resamplable(image)
    scaled = (box[0] * across, box[1] * down, box[2] * across, box[3] * down)
    return pixels.resize(size, Image.Resampling.LANCZOS, box=scaled, reducing_gap=REDUCING_GAP)


def resamplable(image: Image.Image) -> Image.Image:
    """Convert palettes, single bits and 16-bit greys, which have no intermediate values."""
    image.load()
    if image.mode in ("L", "RGB", "RGBA", "CMYK"):
        return image if "transparency" not in image.info else image.convert("RGBA")
    if image.mode.startswith("I"):
        return image.point(lambda value: value / 256).convert("L") if image.mode == "I" else image.convert("L")
    if image.mode == "1":
        return image.convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image in sRGB, which every screen assumes; a profile that does not match the image is ignored."""
    if profile:
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            own, screen = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            mode = "RGBA" if image.mode == "RGBA" else "RGB"
            return ImageCms.profileToProfile(image, own, screen, outputMode=mode) or image
    return image.convert("RGB") if image.mode == "CMYK" else image


def encode(image: Image.Image, content: BytesIO, wanted: str, quality: int) -> None:
    """Encode the picture without any metadata of the source."""
    for key in ("exif", "xmp", "icc_profile", "transparency", "comment"):
        image.info.pop(key, None)
    if wanted == "jpeg":
        if image.mode == "RGBA":
            ground = Image.new("RGB", image.size, WHITE)
            ground.paste(image, mask=image.getchannel("A"))
            image = ground
        image.save(content, "JPEG", quality=quality, progressive=True, optimize=True)
    elif wanted == "webp":
        image.save(content, "WEBP", quality=quality, method=4)
    elif wanted == "avif":
        # AVIF looks like a JPEG of a quality some 15 steps higher. One thread: the limit counts processor seconds.
        image.save(content, "AVIF", quality=quality - 15, speed=8, max_threads=1)
    else:
        image.save(content, "PNG")


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))))
