"""Data for operators: JSON in lines, times in words, without secrets."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import re2

from livingdocs_import.egress.url import redacted_url

MAX_TEXT = 50_000  # characters
_URL = re2.compile(r"(?i)[a-z][a-z0-9+.-]*://[^\s\x0b\x1c-\x1f\x85\p{Z}\"'<>]+")


def url(text: str) -> str:
    """A URL without credentials, query and fragment; a sign marks a removed query."""
    shown = redacted_url(text.strip())
    return f"{shown}?…" if "?" in text else shown


def redacted(text: str) -> str:
    """The text with every URL in it redacted. A text that begins as one is one, including blanks.

    Of a very long text only the beginning is shown, as redacting each URL takes time.
    """
    if _URL.match(text.strip()):
        return url(text)
    first = str(_URL.sub(lambda match: url(match[0]), text[:MAX_TEXT]))
    return first if len(text) <= MAX_TEXT else f"{first}… ({len(text) - MAX_TEXT:,} more characters)"


def json_lines(value: Any) -> str:
    """JSON with one value a line, its URLs redacted."""
    return lines(_each_text(value, redacted))


def lines(value: Any) -> str:
    """JSON with one value per line, unredacted, for line-by-line comparison."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _each_text(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _each_text(child, change) for key, child in value.items()}
    if isinstance(value, list):
        return [_each_text(child, change) for child in value]
    return value


def duration(span: timedelta) -> str:
    """Two units at most: `3 s`, `2 min 5 s`, `4 h`, `3 d 2 h`. Negative spans count as zero."""
    seconds = max(0, round(span.total_seconds()))
    units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)]
    first = next((i for i, (_, size) in enumerate(units) if seconds >= size), len(units) - 1)
    parts: list[str] = []
    for name, size in units[first : first + 2]:
        count, seconds = divmod(seconds, size)
        if count or not parts:
            parts.append(f"{count} {name}")
    return " ".join(parts)


def rough(span: timedelta) -> str:
    """One unit: `38 s`, `89 min`, `25 h`, `4 d`; for what happened a while ago."""
    seconds = max(0, round(span.total_seconds()))
    for limit, size, name in ((60, 1, "s"), (90 * 60, 60, "min"), (36 * 3600, 3600, "h")):
        if seconds < limit:
            return f"{seconds // size} {name}"
    return f"{seconds // 86_400} d"


def rate(count: int, span: timedelta) -> str:
    """Rate per second, with useful digits; "" if there is nothing to divide."""
    seconds = span.total_seconds()
    if not count or seconds <= 0:
        return ""
    per_second = count / seconds
    if per_second < 0.1:
        return f"{per_second * 60:.1f}/min"
    return f"{per_second:.1f}/s" if per_second < 10 else f"{per_second:,.0f}/s"


def size(number: int) -> str:
    """Bytes in a unit with useful digits: `412 GB`, `3.4 MB`, `812 B`; decimal, as disks are sold."""
    value, units = float(number), ["B", "kB", "MB", "GB", "TB", "PB"]
    while value >= 999.5 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.1f} {units[0]}" if value < 9.95 and units[0] != "B" else f"{value:,.0f} {units[0]}"


def percent(part: int, whole: int) -> str:
    """For an SVG's geometry: `42.50%`."""
    return f"{100 * part / whole:.2f}%" if whole else "0%"
