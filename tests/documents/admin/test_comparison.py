"""Two revisions are compared by the ids of their components, then word by word, at a bounded cost."""

from typing import Any

import pytest

from documents.admin import comparison
from documents.admin.comparison import MAX_CHANGES, Compared, Comparison, Side
from livingdocs_import.admin.word_differences import Allowance, compare_words

NOTHING = Compared("", [], {}, {}, "living-times 1.0.1")


def component(id: str, text: str, name: str = "paragraph", **fields: Any) -> dict[str, Any]:
    return {"id": id, "component": name, "content": {"text": text}} | fields


def picture(id: str, media_id: str, **values: Any) -> dict[str, Any]:
    return {"id": id, "component": "image", "content": {"image": {"mediaId": media_id}} | values}


def compare(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Comparison:
    return comparison.compare(content(old), content(new))


def content(components: list[dict[str, Any]]) -> Compared:
    return Compared("", components, {}, {}, "living-times 1.0.1")


def shown(side: Side) -> str:
    """The text of one side, with what is changed in brackets."""
    return "".join(f"[{piece.text}]" if piece.is_changed else piece.text for piece in side.pieces)


def lines(result: Comparison) -> list[tuple[str, str, str]]:
    return [(change.place, shown(change.old), shown(change.new)) for change in result.changes]


# --- Words


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("Seit bald zehn Jahren.", "Seit zehn Jahren.", ("Seit [bald ]zehn Jahren.", "Seit zehn Jahren.")),
        ("vor Stürmen.", "vor Sonnenstürmen.", ("vor [Stürmen].", "vor [Sonnenstürmen].")),
        ("a b", "a b, c", ("a b", "a b[, c]")),
        ("", "new", ("", "[new]")),
        ("same", "same", ("same", "same")),
    ],
)
def test_texts_are_compared_word_by_word(old: str, new: str, pieces: tuple[str, str]) -> None:
    before, after = compare_words(old, new, Allowance())
    assert (shown(Side(before)), shown(Side(after))) == pieces


def test_texts_beyond_the_allowance_differ_as_a_whole() -> None:
    allowance = Allowance(1_000)
    one, other = "x y " * 100, "y x " * 100
    before, after = compare_words(f"begin {one}end", f"begin {other}end", allowance)
    assert [piece.is_changed for piece in before] == [False, True, False]
    assert [piece.is_changed for piece in after] == [False, True, False]
    assert allowance.steps == 1_000, "nothing was spent"


def test_an_allowance_is_spent() -> None:
    allowance = Allowance()
    compare_words("one two three", "three two one", allowance)
    assert allowance.steps < Allowance().steps


def test_long_texts_are_shown_where_they_begin_to_differ() -> None:
    same = "word " * 10_000
    before, after = compare_words(f"{same}old end", f"{same}new end", Allowance())
    assert shown(Side(before)).endswith("[old ]end")
    assert shown(Side(after)).endswith("[new ]end")
    assert len(shown(Side(after))) < 1_000


# --- Components


def test_a_changed_component_is_named_with_its_number() -> None:
    old = [component("a", "one"), component("b", "two words"), component("c", "lead", "lead")]
    new = [component("a", "one"), component("b", "three words"), component("c", "other", "lead")]
    result = compare(old, new)
    assert lines(result) == [
        ("paragraph 2", "[two ]words", "[three ]words"),
        ("lead", "[lead]", "[other]"),
    ]
    assert (result.changed, result.same) == (2, 1)


def test_new_and_removed_components_stand_in_their_place() -> None:
    old = [component("a", "one"), component("b", "gone"), component("c", "three")]
    new = [component("a", "one"), component("c", "three"), component("d", "added", "quote")]
    assert lines(compare(old, new)) == [("paragraph 2, removed", "[gone]", ""), ("quote, new", "", "[added]")]


def test_a_moved_component_is_one_change() -> None:
    old = [component(each, each) for each in "abcd"]
    new = [component(each, each) for each in "bcda"]
    assert lines(compare(old, new)) == [("paragraph 4, moved", "a", "a")]


def test_a_component_that_went_into_a_container_is_moved() -> None:
    box = {"id": "box", "component": "box", "containers": {"inner": []}}
    old = [box, component("a", "text")]
    new = [box | {"containers": {"inner": [component("a", "text")]}}]
    assert lines(compare(old, new)) == [("paragraph, moved", "text", "text")]


def test_components_with_new_ids_are_matched_by_what_they_are() -> None:
    """An import without ids gives each component a new one."""
    old = [component("a1", "one"), component("a2", "two"), component("a3", "three")]
    new = [component("b1", "one"), component("b0", "inserted", "quote"), component("b2", "2"), component("b3", "three")]
    assert lines(compare(old, new)) == [("quote, new", "", "[inserted]"), ("paragraph 2", "[two]", "[2]")]


def test_components_with_lasting_ids_are_not_matched_by_their_names() -> None:
    old = [component("a", "one"), component("b", "two")]
    new = [component("a", "one"), component("c", "three")]
    assert [place for place, _, _ in lines(compare(old, new))] == ["paragraph 2, removed", "paragraph 2, new"]


def test_another_picture_is_shown_on_both_sides() -> None:
    (change,) = compare([picture("a", "moon", caption="A")], [picture("a", "hubble", caption="A")]).changes
    assert change.place == "image"
    assert (change.old.media_id, change.new.media_id, change.new.is_other) == ("moon", "hubble", True)


def test_only_markup_is_a_change_that_can_be_seen() -> None:
    old, new = [component("a", "A <b>bold</b> word")], [component("a", "A <i>bold</i> word")]
    ((_, before, after),) = lines(compare(old, new))
    assert before == "A <[b]>bold</[b]> word"
    assert after == "A <[i]>bold</[i]> word"


def test_another_query_of_an_address_is_a_change_without_the_query() -> None:
    """It may be a signature."""
    old = [{"id": "a", "component": "link", "content": {"link": {"href": "https://a.example/?key=1"}}}]
    new = [{"id": "a", "component": "link", "content": {"link": {"href": "https://a.example/?key=2"}}}]
    ((place, before, after),) = lines(compare(old, new))
    assert (place, "key=" in before + after) == ("link", False)
    assert before.startswith("[")


def test_title_design_metadata_and_translations_are_compared_as_well() -> None:
    old = Compared("A title", [], {"section": "Ausland", "n": 1}, {"fr": {"title": "un"}}, "living-times 1.0.1")
    new = Compared("Title", [], {"section": "Wissen", "n": True}, {"fr": {"title": "deux"}}, "living-times 1.1.0")
    assert lines(comparison.compare(old, new)) == [
        ("title", "[A title]", "[Title]"),
        ("design", "living-times 1.0[.1]", "living-times 1.[1.]0"),
        ("metadata: section", "[Ausland]", "[Wissen]"),
        ("metadata: n", "[1]", "[true]"),
        ("translation fr: title", "[un]", "[deux]"),
    ]


def test_a_huge_document_has_a_bounded_number_of_changes() -> None:
    old = [component(f"c{number}", "x y " * 50) for number in range(5_000)]
    new = [component(f"c{number}", "y x " * 50) for number in range(5_000)]
    result = compare(old, new)
    assert (len(result.changes), result.has_more, result.changed) == (MAX_CHANGES, True, 5_000)


def test_equal_revisions_have_no_changes() -> None:
    assert comparison.compare(NOTHING, NOTHING).changes == []
