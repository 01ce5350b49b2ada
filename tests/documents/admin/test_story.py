"""A document's content for reading: components by name, texts without tags, pictures, other values by their subject."""

from typing import Any

import pytest

from documents.admin.story import MAX_COMPONENTS, MAX_TEXT, Part, media_ids, story


def parts(component: str = "paragraph", **content: Any) -> list[Part]:
    ((block),) = story([{"component": component, "content": content}])
    return list(block.parts)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Once <i>upon</i> a time", "Once upon a time"),
        ("Tom &amp; J&eacute;rôme", "Tom & Jérôme"),
        ("one<br>two</p><p>three", "one\ntwo\nthree"),
        ("<b>x</b> 3 < 4", "x 3 < 4"),
        ("3 < 4<br>5", "3 < 4\n5"),
        (f"no character: &#{'1' * 5_000};", "no character: \ufffd"),
    ],
)
def test_texts_have_no_tags(html: str, text: str) -> None:
    assert parts(text=html) == [Part("text", text)]


def test_nested_components_have_a_level() -> None:
    inner = {"component": "paragraph", "content": {"text": "inside"}}
    blocks = story([{"component": "box", "containers": {"a": [inner]}}, inner])
    assert [(block.name, block.level) for block in blocks] == [("box", 0), ("paragraph", 1), ("paragraph", 0)]


def test_headings_quotations_pictures_and_captions_look_different() -> None:
    assert parts("header", title="T") == [Part("title", "T")]
    assert parts("quote", text="Q", title="who") == [Part("quote", "Q"), Part("quote", "who")]
    shown = parts("image", image={"mediaId": "m1"}, caption="C")
    assert shown == [Part("picture", "m1", "m1"), Part("caption", "C")]
    assert media_ids(story([{"component": "image", "content": {"image": {"mediaId": "m1"}}}])) == {"m1"}


def test_other_values_are_named_by_their_subject() -> None:
    assert parts(link={"href": "https://a.example/x?key=1"}) == [Part("value", "https://a.example/x?…")]
    assert parts(include={"service": "related", "params": {}}) == [Part("value", "related")]
    assert parts(empty=None, blank="") == []
    assert parts(toggle=True) == [Part("value", "true")]


def test_long_texts_and_many_components_are_cut() -> None:
    ((part),) = parts(text="x" * (MAX_TEXT + 1))
    assert len(part.text) == MAX_TEXT
    assert len(story([{"component": "a"}] * (MAX_COMPONENTS + 10))) == MAX_COMPONENTS + 1
