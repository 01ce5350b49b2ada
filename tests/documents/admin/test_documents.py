"""Documents in the admin: search, display, publish and unpublish; references."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents import services
from documents.models import Document
from imports.models import ImportItem
from media_library.models import MediaEntry
from tests.api_client import document_item
from tests.newsroom import PICTURE, PUBLISH, Newsroom, image, paragraph
from tests.operators import operator

LIST = "/admin/documents/document/"
VIEW = "documents.view_document"


def page(document: Document | int, client: Any = None) -> str:
    answer = (client or operator()).get(f"{LIST}{getattr(document, 'pk', document)}/change/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def act(action: str, document: Document, client: Any = None, **data: str) -> Any:
    return (client or operator()).post(f"{LIST}act/{action}/", {"object": document.pk} | data, follow=True)


@pytest.fixture
def document(newsroom: Newsroom) -> Document:
    row = newsroom.fine(
        id="ext-1",
        title="A <b>title</b>",
        content=[paragraph("Once <i>upon</i> a time"), {"component": "gallery", "containers": {"images": [image()]}}],
        metadata={"title": "the metadata", "author": {"$ref": "document", "reference": {"id": "999"}}},
        translations=[{"locale": "fr", "metadata": {"description": "en français"}}],
        flags=PUBLISH,
    )
    return Document.objects.get(pk=row["document_id"])


# --- The list --------------------------------------------------------------------------------------------------------


@pytest.fixture
def _several(newsroom: Newsroom) -> None:
    """One document in each state."""
    newsroom.bring(
        document_item(id="published", title="Alpha", flags=PUBLISH),
        document_item(id="changed", title="Beta", flags=PUBLISH),
        document_item(id="draft", title="Gamma"),
        document_item(id="deleted", title="Delta", flags=PUBLISH),
    )
    newsroom.bring(document_item(id="changed", title="Beta", checksum="2"))
    services.delete(Document.objects.get(title="Delta"), by="ines")


@pytest.mark.usefixtures("_several")
@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", {"Alpha", "Beta", "Gamma", "Delta"}),
        ("state=published", {"Alpha", "Beta"}),
        ("state=changed", {"Beta"}),
        ("state=draft", {"Gamma"}),
        ("state=deleted", {"Delta"}),
        ("q=changed", {"Beta"}),
        ("q=gam", {"Gamma"}),
        ("q=nothing", set()),
        ("q=99999999999999999999", set()),
        ("updated=1", {"Alpha", "Beta", "Gamma", "Delta"}),
    ],
)
def test_documents_are_found_by_what_one_asks_for(query: str, titles: set[str]) -> None:
    shown = operator().get(f"{LIST}?{query}").content.decode()
    assert {title for title in ("Alpha", "Beta", "Gamma", "Delta") if f">{title}<" in shown} == titles


def test_a_document_is_found_by_its_number(document: Document) -> None:
    assert "1 document" in operator().get(f"{LIST}?q={document.pk}").content.decode()
    assert "0 documents" in operator().get(f"{LIST}?q={document.pk + 1}").content.decode()


def test_the_list_costs_the_same_whatever_its_length(newsroom: Newsroom) -> None:
    client = operator()

    def statements() -> int:
        cache.clear()  # keeps the numbers of the navigation for some seconds
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST)
        return len(captured)

    newsroom.bring(document_item(flags=PUBLISH))
    before = statements()
    newsroom.bring(*(document_item(flags=PUBLISH) for _ in range(30)))
    assert statements() == before


# --- The page --------------------------------------------------------------------------------------------------------


def test_a_page_shows_the_facts_that_exist(document: Document) -> None:
    shown = page(document)
    assert "A &lt;b&gt;title&lt;/b&gt;" in shown
    assert "A <b>title</b>" not in shown
    for reported in ("published", "living-times 1.0.1", "ext-1", "archive", "Once upon a time", "9fKagDCiN6sb",
                 "the metadata", "en français", "document 999", "job <a"):  # fmt: skip
        assert reported in shown, reported
    assert "embargo" not in shown.lower()


def test_a_page_leads_to_what_it_links_to_and_to_what_links_to_it(newsroom: Newsroom, document: Document) -> None:
    (row,) = newsroom.bring(
        document_item(
            title="The linking one",
            metadata={"author": {"$ref": "document", "reference": {"id": str(document.pk)}}},
            flags=PUBLISH,
        )
    )
    linking = f'<a href="{LIST}{row["document_id"]}/change/">The linking one</a>'
    assert f'{linking} <span class="quiet">links here</span><span class="sub">author</span>' in page(document)
    assert f'<a href="{LIST}{document.pk}/change/">A &lt;b&gt;title&lt;/b&gt;</a>' in page(row["document_id"])


def test_an_entry_s_page_names_the_documents_that_show_it(newsroom: Newsroom) -> None:
    asset = {
        "key": "a/b.png", "url": "https://assets.example/b.png", "size": 1, "width": 1, "height": 1,
        "filename": "b.png", "mimeType": "image/png",
    }  # fmt: skip
    entry = {"id": "entry-1", "mediaType": "image", "asset": asset, "metadata": {}}
    newsroom.caller.post("import/mediaLibrary", {"mediaLibraryEntries": [entry]})
    picture = {"component": "image", "content": {"image": PICTURE | {"mediaId": "entry-1"}}}
    row = newsroom.fine(title="Illustrated", content=[picture], flags=PUBLISH)
    number = MediaEntry.objects.get().pk
    shown = operator().get(f"/admin/media_library/mediaentry/{number}/change/").content.decode()
    assert f'<a href="{LIST}{row["document_id"]}/change/">Illustrated</a>' in shown
    assert "<td>image</td>" in shown


def test_an_item_leads_to_the_document_it_became(newsroom: Newsroom, document: Document) -> None:
    shown = operator().get(f"/admin/imports/importitem/{ImportItem.objects.get().pk}/change/").content.decode()
    assert f'<a href="{LIST}{document.pk}/change/">{document.pk}</a>' in shown


def test_large_documents_have_a_page_of_bounded_size(newsroom: Newsroom) -> None:
    row = newsroom.fine(content=[image(id=f"i{number}") for number in range(1_000)], flags=PUBLISH)
    shown = page(row["document_id"])
    assert "The first 200 components; there are more." in shown
    assert "The first 50 each way; there are more." in shown


# --- Doing something about it ----------------------------------------------------------------------------------------


def test_publishing_and_taking_back(newsroom: Newsroom, document: Document) -> None:
    assert ">Publish<" not in page(document)
    assert "Readers and deliveries will not see it any more" in act("unpublish", document).content.decode()
    newsroom.publication(document.pk)
    assert "is unpublished" in act("unpublish", document, yes="1").content.decode()
    newsroom.publication(document.pk, status=404)
    assert "is published" in act("publish", document).content.decode()
    assert "nothing to do" in act("publish", document).content.decode()
    newsroom.publication(document.pk)
    assert LogEntry.objects.filter(object_id=document.pk).count() == 2


def test_deleting_and_restoring(newsroom: Newsroom, document: Document) -> None:
    assert "It can be restored" in act("delete", document).content.decode()
    assert "is deleted" in act("delete", document, yes="1").content.decode()
    newsroom.draft(document.pk, status=404)
    shown = page(document)
    assert "Restore" in shown
    assert "Change title or metadata" not in shown
    assert ">Publish<" not in shown
    assert "nothing to do" in act("publish", document).content.decode()
    assert "is restored" in act("restore", document).content.decode()
    newsroom.draft(document.pk)


def test_what_cannot_be_published_is_reported(newsroom: Newsroom) -> None:
    newsroom.fine(contentType="page", metadata={})
    shown = act("publish", Document.objects.get()).content.decode()
    assert "title: The field &#x27;title&#x27; is required" in shown
    assert "slug: The field &#x27;slug&#x27; is required" in shown


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [
        ("documents.view_document", set()),
        ("documents.change_document", {"publish", "unpublish", "restore"}),
        ("documents.delete_document", {"delete"}),
    ],
)
def test_each_action_needs_its_permission(document: Document, permission: str, allowed: set[str]) -> None:
    client = operator(VIEW, permission)
    done = {
        action
        for action in ("publish", "unpublish", "delete", "restore")
        if act(action, document, client).status_code != 403
    }
    assert done == allowed
    shown = page(document, client)
    assert ("Unpublish" in shown) == ("unpublish" in allowed)


def test_documents_are_not_added_or_removed_by_hand(document: Document) -> None:
    client = operator()
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{document.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{LIST}act/publish/").status_code == 405
    assert client.post(f"{LIST}act/burn/", {"object": document.pk}).status_code == 403


def test_without_permission_there_is_nothing_to_see(document: Document) -> None:
    client = operator("imports.view_importjob")
    assert client.get(LIST).status_code == 403
    assert ">Documents</a>" not in client.get("/admin/").content.decode()
    assert ">Documents</a>" in operator(VIEW).get("/admin/").content.decode()
