"""Sanitised texts and the report of removals (spec 4.5, editable)."""

import re

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.content.sanitizer import INLINE, Sanitiser, TooMuchMarkup, sanitiser, text_length

html = sanitiser()
plain = sanitiser(plain_text=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Just a sentence.",
        "Fish & Chips, 3 &lt; 4, caf&eacute;",
        "<b>bold</b>, <em>stressed</em>, H<sub>2</sub>O, line<br>break",
        '<a href="https://example.com/a?b=1" target="_blank" rel="nofollow">link</a>',
        '<a href="/relative" title="here">link</a> <a href="mailto:a@example.com">mail</a> <a href="tel:+41">call</a>',
        '<a href="#" data-li-document-ref="12" data-li-external-system="archive">document</a>',
        '<span class="blue" data-input="x" lang="de">custom element</span>',
        '<time datetime="2024-01-01">today</time> <del cite="https://example.com/">gone</del>',
        "Grüße aus Zürich 🎉 שלום",
    ],
)
def test_inline_html_stays_as_it_is(text: str) -> None:
    assert html(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "left", "removed"),
    [
        ("<script>alert(1)</script>x", "x", ("<script>",)),
        ("<style>p {color: red}</style>x", "x", ("<style>",)),
        ("<SCRIPT SRC=//evil.example/x.js></SCRIPT>x", "x", ("<script>",)),
        ("a <p>b</p> c", "a b c", ("<p>",)),
        ("<p>one</p><p>two</p>", "one two", ("<p>",)),
        ("<ul><li>one<li>two</ul>", "one two", ("<ul>", "<li>")),
        ("<h1>Title</h1>Text", "Title Text", ("<h1>",)),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b", ("<table>", "<tr>", "<td>")),
        ('<img src="x" onerror="alert(1)">x', "x", ("<img>",)),
        ('<b onclick="alert(1)">x</b>', "<b>x</b>", ("<b onclick>",)),
        ('<b style="position: fixed">x</b>', "<b>x</b>", ("<b style>",)),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>", ("<a href>",)),
        ('<a href=" java\tscript:alert(1)">x</a>', "<a>x</a>", ("<a href>",)),
        ('<a href="data:text/html,x">x</a>', "<a>x</a>", ("<a href>",)),
        ("x<!-- secret -->", "x", ("<!-->",)),
        ("<?xml version='1.0'?>x", "x", ("<!-->",)),
        ('<iframe src="https://example.com"></iframe>x', "x", ("<iframe>",)),
        ("<svg><script>alert(1)</script></svg>x", "x", ("<svg>", "<script>")),
        ("<math><mi>x</mi></math>y", "y", ("<math>", "<mi>")),
        ("<form><input name=a>x</form>", "x", ("<form>", "<input>")),
        ("3 <four and five", "3 ", ("<four>",)),
    ],
)
def test_the_rest_goes_and_is_named(text: str, left: str, removed: tuple[str, ...]) -> None:
    assert html(text) == (left, removed)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<b>open", "<b>open</b>"),
        ("line<br/>break", "line<br>break"),
        ("<B>loud</B>", "<b>loud</b>"),
        ("stray</b>", "stray"),
        ("one</p>two", "one two"),
        ("<b>3 < 4 & 5</b>", "<b>3 &lt; 4 &amp; 5</b>"),
        ("<a href='/x'>x</a>", '<a href="/x">x</a>'),
    ],
)
def test_tidying_is_not_removing(text: str, left: str) -> None:
    assert html(text) == (left, ())


def test_what_the_parser_would_read_differently_the_next_time_is_settled() -> None:
    settled = html("<a<table><table><a<table>")
    assert html(settled.text) == (settled.text, ())


def test_an_allowlist_leaves_only_its_tags() -> None:
    only = sanitiser(allowed=["em", "A"])
    assert only('<a href="/x"><em>a</em></a> <strong>b</strong>') == ('<a href="/x"><em>a</em></a> b', ("<strong>",))
    assert only("one<br>two") == ("one two", ("<br>",))


def test_an_allowlist_lets_in_nothing_that_is_not_inline() -> None:
    assert sanitiser(allowed=["script", "p", "iframe", "b"])("<p><b>x</b></p><script>1</script>") == (
        "<b>x</b>",
        ("<p>", "<script>"),
    )


def test_a_denylist_takes_its_tags_and_leaves_the_others() -> None:
    without = sanitiser(denied=["a"])
    assert without('<a href="/x">a</a> <b>b</b>') == ("a <b>b</b>", ("<a>",))


def test_an_empty_allowlist_leaves_no_tag() -> None:
    assert sanitiser(allowed=[])("<b>x</b>") == ("x", ("<b>",))


# --- plainText -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "Fish & Chips", "3 < 4 > 2", "&lt;b&gt;", "a <3 b", "Tom &amp; Jerry", "x <"])
def test_a_text_without_tags_is_plain_already(text: str) -> None:
    assert plain(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "left", "removed"),
    [
        ("<b>Fish</b> &amp; Chips", "Fish & Chips", ("<b>",)),
        ("one<br>two", "one two", ("<br>",)),
        ("<p>one</p><p>two</p>", "one two", ("<p>",)),
        ("<script>alert(1)</script>x", "x", ("<script>",)),
        ("<b>a</b> < b", "a < b", ("<b>",)),
        ("x<!-- y -->", "x", ("<!-->",)),
        ("</b>x", "x", ()),
    ],
)
def test_of_a_text_with_tags_the_text_is_kept(text: str, left: str, removed: tuple[str, ...]) -> None:
    assert plain(text) == (left, removed)


def test_what_would_read_as_a_tag_once_decoded_stays_encoded() -> None:
    assert plain("<b>a</b> &lt;script&gt;").text == "a &lt;script&gt;"


# --- Bounds ----------------------------------------------------------------------------------------------------------


def test_the_report_of_one_text_is_bounded() -> None:
    removed = html("".join(f"<{'x' * 100}{i}>" for i in range(100)) + "".join(f"<x{i}>" for i in range(100))).removed
    assert len(removed) == 21
    assert removed[-1] == "81 more"
    assert max(map(len, removed)) == 42


@pytest.mark.parametrize("sanitise", [html, plain])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<b>x</b>" * 2_501, "more than 5000 tags"),
        ("<div>" * 201, "more than 200 elements within each other"),
        ("<b><p>x</p>" * 201, "more than 200 elements within each other"),
        ("<div></section>" * 201, "more than 200 elements within each other"),
        ("<b " + " ".join(f"data-attribute-{i}" for i in range(201)) + ">x</b>", "more than 200 attributes"),
    ],
)
def test_too_much_markup_is_refused_not_cleaned(sanitise: Sanitiser, text: str, message: str) -> None:
    with pytest.raises(TooMuchMarkup, match=message):
        sanitise(text)


@pytest.mark.parametrize("sanitise", [html, plain])
@pytest.mark.parametrize(
    "text",
    [
        "<b>x</b>" * 2_500,
        "<p>x" * 5_000,
        "<br>" * 5_000,
        "<div>" * 200 + "</div>" * 200,
        "<DIV></div>" * 1_000,
        "<ul><li>x</ul>" * 1_000,
    ],
)
def test_much_markup_is_cleaned(sanitise: Sanitiser, text: str) -> None:
    assert "<p" not in sanitise(text).text


# --- Any text --------------------------------------------------------------------------------------------------------

TAGS = "<b> </b> <i> </i> <p> </p> <br> <a <script> </script> <svg> <style> <textarea> <plaintext> <table> <td> <math>"
REST = "<title> </ <? <!-- --> <!doctype &lt; &amp; &#60; href= javascript: onclick= data-x=1 a b < > & \" ' / = ! - ü"
PIECES = st.sampled_from([*TAGS.split(), *REST.split(), " ", "\n", "\x00"])
TEXTS = st.lists(PIECES, max_size=25).map("".join)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_what_was_sanitised_holds_inline_tags_only_and_passes_again_unchanged(text: str) -> None:
    left, _ = html(text)
    assert {name.lower() for name in re.findall(r"<([a-zA-Z][^\s/>]*)", left)} <= INLINE
    assert not re.search(r"<[!?]", left)
    assert not re.search(r"<[^>]*\s(on\w+|style)\s*=", left)
    assert html(left) == (left, ())


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_a_plain_text_holds_no_tag_and_passes_again_unchanged(text: str) -> None:
    left, _ = plain(text)
    assert not re.search(r"<[a-zA-Z/!?]", left)
    assert plain(left) == (left, ())


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("abc", 3), ("<b>abc</b>", 3), ("a &amp; b", 5), ("<i>a</i> &amp; b", 5), ("Zürich", 6), ("a<br>b", 2)],
)
def test_a_length_counts_characters_not_markup(text: str, length: int) -> None:
    assert text_length(text) == length


def test_in_a_plain_text_every_character_counts() -> None:
    assert text_length("a &amp; <", plain_text=True) == 9


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SIMPLE_ELEMENTS = st.tuples(st.sampled_from(["b", "em", "i", "strong", "sub", "p", "q", "script"]), ANY_TEXT).map(
    lambda made: f"<{made[0]}>{made[1]}</{made[0]}>"
)
ask_nh3 = nh3.Cleaner(tags=set(INLINE), link_rel=None).clean


@given(st.lists(ANY_TEXT | SIMPLE_ELEMENTS | st.sampled_from(["<b>", "</b>", "&amp;", "\xa0", "\r", "\ufeff"])))
@settings(max_examples=300, deadline=None)
def test_what_is_let_through_at_sight_nh3_would_let_through_too(pieces: list[str]) -> None:
    text = "".join(pieces)
    if html(text) == (text, ()) and "<" in text:
        assert ask_nh3(text) == text
