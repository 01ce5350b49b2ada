"""Manual operations on a document: change, publish, unpublish, delete, restore."""

import pytest
import time_machine

from documents import services
from documents.models import Document, DocumentReference, Publication, PublicationEvent, Revision
from livingdocs_import.errors import Rejected
from livingdocs_import.project_config import store
from tests.api_client import CONFIG
from tests.newsroom import PICTURE, PUBLISH, Newsroom, image, newest

NOW = "2026-03-01T12:00:00.500Z"


@pytest.fixture
def document(newsroom: Newsroom) -> Document:
    row = newsroom.fine(
        title="Imported",
        content=[image(id="i")],
        metadata={"title": "imported"},
        translations=[{"locale": "fr", "metadata": {"description": "x"}}],
    )
    return Document.objects.get(pk=row["document_id"])


def test_a_change_is_a_new_revision_by_its_author(document: Document) -> None:
    before = newest(document.pk)
    assert services.change(document, title="  By hand ", metadata={"title": "by hand"}, by="ines")
    after = newest(document.pk)
    assert (after.version, after.title, after.metadata) == (2, "By hand", {"title": "by hand"})
    assert (after.source, after.author, after.job) == ("admin", "ines", "")
    assert (after.content, after.translations, after.design_version) == (
        before.content, before.translations, before.design_version,
    )  # fmt: skip
    document.refresh_from_db()
    assert (document.version, document.title) == (2, "By hand")


def test_nothing_changed_is_no_revision(document: Document) -> None:
    assert not services.change(document, title="Imported", metadata={"title": "imported"}, by="ines")
    assert Revision.objects.count() == 1


def test_a_change_that_does_not_fit_is_rejected_as_in_an_import(document: Document) -> None:
    with pytest.raises(Rejected) as refused:
        services.change(document, title="x", metadata={"title": 5}, by="ines")
    assert refused.value.errors == [{"metadataProperty": "title", "message": "The value of '/title' must be string"}]
    assert Revision.objects.count() == 1


def test_a_change_finds_its_references(document: Document) -> None:
    services.change(document, title="x", metadata={"teaserImage": PICTURE | {"mediaId": "new"}}, by="ines")
    targets = DocumentReference.objects.filter(scope="draft").order_by("position").values_list("target", flat=True)
    assert list(targets) == ["media/9fKagDCiN6sb", "media/new"]


def test_a_change_is_seen_by_readers_when_it_is_published(newsroom: Newsroom, document: Document) -> None:
    services.publish(document, by="ines")
    services.change(document, title="x", metadata={"title": "by hand"}, by="ines")
    assert newsroom.publication(document.pk)["metadata"] == {"title": "imported"}
    assert services.publish(document, by="ines")
    assert newsroom.publication(document.pk)["metadata"] == {"title": "by hand"}
    assert len(newsroom.publication(document.pk)["references"]) == 1


def test_publishing_sets_the_dates(newsroom: Newsroom, document: Document) -> None:
    with time_machine.travel(NOW, tick=False):
        services.publish(document, by="ines")
    systemdata = newsroom.publication(document.pk)["systemdata"]
    assert systemdata["firstPublicationDate"] == systemdata["lastPublicationDate"] == NOW


def test_publishing_twice_makes_one_publication(document: Document) -> None:
    """(spec 5.5)"""
    assert services.publish(document, by="ines")
    assert not services.publish(document, by="ines")
    assert Publication.objects.count() == PublicationEvent.objects.count() == 1


def test_publishing_is_no_change_by_hand(newsroom: Newsroom, document: Document) -> None:
    services.publish(document, by="ines")
    assert newsroom.one(checksum="2", flags={"onlyOverwriteUntouched": True})["state"] == "imported"


def test_what_is_missing_keeps_a_document_from_being_published(newsroom: Newsroom) -> None:
    newsroom.fine(contentType="page", metadata={})
    with pytest.raises(Rejected) as refused:
        services.publish(Document.objects.get(), by="ines")
    assert refused.value.reason == "Invalid metadata"
    assert not Publication.objects.exists()


def test_an_embargo_holds_for_every_author(newsroom: Newsroom) -> None:
    newsroom.fine(publishControl={"embargo": {"reason": "court order"}}, flags=PUBLISH)
    with pytest.raises(Rejected, match="court order"):
        services.publish(Document.objects.get(), by="ines")


def test_taking_back(newsroom: Newsroom, document: Document) -> None:
    services.publish(document, by="ines")
    assert services.unpublish(document, by="ines")
    assert not services.unpublish(document, by="ines")
    newsroom.publication(document.pk, status=404)
    assert not DocumentReference.objects.filter(scope="publication").exists()
    assert Publication.objects.get().unpublished_at is not None


def test_a_deleted_document_is_gone_for_every_reader(newsroom: Newsroom, document: Document) -> None:
    """Q-17"""
    services.publish(document, by="ines")
    assert services.delete(document, by="ines")
    assert not services.delete(document, by="ines")
    newsroom.publication(document.pk, status=404)
    newsroom.draft(document.pk, status=404)
    assert not DocumentReference.objects.exists()
    assert newsroom.one(checksum="2")["reason"] == "Document has been deleted"
    for change in (services.publish, services.unpublish):
        with pytest.raises(Rejected, match="deleted"):
            change(document, by="ines")
    with pytest.raises(Rejected, match="deleted"):
        services.change(document, title="x", metadata={}, by="ines")


def test_a_restored_document_is_there_again_but_not_published(newsroom: Newsroom, document: Document) -> None:
    services.publish(document, by="ines")
    services.delete(document, by="ines")
    assert services.restore(document, by="anna")
    assert not services.restore(document, by="anna")
    newsroom.publication(document.pk, status=404)
    assert len(newsroom.draft(document.pk)["references"]) == 1
    assert newsroom.one(checksum="2")["state"] == "imported"


def test_without_its_content_type_a_document_can_only_be_taken_back(newsroom: Newsroom, document: Document) -> None:
    services.publish(document, by="ines")
    store.store(newsroom.caller.project, CONFIG | {"contentTypes": CONFIG["contentTypes"][1:]}, by="test")
    document = Document.objects.get()
    with pytest.raises(Rejected) as refused:
        services.change(document, title="x", metadata={}, by="ines")
    assert refused.value.reason == 'Unknown contentType "article"'
    assert services.unpublish(document, by="ines")
