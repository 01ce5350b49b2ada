"""Publishing a document of a usage purpose is noted as a use of each media entry that it refers to (spec 4.7)."""

from collections.abc import Callable
from typing import Any

import pytest

from documents import services
from documents.models import Document, Publication
from media_library.models import UsageLogEntry
from tests.api_client import CONFIG, Caller, make_project
from tests.media_library.entries.test_create import create
from tests.media_library.entries.test_create import image as entry
from tests.newsroom import PICTURE, PUBLISH, Newsroom, image, paragraph

WEB = {
    "handle": "web",
    "label": "Web",
    "contentType": "article",
    "recordUsageLogEntry": "ours",
    "paramsSchema": [{"handle": "section", "type": "li-text", "config": {"required": True}}],
}
TEASER = {"teaserImage": PICTURE | {"mediaId": "second"}}


def newsroom_with(run_workers: Callable[[], None], **media_center: Any) -> Newsroom:
    caller = Caller(make_project("times", CONFIG | {"mediaCenter": {"usagePurposes": [WEB]} | media_center}))
    for media_id in (PICTURE["mediaId"], "second", "unused"):
        create(caller, entry(id=media_id))
    return Newsroom(caller, run_workers)


@pytest.fixture
def newsroom(db: None, run_workers: Callable[[], None]) -> Newsroom:
    return newsroom_with(run_workers)


def log(newsroom: Newsroom, media_id: Any = PICTURE["mediaId"]) -> list[dict[str, Any]]:
    uses: list[dict[str, Any]] = newsroom.caller.get(f"mediaLibrary/{media_id}/usageLog").json()["results"]
    return uses


def article(**fields: Any) -> dict[str, Any]:
    return {"content": [paragraph("a"), image(), image()], "metadata": TEASER, "flags": PUBLISH} | fields


def published(newsroom: Newsroom, **fields: Any) -> dict[str, Any]:
    row = newsroom.one(**article(**fields))
    assert row["state"] == "published", row
    return row


def test_each_entry_gets_one_pending_use(newsroom: Newsroom) -> None:
    """USE-09"""
    number = published(newsroom)["document_id"]
    publication = Publication.objects.get()
    for media_id in (PICTURE["mediaId"], "second"):
        (use,) = log(newsroom, media_id)
        assert (use["state"], use["purpose"], use["params"]) == ("pending", "web", {})
        assert (use["documentId"], use["publicationId"]) == (number, publication.pk)
        assert use["publicationDate"]
    assert log(newsroom, "unused") == []


def test_publishing_again_notes_nothing_twice(newsroom: Newsroom) -> None:
    """USE-10"""
    published(newsroom)
    (first,) = log(newsroom)
    published(newsroom, checksum="2", title="another")
    assert log(newsroom) == [first]
    newsroom.fine(checksum="3", title="third", content=[image(), paragraph("b")], metadata=TEASER)
    services.publish(Document.objects.get(), by="editor")
    assert log(newsroom) == [first]


def test_what_is_not_published_is_not_used(newsroom: Newsroom) -> None:
    newsroom.fine(**article(flags={}))
    newsroom.fine(**article(id="b", contentType="page", metadata={"title": "B", "slug": "b"}, content=[]))
    assert not UsageLogEntry.objects.exists()


def test_an_image_that_lies_elsewhere_is_not_used(newsroom: Newsroom) -> None:
    foreign = {name: value for name, value in PICTURE.items() if name != "mediaId"}
    content = [
        {"component": "image", "content": {"image": picture}} for picture in (foreign, PICTURE | {"mediaId": "no"})
    ]
    published(newsroom, content=content, metadata={})
    assert not UsageLogEntry.objects.exists()


def confirmed(document: dict[str, Any], medium: dict[str, Any]) -> dict[str, Any]:
    return {"state": "confirmed", "params": {"section": f"{document['title']} {medium['id']}"}}


def failing(document: dict[str, Any], medium: dict[str, Any]) -> dict[str, Any]:
    Document.objects.create(pk=document["documentId"], project_id=0)  # the database refuses it
    return {}


def test_a_function_of_the_operator_says_more(newsroom: Newsroom, settings: Any) -> None:
    settings.USAGE_LOG_FUNCTIONS = {"ours": f"{__name__}.confirmed"}
    published(newsroom, title="Lake")
    (use,) = log(newsroom)
    assert (use["state"], use["params"]) == ("confirmed", {"section": f"Lake {PICTURE['mediaId']}"})


@pytest.mark.parametrize(
    "path", [f"{__name__}.failing", "nowhere.at.all", f"{__name__}.PICTURE", "builtins.dict", "builtins.max"]
)
def test_a_function_that_fails_never_keeps_a_document_from_being_published(
    newsroom: Newsroom, settings: Any, path: str
) -> None:
    """USE-11"""
    settings.USAGE_LOG_FUNCTIONS = {"ours": path}
    published(newsroom)
    assert [use["state"] for use in log(newsroom)] == ["pending"]


def test_a_use_that_was_taken_back_is_noted_again(newsroom: Newsroom) -> None:
    published(newsroom)
    UsageLogEntry.objects.all().delete()
    published(newsroom, checksum="2", title="another")
    assert len(log(newsroom)) == 1
