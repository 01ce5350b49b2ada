"""An update of some parts of a document: the others stay, and are not validated again."""

from typing import Any

import pytest

from documents.models import Document
from livingdocs_import.project_config import store
from tests.api_client import CONFIG
from tests.newsroom import PUBLISH, Newsroom, image, newest, paragraph

FULL: dict[str, Any] = {
    "content": [paragraph("Hello", id="p"), image(id="i")],
    "metadata": {"title": "Hello", "description": "all of it"},
    "translations": [{"locale": "fr", "metadata": {"description": "tout"}}],
    "design": {"name": "living-times", "version": "1.0.1"},
}


def parts(document_id: int) -> dict[str, Any]:
    revision = newest(document_id)
    return {
        "content": revision.content,
        "metadata": revision.metadata,
        "translations": revision.translations,
        "design": {"name": revision.design_name, "version": revision.design_version},
    }


def configure(newsroom: Newsroom, **changes: Any) -> None:
    store.store(newsroom.caller.project, CONFIG | changes, by="test")


def article(*handles: str) -> list[dict[str, Any]]:
    metadata = [{"handle": handle, "type": "li-text", "config": {"required": True}} for handle in handles]
    return [{"handle": "article", "documentType": "article", "metadata": metadata}]


@pytest.mark.parametrize("brought", ["content", "metadata", "translations"])
def test_what_is_not_sent_stays(newsroom: Newsroom, brought: str) -> None:
    """DOC-52, Q-15"""
    row = newsroom.fine(**FULL)
    before = parts(row["document_id"])
    new = {"content": [], "metadata": {"title": "new"}, "translations": []}[brought]
    newsroom.fine(checksum="2", **{brought: new})
    assert parts(row["document_id"]) == before | {brought: new}


def test_what_is_sent_replaces_the_part_as_a_whole(newsroom: Newsroom) -> None:
    """Q-15: metadata is replaced, not merged."""
    row = newsroom.fine(**FULL)
    newsroom.fine(checksum="2", metadata={"title": "new"})
    assert newest(row["document_id"]).metadata == {"title": "new"}


def test_null_is_as_good_as_nothing(newsroom: Newsroom) -> None:
    row = newsroom.fine(**FULL)
    before = parts(row["document_id"])
    newsroom.fine(checksum="2", content=None, metadata=None, translations=None, design=None)
    assert parts(row["document_id"]) == before


def test_a_design_stays_with_the_content_that_stays(newsroom: Newsroom) -> None:
    row = newsroom.fine(**FULL)
    configure(newsroom, design={"name": "living-times", "version": "2.0.0"})
    newsroom.fine(checksum="2", metadata={})
    assert newest(row["document_id"]).design_version == "1.0.1"
    newsroom.fine(checksum="3", content=[paragraph("new")])
    assert newest(row["document_id"]).design_version == "2.0.0"


def test_content_that_stays_has_to_fit_a_new_design(newsroom: Newsroom) -> None:
    newsroom.fine(**FULL)
    kept = [component for component in CONFIG["components"] if component["name"] == "paragraph"]
    configure(newsroom, components=kept, design={"name": "living-times", "version": "2.0.0"}, contentTypes=article())
    row = newsroom.one(checksum="2", design={"name": "living-times", "version": "2.0.0"})
    assert {error["path"].rpartition(".")[0] for error in row["error_details"]["errors"]} == {"content.1"}


def test_metadata_that_stays_need_not_be_configured_any_more(newsroom: Newsroom) -> None:
    row = newsroom.fine(**FULL)
    configure(newsroom, contentTypes=article())
    newsroom.fine(checksum="2", content=[paragraph("new")], flags=PUBLISH)
    assert newest(row["document_id"]).metadata == FULL["metadata"]
    assert newsroom.publication(row["document_id"])["metadata"] == {}, "PUB-07"


def test_metadata_that_stays_has_to_be_complete_for_readers(newsroom: Newsroom) -> None:
    newsroom.fine(**FULL)
    configure(newsroom, contentTypes=article("title", "kicker"))
    assert newsroom.one(checksum="2", content=[], translations=[])["state"] == "imported"
    row = newsroom.one(checksum="3", content=[], translations=[], flags=PUBLISH)
    assert row["error_details"]["errors"] == [
        {"metadataProperty": "kicker", "message": "The field 'kicker' is required"}
    ]


def test_a_translation_that_stays_has_to_be_complete_for_readers(newsroom: Newsroom) -> None:
    newsroom.fine(**FULL)
    shorter = {"handle": "description", "type": "li-text", "config": {"translatable": True, "minLength": 10}}
    configure(newsroom, contentTypes=[article()[0] | {"metadata": [shorter]}])
    row = newsroom.one(checksum="2", metadata={"description": "long enough"}, flags=PUBLISH)
    assert row["reason"] == "Invalid translations"
    assert row["error_details"]["errors"][0]["translationLocale"] == "fr"


def test_content_that_stays_keeps_its_references(newsroom: Newsroom) -> None:
    row = newsroom.fine(**FULL)
    newsroom.fine(checksum="2", metadata={})
    links = newsroom.draft(row["document_id"])["references"]
    assert [link["componentId"] for link in links] == ["i"]


def test_what_an_editor_wrote_meanwhile_is_what_stays(newsroom: Newsroom) -> None:
    row = newsroom.fine(**FULL)
    document = Document.objects.get()
    newsroom.fine(checksum="2", metadata={"title": "second"})
    assert newest(row["document_id"]).content == parts(document.pk)["content"]
    assert newest(row["document_id"]).version == 2
