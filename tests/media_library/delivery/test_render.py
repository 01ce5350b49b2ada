"""Renditions: the right size, format, colours and orientation; and hostile files."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat

from livingdocs_import.errors import Failure
from media_library.delivery.render import NotRenderable, RenderingInterrupted, RenderingLimits, Rendition, render
from media_library.delivery.variants import ImageFormat, Variant
from tests import images

PHOTOS = Path(__file__).parents[3] / "demo" / "photos"
HOSTILE = Path(__file__).parent.parent.parent / "data" / "hostile"
LIMITS = RenderingLimits()
ORIENTATION = 0x0112


def made(data: bytes, variant: Variant, mime_type: str = "image/jpeg", limits: RenderingLimits = LIMITS) -> Image.Image:
    """The decoded rendition; its `format` is what it really is."""
    with render(BytesIO(data), mime_type=mime_type, variant=variant, limits=limits) as rendition:
        image = Image.open(BytesIO(rendition.path.read_bytes()))
    image.load()
    assert image.get_format_mimetype() == rendition.mime_type
    assert image.size == (rendition.width, rendition.height)
    return image


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures of the same size, 0 to 255."""
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


ROCKET = (PHOTOS / "rocket.jpg").read_bytes()  # 640 x 427
CHELSEA = (PHOTOS / "chelsea.png").read_bytes()  # 451 x 300


def on_screen(data: bytes) -> Image.Image:
    """The picture as a browser shows it: this one is in Adobe RGB."""
    with Image.open(BytesIO(data)) as source:
        profile = ImageCms.ImageCmsProfile(BytesIO(source.info["icc_profile"]))
        shown = ImageCms.profileToProfile(source, profile, ImageCms.createProfile("sRGB"))
    assert shown is not None
    return shown


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "avif"])
def test_a_photograph_in_every_format(name: ImageFormat) -> None:
    image = made(ROCKET, Variant(width=320, format=name))
    assert (image.format or "").lower() == name
    assert image.size == (320, 214)
    assert difference(image, on_screen(ROCKET).resize((320, 214), Image.Resampling.LANCZOS)) < 6


@pytest.mark.parametrize(
    ("variant", "size"),
    [
        (Variant(width=320), (320, 214)),
        (Variant(height=200), (300, 200)),
        (Variant(width=320, height=64), (96, 64)),
        (Variant(width=2048), (640, 427)),
        (Variant(320, 320, "crop"), (320, 320)),
        (Variant(64, 200, "crop"), (64, 200)),
        (Variant(2048, 1024, "crop"), (640, 320)),
        (Variant(400, 2048, "crop"), (83, 427)),
    ],
)
def test_sizes(variant: Variant, size: tuple[int, int]) -> None:
    assert made(ROCKET, variant).size == size


def test_a_crop_shows_the_middle() -> None:
    stripes = Image.new("RGB", (300, 100), "red")
    stripes.paste("lime", (100, 0, 200, 100))
    image = made(images.png(stripes), Variant(64, 64, "crop"), "image/png")
    assert image.size == (64, 64)
    assert difference(image, Image.new("RGB", (64, 64), "lime")) < 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_what_the_camera_noted_is_carried_out(orientation: int) -> None:
    upright = images.picture(96, 64)
    undo = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_90"}
    undo |= {7: "TRANSVERSE", 8: "ROTATE_270"}
    stored = upright.transpose(Image.Transpose[undo[orientation]]) if orientation > 1 else upright
    data = images.jpeg(stored, exif={ORIENTATION: orientation}, quality=95)
    image = made(data, Variant(width=48, format="png"))
    assert image.size == (48, 32)
    assert difference(image, upright.resize((48, 32), Image.Resampling.LANCZOS)) < 4
    assert not image.getexif()


def test_a_png_is_turned_too() -> None:
    assert made(images.png(images.picture(96, 64), exif={ORIENTATION: 6}), Variant(width=32), "image/png").size == (
        32,
        48,
    )


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("name", ["original", "jpeg"])
def test_every_kind_of_pixel(mode: str, name: ImageFormat) -> None:
    grey = images.picture(128, 96).convert("L")
    source = grey.convert(mode)
    image = made(images.png(source), Variant(width=64, format=name), "image/png")
    assert image.size == (64, 48)
    assert difference(image, grey.resize((64, 48), Image.Resampling.LANCZOS)) < 12


@pytest.mark.parametrize("name", ["png", "webp", "avif"])
def test_transparency_is_kept(name: ImageFormat) -> None:
    source = Image.new("RGBA", (128, 128), (255, 0, 0, 0))
    source.paste((0, 0, 255, 255), (0, 0, 64, 128))
    image = made(images.png(source), Variant(width=64, format=name), "image/png").convert("RGBA")
    assert image.getpixel((60, 30))[3] < 16
    assert image.getpixel((4, 30))[2:] > (240, 240)


def test_where_a_jpeg_shows_through_it_is_white() -> None:
    clear = Image.new("RGBA", (100, 100), (255, 0, 0, 0))
    for source in (clear, clear.quantize(2), clear.convert("LA")):
        image = made(images.png(source), Variant(width=64, format="jpeg"), "image/png")
        assert difference(image, Image.new("RGB", image.size, "white")) < 3


def test_printers_colours_become_screen_colours() -> None:
    """The browser cannot show CMYK in a WebP, and PNG has none."""
    source = images.picture(128, 96)
    for name in ("original", "png", "webp"):
        image = made(images.jpeg(source.convert("CMYK"), quality=95), Variant(width=64, format=name))
        assert image.mode == "RGB"
        assert difference(image, source.resize((64, 48), Image.Resampling.LANCZOS)) < 12


def test_colours_of_another_profile_are_converted() -> None:
    """A profile that is dropped without conversion shifts every colour."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    misfit = images.png(images.picture(), icc_profile=profile)
    assert made(misfit, Variant(width=64), "image/png").size == (64, 48), "a profile that does not fit is ignored"
    wide = with_red_primary_of_green(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red = Image.new("RGB", (64, 64), (255, 0, 0))
    for source in (red, red.convert("RGBA")):
        image = made(images.png(source, icc_profile=wide), Variant(width=64), "image/png")
        assert image.mode == source.mode
        assert "icc_profile" not in image.info
        assert difference(image, Image.new("RGB", image.size, (0, 255, 0))) < 3


def with_red_primary_of_green(profile: bytes) -> bytes:
    """A profile in which the red and the green primary have changed places."""
    return profile.replace(b"rXYZ", b"----").replace(b"gXYZ", b"rXYZ").replace(b"----", b"gXYZ")


def test_renditions_carry_no_metadata() -> None:
    exif, iim, xmp = {0x010E: "secret"}, images.captions({5: "secret"}), images.packet("secret")
    data = images.jpeg(exif=exif, iim=iim, xmp=xmp, comment=b"secret")
    assert data.count(b"secret") == 4
    for name in ("jpeg", "png", "webp", "avif"):
        with render(BytesIO(data), mime_type="image/jpeg", variant=Variant(64, format=name), limits=LIMITS) as made_of:
            assert b"secret" not in made_of.path.read_bytes()


MOVING = [(images.gif(3, width=128, height=96), "image/gif"), (images.animated_png(3), "image/png")]


@pytest.mark.parametrize(("data", "mime_type"), MOVING)
@pytest.mark.parametrize("name", ["original", "webp", "avif"])
def test_an_animation_stays_as_it_is(data: bytes, mime_type: str, name: ImageFormat) -> None:
    with render(BytesIO(data), mime_type=mime_type, variant=Variant(16, format=name), limits=LIMITS) as rendition:
        assert rendition.path.read_bytes() == data
        assert rendition.mime_type == mime_type


@pytest.mark.parametrize(("data", "mime_type"), MOVING)
@pytest.mark.parametrize("name", ["jpeg", "png"])
def test_a_still_of_an_animation_is_its_first_frame(data: bytes, mime_type: str, name: ImageFormat) -> None:
    with Image.open(BytesIO(data)) as source:
        first = source.convert("RGB")
    image = made(data, Variant(32, format=name), mime_type)
    assert getattr(image, "n_frames", 1) == 1
    assert difference(image, first.resize(image.size, Image.Resampling.LANCZOS)) < 12


def test_a_still_gif_becomes_a_png() -> None:
    assert made(images.gif(1), Variant(16), "image/gif").format == "PNG"


def test_a_jpeg_of_two_pictures_shows_the_first() -> None:
    """Phones store a second lens or a depth map in the same file."""
    file = BytesIO()
    first = images.picture(128, 96)
    first.save(file, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64), "red")])
    image = made(file.getvalue(), Variant(width=64))
    assert image.format == "JPEG"
    assert difference(image, first.resize((64, 48), Image.Resampling.LANCZOS)) < 6


def test_very_long_images_stay_within_what_formats_can_hold() -> None:
    strip = images.png(Image.new("L", (16, 40_000)))
    assert made(strip, Variant(width=64, format="webp"), "image/png").size == (7, 16_383)


def test_higher_quality_is_larger() -> None:
    for name in ("jpeg", "webp", "avif"):
        sizes = []
        for quality in (40, 60, 75, 90):
            variant = Variant(320, quality=quality, format=name)
            with render(BytesIO(ROCKET), mime_type="image/jpeg", variant=variant, limits=LIMITS) as rendition:
                sizes.append(rendition.path.stat().st_size)
        assert sizes == sorted(set(sizes))


# --- Files and processes ---------------------------------------------------------------------------------------------


@contextmanager
def rendered(data: bytes, folder: Path, limits: RenderingLimits = LIMITS) -> Iterator[Rendition]:
    with render(BytesIO(data), mime_type="image/jpeg", variant=Variant(64), limits=limits, folder=folder) as rendition:
        yield rendition


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    with rendered(ROCKET, tmp_path) as rendition:
        assert rendition.path.is_relative_to(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NotRenderable), rendered(ROCKET[:5_000], tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_file_may_be_moved_away(tmp_path: Path) -> None:
    with rendered(ROCKET, tmp_path) as rendition:
        kept = rendition.path.rename(tmp_path / "kept.jpg")
    assert kept.stat().st_size
    assert list(tmp_path.iterdir()) == [kept]


def test_the_source_may_stand_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(ROCKET)
    with path.open("rb") as file:
        file.seek(0, 2)
        with render(file, mime_type="image/jpeg", variant=Variant(64), limits=LIMITS) as rendition:
            assert rendition.width == 64


@pytest.mark.parametrize("mime_type", ["image/svg+xml", "video/mp4", "image/tiff"])
def test_types_without_renditions(mime_type: str) -> None:
    with (
        pytest.raises(NotRenderable, match=f"no renditions of {mime_type}".replace("+", r"\+")),
        render(BytesIO(b""), mime_type=mime_type, variant=Variant(64), limits=LIMITS),
    ):
        pass


def refusal(data: bytes, mime_type: str = "image/jpeg", limits: RenderingLimits = LIMITS) -> str:
    with pytest.raises(NotRenderable) as raised:
        made(data, Variant(64), mime_type, limits)
    return raised.value.detail


@pytest.mark.parametrize(
    ("data", "mime_type"),
    [
        (b"", "image/jpeg"),
        (CHELSEA, "image/jpeg"),
        (ROCKET, "image/png"),
        (ROCKET[:50_000], "image/jpeg"),
        (images.png_of(images.chunk(b"IDAT", zlib.compress(bytes(20)))), "image/png"),
        ((HOSTILE / "gif_canvas_bomb.gif").read_bytes(), "image/png"),
        ((HOSTILE / "ps_as_gif.gif").read_bytes(), "image/gif"),
    ],
)
def test_what_cannot_be_decoded(data: bytes, mime_type: str) -> None:
    assert refusal(data, mime_type) == "the image cannot be decoded"


def test_the_pixel_limit_holds_here_too() -> None:
    bomb = (HOSTILE / "png_bomb_400mp.png").read_bytes()
    assert refusal(bomb, "image/png") == "more than 50 megapixels"
    assert refusal(ROCKET, limits=RenderingLimits(max_pixels=200_000)) == "more than 0.2 megapixels"


def test_memory_is_limited() -> None:
    """The largest image that is accepted, with transparency, fits into the memory that is given."""
    rows = images.chunk(b"IDAT", zlib.compress(bytes((1 + 4 * 7_000) * 7_000), 1))
    largest = images.png_of(rows, width=7_000, height=7_000, colour_type=6)
    assert made(largest, Variant(64), "image/png").size == (64, 64)
    detail = refusal(largest, "image/png", RenderingLimits(memory_bytes=300 << 20))
    assert detail == "the rendition needs too much memory"


def progressive_bomb() -> bytes:
    """A JPEG whose last scan comes two thousand times more: each costs a pass over the whole picture."""
    data = images.jpeg(Image.new("L", (2_000, 2_000)), progressive=True)
    scan = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + scan * 2_000 + data[-2:]


def test_processor_time_is_limited() -> None:
    detail = refusal(progressive_bomb(), limits=RenderingLimits(cpu_seconds=1))
    assert detail == "the rendition takes too much processor time"


def test_time_on_the_clock_is_limited_and_may_be_tried_again() -> None:
    with pytest.raises(RenderingInterrupted) as raised:
        made(progressive_bomb(), Variant(64), limits=RenderingLimits(wall_seconds=0.5))
    assert raised.value.transient
    assert raised.value.detail == "the rendition took longer than 0.5 seconds"


def children() -> list[int]:
    lists = Path("/proc/self/task").glob("*/children")
    return [int(pid) for children_of_thread in lists for pid in children_of_thread.read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the child as Linux shows it")
@pytest.mark.parametrize(
    ("sent", "failure", "detail"),
    [
        (signal.SIGKILL, RenderingInterrupted, "the rendition was interrupted"),
        (signal.SIGSEGV, NotRenderable, "the decoder crashed"),
    ],
)
def test_a_child_that_dies_is_a_failure(sent: signal.Signals, failure: type[Failure], detail: str) -> None:
    before = set(children())

    def strike() -> None:
        while not (new := set(children()) - before):
            time.sleep(0.01)
        time.sleep(0.1)
        os.kill(new.pop(), sent)

    killer = threading.Thread(target=strike)
    killer.start()
    with pytest.raises(failure) as raised:
        made(progressive_bomb(), Variant(64))
    killer.join()
    assert raised.value.detail == detail


def test_output_is_limited() -> None:
    assert refusal(ROCKET, limits=RenderingLimits(output_bytes=100)) == "the rendition is larger than 100 bytes"


def test_the_child_knows_nothing_of_django(tmp_path: Path) -> None:
    """Starting it must stay cheap."""
    listed = "[name for name in sys.modules if name.startswith('django')]"
    code = f"import sys, media_library.delivery.render_subprocess; print({listed})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize(
    "name",
    [
        "gif_lzw_garbage.gif",
        "gif_frame_outside.gif",
        "jpg_garbage_scan.jpg",
        "jpg_exif_loop.jpg",
        "jpg_exif_huge_count.jpg",
        "jpg_arith.jpg",
        "png_bad_crc_idat.png",
    ],
)
def test_odd_files_end_in_a_rendition_or_a_reason(name: str) -> None:
    mime_type = {".png": "image/png", ".gif": "image/gif", ".jpg": "image/jpeg"}[name[-4:]]
    with contextlib.suppress(NotRenderable):
        assert made((HOSTILE / name).read_bytes(), Variant(64), mime_type).width <= 64
