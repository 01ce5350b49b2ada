"""The four flags of a document import, and what they do together."""

from typing import Any

import pytest

from documents import services
from documents.models import Document, ImportLog, Publication, PublicationEvent, Revision
from tests.api_client import document_item
from tests.newsroom import PUBLISH, Newsroom, newest

UNPUBLISH = {"id": "a", "checksum": "9", "flags": {"unpublish": True}}


def edit(document_id: int) -> None:
    """What an editor does."""
    services.change(Document.objects.get(pk=document_id), title="By hand", metadata={}, by="ines")


# --- autoPublish -----------------------------------------------------------------------------------------------------


def test_documents_are_published_when_that_is_asked_for(newsroom: Newsroom) -> None:
    """DOC-26"""
    row = newsroom.one(flags=PUBLISH)
    assert row["state"] == "published"
    publication = Publication.objects.get()
    assert (publication.revision_id, publication.unpublished_at) == (row["revision_id"], None)
    assert Document.objects.get().live_publication_id == publication.pk
    assert PublicationEvent.objects.get().event_type == "publish"


@pytest.mark.parametrize("flags", [None, {}, {"autoPublish": False}, {"neverOverwrite": True}])
def test_documents_are_not_published_otherwise(newsroom: Newsroom, flags: Any) -> None:
    """DOC-27"""
    assert newsroom.one(flags=flags)["state"] == "imported"
    assert not Publication.objects.exists()


def test_a_new_revision_alone_leaves_the_publication_as_it_is(newsroom: Newsroom) -> None:
    """DOC-28"""
    row = newsroom.fine(title="Old", metadata={"title": "old"}, flags=PUBLISH)
    assert newsroom.fine(checksum="2", metadata={"title": "new"})["state"] == "imported"
    assert newsroom.publication(row["document_id"])["metadata"] == {"title": "old"}
    assert newest(row["document_id"]).metadata == {"title": "new"}


def test_publishing_again_takes_the_place_of_what_was_live(newsroom: Newsroom) -> None:
    newsroom.fine(flags=PUBLISH)
    row = newsroom.fine(checksum="2", flags=PUBLISH)
    old, new = Publication.objects.order_by("pk")
    assert old.unpublished_at is not None
    assert (new.unpublished_at, new.revision_id) == (None, row["revision_id"])
    assert list(PublicationEvent.objects.order_by("pk").values_list("event_type", "publication")) == [
        ("publish", old.pk),
        ("update", new.pk),
    ]


# --- unpublish -------------------------------------------------------------------------------------------------------


def test_a_published_document_is_taken_back(newsroom: Newsroom) -> None:
    """DOC-40, DOC-41"""
    before = newsroom.fine(flags=PUBLISH)
    (row,) = newsroom.bring(UNPUBLISH)
    assert row == before | {"state": "unpublished", "checksum": "9", "updated_at": row["updated_at"]}
    document = Document.objects.get()
    assert (document.live_publication_id, document.version) == (None, 1)
    assert Publication.objects.get().unpublished_at is not None
    assert [event.event_type for event in PublicationEvent.objects.order_by("pk")] == ["publish", "unpublish"]


def test_taking_back_twice_is_the_same_as_once(newsroom: Newsroom) -> None:
    newsroom.fine(flags=PUBLISH)
    assert [newsroom.bring(UNPUBLISH)[0]["state"] for _ in range(2)] == ["unpublished"] * 2
    assert PublicationEvent.objects.filter(event_type="unpublish").count() == 1


def test_an_unchanged_checksum_does_not_keep_a_document_published(newsroom: Newsroom) -> None:
    """Q-07: the reduced form naturally repeats the last checksum."""
    newsroom.fine(checksum="9", flags=PUBLISH)
    assert newsroom.bring(UNPUBLISH)[0]["state"] == "unpublished"


def test_taking_back_what_was_never_imported_fails(newsroom: Newsroom) -> None:
    """DOC-42"""
    (row,) = newsroom.bring(UNPUBLISH)
    assert (row["state"], row["reason"]) == ("failed", "Document not found")
    assert not Document.objects.exists()


def test_a_document_is_updated_before_it_is_taken_back(newsroom: Newsroom) -> None:
    """(spec 5.1, step 11)"""
    newsroom.fine(flags=PUBLISH)
    row = newsroom.fine(checksum="2", metadata={"title": "last words"}, flags={"unpublish": True})
    assert (row["state"], row["version"]) == ("unpublished", 2)
    assert newest(row["document_id"]).metadata == {"title": "last words"}
    newsroom.publication(row["document_id"], status=404)


def test_a_document_may_be_taken_back_and_published_again(newsroom: Newsroom) -> None:
    newsroom.fine(flags=PUBLISH)
    newsroom.bring(UNPUBLISH)
    row = newsroom.fine(checksum="3", flags=PUBLISH)
    newsroom.publication(row["document_id"])
    events = PublicationEvent.objects.order_by("pk").values_list("event_type", flat=True)
    assert list(events) == ["publish", "unpublish", "publish"]


# --- neverOverwrite --------------------------------------------------------------------------------------------------


def test_an_existing_document_is_never_overwritten(newsroom: Newsroom) -> None:
    """DOC-43"""
    before = newsroom.fine(title="Before")
    row = newsroom.one(checksum="2", title="After", flags={"neverOverwrite": True, "autoPublish": True})
    assert row == before | {"state": "skipped", "reason": "neverOverwrite"}
    assert Document.objects.get().title == "Before"
    assert Revision.objects.count() == 1
    assert not Publication.objects.exists()


def test_a_new_document_is_created_nevertheless(newsroom: Newsroom) -> None:
    """DOC-44"""
    assert newsroom.one(flags={"neverOverwrite": True})["state"] == "imported"


def test_a_document_that_is_skipped_need_not_be_right(newsroom: Newsroom) -> None:
    newsroom.fine()
    row = newsroom.one(checksum="2", flags={"neverOverwrite": True}, content=[{"component": "poem"}])
    assert row["state"] == "skipped"


# --- onlyOverwriteUntouched ------------------------------------------------------------------------------------------


def test_an_untouched_document_is_updated(newsroom: Newsroom) -> None:
    """DOC-45"""
    newsroom.fine()
    assert newsroom.one(checksum="2", flags={"onlyOverwriteUntouched": True})["state"] == "imported"


def test_a_document_that_was_changed_by_hand_is_left_alone(newsroom: Newsroom) -> None:
    """DOC-46"""
    before = newsroom.fine()
    edit(before["document_id"])
    row = newsroom.one(checksum="2", flags={"onlyOverwriteUntouched": True})
    assert row == before | {"state": "skipped", "reason": "document has manual changes"}
    assert Document.objects.get().title == "By hand"


def test_what_the_importer_published_is_not_touched_by_that(newsroom: Newsroom) -> None:
    """(spec 5.3)"""
    newsroom.fine(flags=PUBLISH)
    newsroom.bring(UNPUBLISH)
    assert newsroom.one(checksum="2", flags={"onlyOverwriteUntouched": True})["state"] == "imported"


def test_taking_back_does_not_hide_what_an_editor_did(newsroom: Newsroom) -> None:
    row = newsroom.fine(flags=PUBLISH)
    edit(row["document_id"])
    newsroom.bring(UNPUBLISH)
    assert ImportLog.objects.get().revision_id == row["revision_id"]
    assert newsroom.one(checksum="2", flags={"onlyOverwriteUntouched": True})["state"] == "skipped"


def test_an_import_that_overwrites_makes_a_document_untouched_again(newsroom: Newsroom) -> None:
    edit(newsroom.fine()["document_id"])
    newsroom.fine(checksum="2")
    assert newsroom.one(checksum="3", flags={"onlyOverwriteUntouched": True})["state"] == "imported"


def test_never_wins_over_untouched(newsroom: Newsroom) -> None:
    """(spec 3.4)"""
    edit(newsroom.fine()["document_id"])
    row = newsroom.one(checksum="2", flags={"onlyOverwriteUntouched": True, "neverOverwrite": True})
    assert row["reason"] == "neverOverwrite"


def test_each_document_of_a_batch_has_flags_of_its_own(newsroom: Newsroom) -> None:
    newsroom.bring(document_item(id="a"), document_item(id="b"), document_item(id="c", flags=PUBLISH))
    rows = newsroom.bring(
        document_item(id="a", checksum="2", flags={"neverOverwrite": True}),
        document_item(id="b", checksum="2", flags=PUBLISH),
        {"id": "c", "checksum": "2", "flags": {"unpublish": True}},
        document_item(id="d"),
        document_item(id="a", checksum="1"),
    )
    assert [row["state"] for row in rows] == ["skipped", "published", "unpublished", "imported", "skipped"]
