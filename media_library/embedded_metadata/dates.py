"""Dates and times of image files as ISO 8601; invalid dates become ""."""

import re
from datetime import datetime

YEAR_OR_MONTH = re.compile(r"(?!0000)\d{4}(-(0[1-9]|1[0-2]))?", re.ASCII)
DATE_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
EXIF_STAMP = re.compile(r"(\d{4}):(\d\d):(\d\d)(?: (\d\d:\d\d:\d\d))?", re.ASCII)
IIM_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
IIM_CLOCK = re.compile(r"(\d\d)(\d\d)(\d\d)(?:([+-]\d\d)(\d\d))?", re.ASCII)


def iso(text: str) -> str:
    """The text itself if it is a valid date, year, month or time in ISO 8601, as in XMP."""
    if YEAR_OR_MONTH.fullmatch(text):
        return text
    if not DATE_AND_TIME.fullmatch(text):
        return ""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return ""
    return text


def from_exif(stamp: str, offset: str = "") -> str:
    """`2014:05:06 12:30:00`, optionally `+02:00`; cameras without a clock write zeros, some programs ISO 8601."""
    match = EXIF_STAMP.fullmatch(stamp)
    if match is None:
        return iso(stamp)
    year, month, day, clock = match.groups()
    moment = f"{year}-{month}-{day}" + (f"T{clock}" if clock else "")
    return (iso(moment + offset) if clock else "") or iso(moment)


def from_iim(day: str, clock: str) -> str:
    """`20140506` (2:55; unknown days and months are 00) with `123000+0200` (2:60), if the latter is valid."""
    match = IIM_DAY.fullmatch(day)
    if match is None:
        return ""
    date = "-".join(match.groups()).removesuffix("-00").removesuffix("-00")
    time = clock_from_iim(clock)
    return (iso(f"{date}T{time}") if time else "") or iso(date)


def clock_from_iim(clock: str) -> str:
    """`12:30:00+02:00` for `123000+0200`."""
    match = IIM_CLOCK.fullmatch(clock)
    if match is None:
        return ""
    hour, minute, second, offset_hour, offset_minute = match.groups()
    time = f"{hour}:{minute}:{second}" + (f"{offset_hour}:{offset_minute}" if offset_hour else "")
    return time if iso(f"2000-01-01T{time}") else ""
