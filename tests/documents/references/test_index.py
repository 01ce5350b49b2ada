"""References are written wanted minus existing: what stays the same is not written again."""

from typing import Any

from documents.models import Document, DocumentReference
from tests.newsroom import PICTURE, PUBLISH, Newsroom, image, paragraph


def picture(media_id: str, component_id: str) -> dict[str, Any]:
    return {"component": "image", "id": component_id, "content": {"image": PICTURE | {"mediaId": media_id}}}


def rows(scope: str) -> dict[int, str]:
    """Primary key → target, in the order of the links."""
    found = DocumentReference.objects.filter(scope=scope).order_by("position")
    return dict(found.values_list("pk", "target"))


def test_links_that_stay_keep_their_rows(newsroom: Newsroom) -> None:
    newsroom.fine(content=[picture("a", "1"), picture("b", "2"), picture("c", "3")], flags=PUBLISH)
    drafts, live = rows("draft"), rows("publication")
    newsroom.fine(checksum="2", content=[picture("a", "1"), picture("x", "2"), picture("c", "3")])
    assert list(rows("draft").values()) == ["media/a", "media/x", "media/c"]
    assert len(rows("draft").keys() & drafts.keys()) == 2
    assert rows("publication") == live


def test_links_that_go_and_come_at_the_end_touch_no_others(newsroom: Newsroom) -> None:
    newsroom.fine(content=[picture("a", "1"), picture("b", "2")], flags=PUBLISH)
    before = rows("publication")
    newsroom.fine(checksum="2", content=[picture("a", "1")], flags=PUBLISH)
    assert rows("publication").items() <= before.items()
    newsroom.fine(checksum="3", content=[picture("a", "1"), picture("c", "2")], flags=PUBLISH)
    assert list(rows("publication").values()) == ["media/a", "media/c"]


def test_rows_that_stay_move_to_the_front_with_their_document(newsroom: Newsroom) -> None:
    newsroom.fine(id="a", content=[image(id="i")], flags=PUBLISH)
    newsroom.fine(id="b", content=[image(id="i")], flags=PUBLISH)
    newsroom.fine(id="a", checksum="2", content=[image(id="i")], flags=PUBLISH)
    first, second = newsroom.read("mediaLibrary/9fKagDCiN6sb/incomingDocumentReferences", "v1")
    assert first["id"] < second["id"], "the older document was published last"
    assert set(DocumentReference.objects.filter(scope="publication").values_list("sort_id", flat=True)) == set(
        Document.objects.values_list("live_publication_id", flat=True)
    )


def test_a_document_without_links_has_no_rows(newsroom: Newsroom) -> None:
    newsroom.fine(content=[image()], flags=PUBLISH)
    newsroom.fine(checksum="2", content=[paragraph("none")], flags=PUBLISH)
    assert not DocumentReference.objects.exists()


def test_links_belong_to_the_transaction_of_their_document(newsroom: Newsroom) -> None:
    """An item that fails leaves none behind."""
    newsroom.one(contentType="page", content=[{"component": "teaser"}], metadata={"title": "x"}, flags=PUBLISH)
    assert not DocumentReference.objects.exists()
