"""Dates inside image files come out as ISO 8601, and broken ones do not come out (IMG-39)."""

from io import BytesIO
from typing import NamedTuple

import pytest

from media_library.embedded_metadata import extract
from tests import images


class Mapping(NamedTuple):
    field: str
    metadata_property_name: str = "x"


def text(data: bytes, field: str = "Date Created") -> str | None:
    return extract.extract(BytesIO(data), "image/jpeg", [Mapping(field)]).get("x")


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ("20140506", "123000+0200", "2014-05-06T12:30:00+02:00"),
        ("20140506", "123000", "2014-05-06T12:30:00"),
        ("20140506", "", "2014-05-06"),
        ("20140506", "250000+0000", "2014-05-06"),
        ("20140500", "123000", "2014-05"),
        ("20140000", "", "2014"),
        ("20140231", "", None),
        ("00000000", "", None),
        ("2014-05-06", "", None),
        ("unknown", "", None),
        ("", "123000", None),
    ],
)
def test_iptc_writes_a_day_and_a_time(day: str, clock: str, expected: str | None) -> None:
    assert text(images.jpeg(iim=images.captions({55: day, 60: clock}))) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2014-05-06T12:30:00+02:00", "2014-05-06T12:30:00+02:00"),
        ("2014-05-06T12:30:00.25Z", "2014-05-06T12:30:00.25Z"),
        ("2014-05-06T12:30", "2014-05-06T12:30"),
        ("2014-05-06", "2014-05-06"),
        ("2014-05", "2014-05"),
        ("2014", "2014"),
        ("2014-13", None),
        ("2014-02-31", None),
        ("2014-05-06T25:00:00", None),
        ("2014-05-06T12:30:00+99:00", None),
        ("0000-00-00", None),
        ("0000", None),
        ("٢٠١٤", None),
        ("6 May 2014", None),
    ],
)
def test_xmp_writes_iso(written: str, expected: str | None) -> None:
    assert text(images.jpeg(xmp=images.packet("", f'photoshop:DateCreated="{written}"'))) == expected


@pytest.mark.parametrize(
    ("stamp", "offset", "expected"),
    [
        ("2014:05:06 12:30:00", "+02:00", "2014-05-06T12:30:00+02:00"),
        ("2014:05:06 12:30:00", "", "2014-05-06T12:30:00"),
        ("2014:05:06 12:30:00", "   :  ", "2014-05-06T12:30:00"),
        ("2014:05:06", "+02:00", "2014-05-06"),
        ("0000:00:00 00:00:00", "", None),
        ("    :  :     :  :  ", "", None),
        ("2014:05:06 99:30:00", "", None),
    ],
)
def test_exif_writes_colons(stamp: str, offset: str, expected: str | None) -> None:
    assert text(images.jpeg(exif={0x9003: stamp, 0x9011: offset})) == expected


def test_a_broken_date_gives_way_to_a_sound_one() -> None:
    data = images.jpeg(xmp=images.packet("", 'photoshop:DateCreated="soon"'), iim=images.captions({55: "20140506"}))
    assert text(data) == "2014-05-06"


def test_the_time_alone() -> None:
    assert text(images.jpeg(iim=images.captions({60: "123000+0200"})), "Time Created") == "12:30:00+02:00"
    assert text(images.jpeg(exif={0x9003: "2014:05:06 12:30:00"}), "Time Created") == "12:30:00"
    assert text(images.jpeg(xmp=images.packet("", 'photoshop:DateCreated="2014-05-06"')), "Time Created") is None


def test_dates_that_are_named_directly() -> None:
    data = images.jpeg(
        exif={0x9003: "2014:05:06 12:30:00", 0x0132: "2015:01:02 03:04:05"},
        xmp=images.packet("", 'photoshop:DateCreated="2016"'),
    )
    assert text(data, "EXIF:DateTimeOriginal") == "2014-05-06T12:30:00"
    assert text(data, "EXIF:ModifyDate") == "2015-01-02T03:04:05"
    assert text(data, "XMP-photoshop:DateCreated") == "2016"
