"""An untrusted file does no harm where it is opened: types, names, scripts (THR-4, Q-39)."""

import json
import re
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from media_library.api.file_responses import content_disposition
from tests.api_client import Caller
from tests.media_library.stored_entries import fetch, imported, url_of

DATA = Path("tests/data")
HOSTILE_SVG = sorted(DATA.glob("hostile/svg_*.svg"))
NAMES = json.loads((DATA / "file_names.json").read_text())


@pytest.mark.parametrize("path", HOSTILE_SVG, ids=lambda path: path.stem)
def test_an_svg_is_served_as_sent_and_may_neither_run_nor_load_anything(times: Caller, path: Path) -> None:
    """Q-39: no_active, no_external and nosniff of the hostile files."""
    answer = fetch(url_of(imported(times.project, path.read_bytes(), "image/svg+xml", filename=path.name)))
    assert answer.getvalue() == path.read_bytes()
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["X-Content-Type-Options"] == "nosniff"
    policy = {part.split()[0]: part.split()[1:] for part in answer["Content-Security-Policy"].split(";")}
    assert policy["default-src"] == ["'none'"]
    assert policy["sandbox"] == []
    assert "script-src" not in policy
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("mime_type", "served", "shown"),
    [
        ("image/jpeg", "image/jpeg", True),
        ("image/png", "image/png", True),
        ("image/gif", "image/gif", True),
        ("image/webp", "image/webp", True),
        ("image/svg+xml", "image/svg+xml", False),
        ("image/x-unheard-of", "image/x-unheard-of", False),
        ("text/html", "text/html", False),
        ("application/pdf", "application/pdf", False),
        ("video/mp4", "video/mp4", False),
        ("text/html; charset=utf-7", "application/octet-stream", False),
        ("image/png\r\nX: y", "application/octet-stream", False),
        ("", "application/octet-stream", False),
    ],
)
def test_pictures_are_shown_and_everything_else_is_saved(
    times: Caller, mime_type: str, served: str, shown: bool
) -> None:
    answer = fetch(url_of(imported(times.project, b"<script>alert(1)</script>", mime_type)))
    assert answer.status_code == 200
    assert answer["Content-Type"] == served
    assert answer["Content-Disposition"].split(";")[0] == ("inline" if shown else "attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name["id"])
def test_no_file_name_breaks_the_header_or_leaves_its_folder(times: Caller, name: dict[str, Any]) -> None:
    answer = fetch(url_of(imported(times.project, b"x", filename=name["fileName"], title=name["fileName"])))
    assert answer.status_code == 200
    value = answer["Content-Disposition"]
    assert value.isascii()
    assert value.isprintable()
    assert len(value) < 2500
    read = saved_as(value)
    assert read
    assert not re.search(r"[/\\\x00-\x1f\u202e]", read)
    assert read.strip(". ") == read


@pytest.mark.parametrize(
    ("filename", "value"),
    [
        ("a.png", 'inline; filename="a.png"'),
        ("Größe 漢.png", "inline; filename=\"Gr__e _.png\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E6%BC%A2.png"),
        ('a"b.png', "inline; filename=\"a_b.png\"; filename*=UTF-8''a%22b.png"),
        ("100%.png", "inline; filename=\"100_.png\"; filename*=UTF-8''100%25.png"),
        ("..\\..\\windows\\win.ini", 'inline; filename="win.ini"'),
        ("/etc/passwd", 'inline; filename="passwd"'),
        ("photo\u202egnp.exe", 'inline; filename="photognp.exe"'),
        ("", 'inline; filename="file"'),
        ("..", 'inline; filename="file"'),
        ("a\r\nSet-Cookie: x=y", "inline; filename=\"aSet-Cookie_ x=y\"; filename*=UTF-8''aSet-Cookie%3A%20x%3Dy"),
        ("x" * 300 + ".png", f'inline; filename="{"x" * 146}.png"'),
    ],
)
def test_names_are_written_for_old_and_new_readers(filename: str, value: str) -> None:
    """RFC 6266"""
    assert content_disposition(filename, shown=True) == value


def saved_as(disposition: str) -> str:
    """What another reader of the header (the standard library's) would call the file."""
    message = Message()
    message["Content-Disposition"] = disposition
    name = message.get_filename()
    assert isinstance(name, str)
    return name
