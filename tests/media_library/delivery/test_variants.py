"""Which rendition a URL asks for: bounded, named, and refused in words when it is nonsense."""

import itertools
from urllib.parse import parse_qsl

import pytest

from livingdocs_import.errors import Invalid
from media_library.delivery.variants import SIZES, Variant, negotiate

CHROME = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
OLD_SAFARI = "image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
CURL = "*/*"


@pytest.mark.parametrize(
    ("asked", "given"),
    [(1, 64), (64, 64), (65, 128), (600, 640), (620, 640), (641, 800), (2048, 2048), (2049, 2048), (10_000, 2048)],
)
def test_sizes_are_raised_to_the_next_step(asked: int, given: int) -> None:
    assert Variant.from_query({"w": str(asked)}) == Variant(width=given)
    assert Variant.from_query({"h": str(asked)}) == Variant(height=given)


@pytest.mark.parametrize(("asked", "given"), [(1, 40), (40, 40), (41, 60), (75, 75), (80, 90), (100, 90)])
def test_qualities_too(asked: int, given: int) -> None:
    assert Variant.from_query({"w": "640", "q": str(asked)}).quality == given


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (600, 400, (640, 428)),
        (400, 600, (428, 640)),
        (500, 500, (640, 640)),
        (4000, 1000, (2048, 512)),
        (100, 1, (128, 4)),
    ],
)
def test_a_crop_keeps_its_proportion(width: int, height: int, size: tuple[int, int]) -> None:
    variant = Variant.from_query({"w": str(width), "h": str(height), "fit": "crop"})
    assert (variant.width, variant.height, variant.fit) == (*size, "crop")


def test_a_crop_of_one_side_is_none() -> None:
    assert Variant.from_query({"w": "640", "fit": "crop"}) == Variant(width=640)


def test_the_number_of_variants_is_bounded() -> None:
    """Whatever is asked for, a few thousand files at most are made of one image."""
    sides = range(1, 2_100, 7)
    names = {
        Variant.from_query({"w": str(w), "h": str(h), "fit": "crop"}).name for w, h in itertools.product(sides, sides)
    }
    assert len(names) <= sum(2 * size // 4 for size in SIZES)


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        (CHROME, "avif"),
        (OLD_SAFARI, "webp"),
        (CURL, None),
        ("", None),
        ("image/*", None),
        ("IMAGE/WEBP", "webp"),
        ("image/avif;q=0, image/webp;q=0.1", "webp"),
        ("image/avif ; q=0.000,text/html", None),
        (",;q=,image/webp;;", "webp"),
    ],
)
def test_the_browser_says_what_it_can_show(accept: str, best: str | None) -> None:
    assert negotiate(accept) == best


@pytest.mark.parametrize("query", [{"format": "auto"}, {"auto": "format"}, {"auto": "compress,format"}])
def test_an_automatic_format_follows_the_browser(query: dict[str, str]) -> None:
    """`auto=format` is how the image services of Livingdocs sites spell it."""
    sized = {"w": "640", **query}
    assert Variant.from_query(sized, accept=CHROME).format == "avif"
    assert Variant.from_query(sized, accept=OLD_SAFARI).format == "webp"
    assert Variant.from_query(sized, accept=CURL).format == "original"


def test_a_format_that_is_named_outranks_the_automatic() -> None:
    assert Variant.from_query({"auto": "format", "format": "png"}, accept=CHROME).format == "png"


def test_without_parameters_it_is_the_original() -> None:
    assert Variant.from_query({}).changes_nothing
    assert Variant.from_query({"auto": "format"}, accept=CURL).changes_nothing
    assert Variant.from_query({"token": "abc", "ixlib": "js-3"}).changes_nothing
    assert not Variant.from_query({"w": "2048"}).changes_nothing
    assert not Variant.from_query({"auto": "format"}, accept=CHROME).changes_nothing


def test_another_format_without_a_size_has_the_largest_size() -> None:
    assert Variant.from_query({"format": "webp"}) == Variant(width=2048, height=2048, format="webp")


def test_names() -> None:
    assert Variant(640, 428, "crop", 75, "webp").name == "w640-h428-crop-q75-webp"
    assert Variant(width=640).name == "w640-max-q75-original"
    assert Variant.from_query({"w": "1", "format": "png", "q": "10"}).name == "w64-max-q75-png"


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ({"w": ""}, "w"),
        ({"w": "0"}, "w"),
        ({"w": "-1"}, "w"),
        ({"w": "1.5"}, "w"),
        ({"w": "１"}, "w"),  # noqa: RUF001
        ({"w": "9" * 5_000}, "w"),
        ({"w": "10001"}, "w"),
        ({"h": "abc"}, "h"),
        ({"q": "101"}, "q"),
        ({"fit": "stretch"}, "fit"),
        ({"format": "tiff"}, "format"),
        ({"format": "AUTO"}, "format"),
    ],
)
def test_nonsense_is_refused_by_parameter(query: dict[str, str], key: str) -> None:
    with pytest.raises(Invalid) as raised:
        Variant.from_query(query)
    assert list(raised.value.details) == [key]
    assert "must be" in raised.value.details[key]


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(Invalid) as raised:
        Variant.from_query({"w": "x", "q": "x", "fit": "x", "format": "x"})
    assert raised.value.details.keys() == {"w", "q", "fit", "format"}


@pytest.mark.parametrize("query", [{}, {"w": "600"}, {"h": "64"}, {"w": "600", "h": "400"}, {"w": "400", "h": "600"}])
@pytest.mark.parametrize("fit", ["max", "crop"])
@pytest.mark.parametrize("form", ["original", "jpeg", "png", "webp", "avif"])
def test_a_name_leads_back_to_the_variant_and_to_a_url_of_it(query: dict[str, str], fit: str, form: str) -> None:
    variant = Variant.from_query(query | {"fit": fit, "q": "90", "format": form})
    assert Variant.named(variant.name) == variant
    assert Variant.from_query(dict(parse_qsl(variant.query))) == variant


@pytest.mark.parametrize("name", ["", "w64", "max-q75", "w64-max-q75-bmp", "w999999-max-q75-png", "x-w64-max-q75-png"])
def test_another_name_is_that_of_no_variant(name: str) -> None:
    assert Variant.named(name) is None
