"""What a parser would build from a text is counted before it does, and never too low."""

import re

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.content.nesting import FORMATTING, Nesting, count

ENDLESS = 10**9


def nesting(text: str) -> Nesting:
    return count(text, most_open=ENDLESS, most_renewed=ENDLESS)


@pytest.mark.parametrize(
    ("text", "open_"),
    [
        ("", 0),
        ("no <tag> here", 1),
        ("<b>x</b>" * 50, 1),
        ("<p>x" * 50, 1),
        ("<br>" * 50, 0),
        ("<ul><li>one<li>two</ul>" * 50, 2),
        ("<dl><dt>one<dd>two</dl>" * 50, 2),
        ("<DIV></div>" * 50, 1),
        ("<h1>x</h2>" * 50, 1),
        ("<div><p><b>x</b></p></div>" * 50, 3),
        ("<table><tr><td><b>x</b></td></tr></table>" * 50, 6),  # a table body is implied; two are allowed for
        ("<p><b>x</p>" * 50, 52),  # each bold goes on in the next paragraph; three of them would, in truth
        ("<div>" * 50, 50),
        ("<li><dd>" * 25, 50),
        ("<span><div></span></div>" * 25, 26),  # the end of a span that holds a block ends nothing
        ('<div title="</div>">' * 25, 25),
        ("<!--><div><!-- </div> -->" * 25, 25),
        ("<div></\u212a></diV\xa0>" * 25, 25),  # neither is an end of it
        ("<svg><title><div></div></title></svg>", 3),
    ],
)
def test_open_elements_are_counted(text: str, open_: int) -> None:
    assert nesting(text).open == open_


@pytest.mark.parametrize(
    "text",
    [
        "<a href='/x'><b>x</b> <i>y</i></a>" * 50,
        "<p><b>x</b> and <i><u>y</u></i></p>" * 50,
        "<b>" + "<p>x</p>" * 50 + "</b>",
        "<table><tr><td><b>x</b></td><td><i>y</i></td></tr></table>" * 50,
        "<ul><li><b>x</b><li><b>y</b></ul>" * 50,
    ],
)
def test_of_what_is_nested_well_nothing_begins_anew(text: str) -> None:
    assert nesting(text).renewed == 0


def test_formatting_elements_begin_anew_in_every_block() -> None:
    elements = "".join(f"<b class={number}>" for number in range(10))
    assert 500 <= nesting(f"<p>{elements}" + "x<p>" * 50).renewed <= 5_000


def test_equal_ones_begin_anew_three_times_at_most() -> None:
    assert nesting("<p>" + "<b>" * 50 + "x<p>" * 50).renewed < 300


def test_counting_ends_where_too_much_is_known() -> None:
    elements = "".join(f"<b class={number}>" for number in range(100))
    found = count(f"<p>{elements}" + "x<p>" * 1_000, most_open=200, most_renewed=1_000)
    assert 1_000 < found.renewed < 2_000
    assert count("<div>" * 1_000, most_open=200, most_renewed=1_000).open == 201


# --- Never too low ---------------------------------------------------------------------------------------------------

BLOCKS = ["p", "div", "li", "ul", "ol", "dd", "dt", "dl", "h1", "h2", "section", "address", "hr", "br", "xmp"]
INLINE = ["a", "b", "i", "font", "u", "nobr", "span", "q"]
TABLES = ["table", "tr", "td", "th", "tbody", "caption"]
CONTROLS = ["select", "option", "button", "form", "object", "applet", "textarea", "dialog", "iframe", "style", "script"]
FOREIGN = ["svg", "math", "mi", "desc", "title", "link"]
ELEMENTS = [*BLOCKS, *INLINE, *TABLES, *CONTROLS, *FOREIGN]
TRICKS = [
    *("<b>", "</b>", "<a/>", "x", " ", "<", "</ b>", "<?x <b>>", "<![CDATA[></b></i>]]>"),
    *("<!--><b>", "<!-- <b></i> -->", "<!-- --!><i>", "<style></b><i></style>"),
    *('<b ="a="c>d </b></p>" >', '<i title="</i>">', "<i title='</p>'class=x>"),
    "<script><!--<script></script><b></script>",
]
RAW = {"xmp", "textarea", "iframe", "style", "script"}  # hold text, which would be written as it is
# What a parser makes of a text, every element with its end.
parse = nh3.Cleaner(tags={*ELEMENTS} - RAW, clean_content_tags=set(), attributes={"*": {"class"}}, link_rel=None).clean


def texts(names: list[str]) -> st.SearchStrategy[str]:
    """Tags in any order, many of them several times over."""
    name = st.sampled_from(names)
    begun = st.builds("<{}>".format, name) | st.builds("<{} class={}>".format, name, st.integers(0, 5))
    piece = begun | st.builds("</{}>".format, name) | st.sampled_from(TRICKS)
    several = st.builds(lambda found, times: "".join(found) * times, st.lists(piece, max_size=20), st.integers(1, 8))
    return st.builds("{}{}".format, st.lists(piece, max_size=5).map("".join), several)


def built(text: str) -> tuple[int, int]:
    """How deep what a parser makes of a text is, and how many formatting elements it has."""
    depth = deepest = formatting = 0
    for slash, name in re.findall(r"<(/?)([a-z0-9]+)[^<>]*>", parse(text)):
        depth += -1 if slash else name not in {"br", "hr", "link"}
        deepest = max(deepest, depth)
        formatting += not slash and name in FORMATTING
    return deepest, formatting


@pytest.mark.parametrize("names", [BLOCKS + INLINE, BLOCKS + INLINE + TABLES, ELEMENTS], ids=["text", "tables", "all"])
def test_no_text_is_deeper_or_longer_than_it_was_counted(names: list[str]) -> None:
    @settings(max_examples=300, deadline=None)
    @given(texts(names))
    def compare(text: str) -> None:
        found, (deepest, formatting) = nesting(text), built(text)
        sent = sum(name.lower() in FORMATTING for name in re.findall(r"<([a-zA-Z]+)", text))
        assert deepest <= found.open + 2  # an empty paragraph, and what holds nothing but text
        assert formatting - sent <= found.renewed

    compare()


def test_the_comparison_compares_something() -> None:
    assert built("<svg><b>x<p><i>y</svg>") == (3, 2)
