"""Reading one document item: flags, title, wrapper, and what is not sent."""

from typing import Any

import pytest

from documents.importing.incoming import CONTRADICTION, Flags, Incoming, parts_after
from documents.revisions.parts import DesignVersion, Parts
from livingdocs_import.errors import PermanentFailure

ITEM = {"id": "123abc", "title": "test import", "contentType": "article", "checksum": "xyz456"}
DESIGN = {"name": "living-times", "version": "1.0.1"}


def test_an_item_is_read_with_all_it_brings() -> None:
    item = ITEM | {
        "content": [{"identifier": "header"}],
        "design": DESIGN,
        "metadata": {"description": "foo"},
        "translations": [{"locale": "fr", "metadata": {}}],
        "documentId": 7,
    }
    assert Incoming.read(item) == Incoming(
        external_id="123abc",
        checksum="xyz456",
        title="test import",
        content_type="article",
        content=[{"identifier": "header"}],
        metadata={"description": "foo"},
        translations=[{"locale": "fr", "metadata": {}}],
        design=DesignVersion("living-times", "1.0.1"),
        document_id=7,
    )


@pytest.mark.parametrize(
    ("parts", "bare"),
    [
        ({}, True),
        ({"content": None, "metadata": None, "translations": None, "design": None, "livingdoc": None}, True),
        ({"livingdoc": {}}, True),
        ({"content": []}, False),
        ({"metadata": {}}, False),
        ({"translations": []}, False),
        ({"design": DESIGN}, False),
        ({"livingdoc": {"content": []}}, False),
    ],
)
def test_an_item_that_brings_nothing_to_store_is_bare(parts: dict[str, Any], bare: bool) -> None:
    """DOC-41"""
    assert Incoming.read(ITEM | parts).is_bare is bare


def test_the_wrapper_of_old_is_opened_and_gives_way_to_what_stands_beside_it() -> None:
    """DOC-54"""
    wrapper = {"livingdoc": {"content": [{"identifier": "inside"}], "design": DESIGN}}
    inside = Incoming.read(ITEM | wrapper)
    assert (inside.content, inside.design) == ([{"identifier": "inside"}], DesignVersion("living-times", "1.0.1"))
    beside = Incoming.read(ITEM | wrapper | {"content": [], "design": {"name": "other", "version": "2.0.0"}})
    assert (beside.content, beside.design) == ([], DesignVersion("other", "2.0.0"))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("  padded\n", "padded"),
        ("x" * 1001, "x" * 1000),
        (" " + "ü" * 1000 + " ", "ü" * 1000),
        ("   ", ""),
        (None, None),
    ],
)
def test_a_title_is_trimmed_and_cut_at_a_thousand_characters(title: str | None, expected: str | None) -> None:
    """DOC-53"""
    assert Incoming.read(ITEM | {"title": title}).title == expected


@pytest.mark.parametrize(
    "broken",
    [
        {"title": 5},
        {"livingdoc": "x"},
        {"design": "living-times"},
        {"design": {"name": "living-times"}},
        {"publishControl": "soon"},
        {"publicationDate": "2023-02-30"},
        {"publishControl": {"embargo": "x"}},
    ],
)
def test_an_item_the_request_should_have_been_refused_for_fails_alone(broken: dict[str, Any]) -> None:
    with pytest.raises(PermanentFailure):
        Incoming.read(ITEM | broken)


# --- Flags -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, Flags()),
        ({"autoPublish": True}, Flags(auto_publish=True)),
        ({"unpublish": True}, Flags(unpublish=True)),
        ({"onlyOverwriteUntouched": True}, Flags(only_overwrite_untouched=True)),
        ({"neverOverwrite": True}, Flags(never_overwrite=True)),
        ({"autoPublish": False, "unpublish": None}, Flags()),
        ({"autoPublish": False, "unpublish": True}, Flags(unpublish=True)),
        (
            {"neverOverwrite": True, "onlyOverwriteUntouched": True, "autoPublish": True},
            Flags(auto_publish=True, only_overwrite_untouched=True, never_overwrite=True),
        ),
    ],
)
def test_flags_are_read(value: dict[str, Any], expected: Flags) -> None:
    assert Flags.read(value) == expected


def test_flags_that_contradict_each_other_are_none() -> None:
    """DOC-48"""
    with pytest.raises(ValueError, match=CONTRADICTION):
        Flags.read({"autoPublish": True, "unpublish": True})


# --- Partial updates -------------------------------------------------------------------------------------------------

OLD_DESIGN, NEW_DESIGN = DesignVersion("living-times", "1.0.0"), DesignVersion("living-times", "1.0.1")
STORED = Parts(
    title="Old",
    content=[{"id": "a"}],
    metadata={"title": "old"},
    translations=[{"locale": "fr", "metadata": {}}],
    design=OLD_DESIGN,
)


def bringing(**parts: Any) -> Parts:
    return parts_after(STORED, Incoming(external_id="1", checksum="2", **parts))


def test_what_an_item_does_not_bring_stays() -> None:
    """DOC-52"""
    assert bringing() == STORED


@pytest.mark.parametrize(
    ("part", "value"), [("title", ""), ("metadata", {}), ("translations", []), ("metadata", {"other": 1})]
)
def test_what_it_brings_replaces_the_whole_part(part: str, value: Any) -> None:
    """Q-15"""
    assert bringing(**{part: value}) == Parts(
        **{name: getattr(STORED, name) for name in ("title", "content", "metadata", "translations", "design")}
        | {part: value}
    )


def test_the_design_of_a_revision() -> None:
    """DOC-18, DOC-21: None is the newest version of the project's design"""
    assert bringing(design=NEW_DESIGN).design == NEW_DESIGN
    assert bringing(content=[], design=NEW_DESIGN).design == NEW_DESIGN
    assert bringing(metadata={}).design == OLD_DESIGN
    assert bringing(content=[]).design is None


def test_a_new_document_is_empty_where_the_item_is() -> None:
    assert parts_after(None, Incoming(external_id="1", checksum="2", title="New")) == Parts(
        title="New", content=[], metadata={}, translations=[], design=None
    )
