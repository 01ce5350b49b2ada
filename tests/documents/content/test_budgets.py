"""What a document may hold and cost as a whole, and what is said of one that goes beyond it."""

import time
from typing import Any

import orjson
import pytest

from documents.admin.story import story
from documents.content.budgets import Budget, OutOfTime
from documents.content.html_scanner import start_tags, unescaped
from documents.content.limits import GROWTH_FREE, ContentLimits
from documents.content.sanitizer import TooMuchMarkup, sanitiser, text_length
from documents.content.walk import media_ids_to_complete
from documents.revisions import validate
from documents.revisions.parts import Parts
from documents.revisions.validate import CheckedParts, Rules
from livingdocs_import.errors import Rejected
from livingdocs_import.metadata import find_references
from tests.documents.content.living_times import config, design, ids, problems

html = sanitiser()
ONE_SECOND = ContentLimits()


def paragraph(text: str) -> dict[str, Any]:
    return {"component": "paragraph", "content": {"text": text}}


def shown(media_id: str) -> dict[str, Any]:
    return {"component": "image", "content": {"image": {"mediaId": media_id}}}


def link(number: int) -> dict[str, Any]:
    value = {"$ref": "document", "reference": {"id": str(number)}}
    return {"component": "button", "id": f"button{number}", "content": {"link": value}}


def interrupted(elements: int, blocks: int) -> str:
    """Formatting elements that each of the blocks interrupts."""
    return "<p>" + "".join(f"<b class={number}>" for number in range(elements)) + "x<p>" * blocks


def check(content: Any, *, metadata: Any = None, limits: ContentLimits = ONE_SECOND, **kept: Any) -> CheckedParts:
    rules = Rules(config, config.content_types["article"], design, False, ids(), {}, limits)
    return validate.check(Parts("", content, metadata or {}, [], None), rules, **kept)


# --- Markup ----------------------------------------------------------------------------------------------------------


def test_formatting_that_blocks_interrupt_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(TooMuchMarkup, match="interrupted more than 10000 times"):
        html(interrupted(199, 4_700))
    assert html(interrupted(3, 10)).text.count("<b ") > 20


@pytest.mark.parametrize(
    "text",
    ["<li><dd>" * 101, "<span><div></span></div>" * 250, '<div title="</div>">' * 201, "<!--><div><!--></div>" * 201],
)
def test_elements_within_each_other_are_counted_as_a_parser_would_nest_them(text: str) -> None:
    with pytest.raises(TooMuchMarkup, match="more than 200 elements within each other"):
        html(text)


@pytest.mark.parametrize("sanitise", [html, sanitiser(plain_text=True)])
def test_a_text_does_not_grow_to_more_than_four_times_its_length(sanitise: Any) -> None:
    with pytest.raises(TooMuchMarkup, match="must NOT grow to more than 4 times its length"):
        sanitise("<br>" + "&" * 10_000 + "&lt;b>")
    assert html("<br>" + "&" * 1_000).text == "<br>" + "&amp;" * 1_000


def test_texts_do_not_grow_to_more_than_four_times_their_length_together() -> None:
    text = interrupted(10, 8)  # grows by 300 characters beyond four times
    assert len(html(text).text) > 4 * len(text)
    assert problems([paragraph(text)]) == {}
    found = problems([paragraph(text)] * GROWTH_FREE)
    assert found == {"content": "must NOT have texts that grow to more than 4 times their length"}


def test_attributes_of_a_text_are_limited_together() -> None:
    tag = "<i " + " ".join(f"data-{number}" for number in range(200)) + ">"
    with pytest.raises(TooMuchMarkup, match="more than 20000 attributes"):
        html((tag + "x</i>") * 101)


def test_of_endless_attributes_a_thousand_are_read() -> None:
    ((_, attributes),) = start_tags("<a " + " ".join(f"a{number}" for number in range(5_000)) + ">")
    assert len(attributes) == 1_000


def test_a_character_reference_may_be_of_any_length() -> None:
    endless = f"&#{'1' * 5_000};"
    assert unescaped(f"{endless}&amp;") == "\ufffd&"
    assert text_length(f"a{endless}b") == 3
    assert list(start_tags(f'<a title="{endless}">')) == [("a", {"title": "\ufffd"})]


# --- Counts of a document --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "limits", "message"),
    [
        ([paragraph("x")] * 4, ContentLimits(components=3), "components"),
        ([{"component": "header", "content": {"title": "x", "author": "y"}}] * 2, ContentLimits(texts=3), "texts"),
        ([paragraph("<a href='/x'>x</a>" * 4)], ContentLimits(links=3), "links"),
        ([link(number) for number in range(4)], ContentLimits(links=3), "links"),
        ([paragraph("<p>x</p><br>")] * 2, ContentLimits(markup=3), "tags in its texts"),
    ],
)
def test_what_a_document_holds_is_limited(content: Any, limits: ContentLimits, message: str) -> None:
    assert problems(content[:0], limits=limits) == {}
    assert problems(content, limits=limits) == {"content": f"must NOT have more than 3 {message}"}


def test_references_are_limited_wherever_they_stand() -> None:
    content = [link(number) for number in range(3)]
    limits = ContentLimits(references=3)
    assert len(check(content, limits=limits).references) == 3
    with pytest.raises(Rejected) as rejected:
        check([*content, link(3)], limits=limits)
    assert rejected.value.reason == "Invalid content"
    assert rejected.value.errors == [{"path": "content", "message": "must NOT have more than 3 references"}]
    related = {"related": {"$ref": "documents", "references": [{"id": str(number)} for number in range(4)]}}
    with pytest.raises(Rejected) as rejected:
        check([], metadata=related, limits=limits)
    message = "The value of '/related' must NOT have more than 3 references"
    assert rejected.value.errors == [{"metadataProperty": "related", "message": message}]


def test_what_is_stored_already_keeps_its_references() -> None:
    content = [link(number) for number in range(4)]
    assert len(check(content, limits=ContentLimits(references=3), kept=validate.EVERYTHING).references) == 4


def test_two_hundred_thousand_links_are_refused_at_the_first_too_many() -> None:
    text = "".join(f"<a data-li-document-ref={number}>x</a>" for number in range(2_400))
    content = [paragraph(text) for _ in range(80)]
    started = time.thread_time()
    with pytest.raises(Rejected) as rejected:
        check(content)
    assert rejected.value.errors[-1]["message"] == "must NOT have more than 20000 links"
    assert time.thread_time() - started < 1 + 8


def test_of_endless_content_no_media_are_looked_up_but_those_of_the_first_components() -> None:
    assert media_ids_to_complete([shown("x" * 201)], design) == set()
    content = [shown(str(number)) for number in range(10_010)]
    assert len(media_ids_to_complete(content, design)) == 10_000


def test_of_endless_translations_a_thousand_problems_are_made() -> None:
    rules = Rules(config, config.content_types["article"], design, False, ids(), {})
    for translations in (
        [{}] * 5_000,
        {f"l{number}": {} for number in range(5_000)},
        [dict.fromkeys(map(str, range(5_000)))],
    ):
        found = validate.check_translations(
            translations, languages=config.languages, schema=rules.content_type.metadata, completeness=False
        )
        assert 1_000 <= len(found.problems) <= 1_001


# --- Time ------------------------------------------------------------------------------------------------------------


def test_a_document_that_outlasts_its_budget_fails_and_says_so() -> None:
    with pytest.raises(Rejected) as failed:
        check([paragraph("x")] * 20, limits=ContentLimits(seconds=0, seconds_per_megabyte=0))
    assert failed.value.cause == "over-budget"
    assert failed.value.reason == "Could not import document"
    assert failed.value.detail == (
        "The document takes longer to check than its budget allows: 0 s and 0 s for each megabyte of CPU time"
    )


def test_a_large_document_has_more_time_than_a_small_one() -> None:
    limits = ContentLimits(seconds=0, seconds_per_megabyte=1)
    Budget(limits, lambda: 60_000_000).look()
    with pytest.raises(OutOfTime):
        Budget(limits, lambda: 0).look()


def free(value: Any) -> dict[str, Any]:
    """A component whose parameters may be anything."""
    return {"component": "anything", "content": {"include": {"service": "x", "params": {"a": value}}}}


WORST = {
    "formatting elements and blocks": [paragraph(interrupted(8, 16))] * 600,
    "paragraphs": [paragraph("<p>x" * 2_000)] * 25,
    "items": [paragraph("<li><dd>" * 99)] * 250,
    "attributes": [paragraph("<b " + " ".join(f"a{number}" for number in range(199)) + ">x</b>")] * 1_000,
    "links": [paragraph("<a data-li-document-ref=1>x</a>" * 1_000)] * 20,
    "objects": [free([orjson.loads('{"a":' * 90 + "1" + "}" * 90)] * 3_000)],
    "arrays": [free([orjson.loads("[" * 90 + "]" * 90)] * 3_000)],
    "unclosed embeds": [{"component": "embed", "content": {"iframe": "<iframe " + "a b='" * 100_000}}],
}


@pytest.mark.parametrize("content", WORST.values(), ids=WORST)
def test_the_worst_that_is_let_in_costs_no_more_than_its_size(content: Any) -> None:
    """Goal: a second, and one for each megabyte; here three times that, for machines differ."""
    started = time.thread_time()
    found = problems(content)
    assert time.thread_time() - started < 3 * (1 + len(orjson.dumps(content)) / 1e6)
    assert set(found) <= {"content", "content.0.content.iframe.html"}


@pytest.mark.parametrize(
    "door",
    [
        pytest.param(lambda size: story([{"content": {"title": "< " * size}}]), id="story"),
        pytest.param(lambda size: list(start_tags("<a b='" * size)), id="markup"),
        pytest.param(lambda size: find_references([{"a": [[[{}]]]}] * size), id="references"),
        pytest.param(lambda size: problems([paragraph("<b>x</b> <a>y</a>")] * (size // 10)), id="texts"),
    ],
)
def test_four_times_as_much_costs_four_times_as_much(door: Any) -> None:
    def seconds(size: int) -> float:
        started = time.process_time()
        door(size)
        return time.process_time() - started

    ratio = min(max(seconds(80_000), 1e-3) / max(seconds(20_000), 1e-3) for _ in range(3))
    assert ratio < 7
