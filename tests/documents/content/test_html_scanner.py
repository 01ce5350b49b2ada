"""Reading start tags: what the reports on removed markup and the references in texts are made of."""

import time

import pytest

from documents.content.html_scanner import COMMENT, start_tags


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("no tag, 3 < 4", []),
        ("<b>x</b>", [("b", {})]),
        ("<A HREF='/x' Target=_blank>", [("a", {"href": "/x", "target": "_blank"})]),
        ('<a href="a>b" x>', [("a", {"href": "a>b", "x": ""})]),
        ('<a href="?a=1&amp;b=2">', [("a", {"href": "?a=1&b=2"})]),
        ("<a href=x href=y>", [("a", {"href": "x"})]),
        ("<br/><br />", [("br", {}), ("br", {})]),
        ("<a href = x >", [("a", {"href": "x"})]),
        ("<a =x>", [("a", {"=x": ""})]),
        ("<!-- <b> --><i>", [(COMMENT, {}), ("i", {})]),
        ("<!doctype html><?php <b> ?><i>", [(COMMENT, {}), (COMMENT, {}), ("i", {})]),
        ("<script>if (a <b) {}</script><i>", [("script", {}), ("i", {})]),
        ("<STYLE>a > b</STYLE ><i>", [("style", {}), ("i", {})]),
        ("<textarea><b>", [("textarea", {})]),
        ("<b", [("b", {})]),
        ("<b class='x", [("b", {"class": "", "'x": ""})]),
        ("<!-- <b>", [(COMMENT, {})]),
        ("</b>", []),
        ("<1>", []),
    ],
)
def test_start_tags_are_read_with_their_attributes(fragment: str, expected: list[tuple[str, dict[str, str]]]) -> None:
    assert list(start_tags(fragment)) == expected


@pytest.mark.parametrize(
    "piece", ["<", "<a ", '<a "', "<a x='", "<!--", "<script>", "<b>", "<a" + " " * 50, "<a b=c ", "<a / ", "</script"]
)
def test_reading_takes_time_in_proportion_to_the_length(piece: str) -> None:
    fragment = piece * (1_000_000 // len(piece))
    started = time.process_time()
    for _ in start_tags(fragment):
        pass
    assert time.process_time() - started < 10  # measured: up to 1 s; quadratic would be minutes
