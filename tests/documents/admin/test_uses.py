"""An entry's page says in which publications and in which drafts it is used, each with its page."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from documents.admin import uses
from documents.models import Document, DocumentReference
from media_library.models import MediaEntry
from tests.api_client import Caller
from tests.media_library.admin.test_library import LIST, make_entry
from tests.newsroom import PICTURE, PUBLISH, Newsroom, image
from tests.operators import operator


@pytest.fixture
def entry(newsroom: Newsroom) -> MediaEntry:
    return make_entry(newsroom.caller, "bridge", media_id=PICTURE["mediaId"])


def panel(entry: MediaEntry, client: Client | None = None) -> str:
    shown = (client or operator()).get(f"{LIST}{entry.pk}/change/").content.decode()
    return str(shown.partition('id="used"')[2].partition("</section>")[0])


def rows(shown: str) -> list[tuple[str, str]]:
    """The documents of a table and their states."""
    return re.findall(r'<td class="main"><a href="[^"]*">([^<]*)</a>.*?<span class="tag [a-z]*">([a-z]*)</span>', shown)


def question(*entries: MediaEntry) -> str:
    keys = [entry.pk for entry in entries]
    return str(operator().post(f"{LIST}act/revoke/", {"object": keys}).content.decode())


def test_publications_and_drafts_stand_apart_each_with_its_page(newsroom: Newsroom, entry: MediaEntry) -> None:
    newsroom.fine(id="live", title="Live", content=[image()], flags=PUBLISH)
    newsroom.fine(id="draft", title="Not yet", content=[image(), image()])
    shown = panel(entry)
    assert rows(shown) == [("Live", "live"), ("Not yet", "draft")]
    assert "<p>1 publication, 1 draft</p>" in shown
    for document in Document.objects.all():
        assert f'href="/admin/documents/document/{document.pk}/change/"' in shown


def test_a_document_that_readers_see_with_it_is_no_draft(newsroom: Newsroom, entry: MediaEntry) -> None:
    newsroom.fine(id="a", title="Live", content=[image()], flags=PUBLISH)
    newsroom.fine(id="a", title="Live, changed", content=[image(), image()], checksum="2")
    assert [state for _, state in rows(panel(entry))] == ["live"]


def test_a_published_document_whose_draft_alone_has_it_is_a_draft(newsroom: Newsroom, entry: MediaEntry) -> None:
    newsroom.fine(id="a", title="Story", content=[], flags=PUBLISH)
    newsroom.fine(id="a", title="Story", content=[image()], checksum="2")
    assert [state for _, state in rows(panel(entry))] == ["draft"]


def test_documents_of_another_project_are_not_listed(newsroom: Newsroom, entry: MediaEntry, herald: Caller) -> None:
    newsroom.fine(id="a", content=[image()])
    other = make_entry(herald, "bridge", media_id=entry.media_id)
    assert rows(panel(other)) == []
    assert "draft" not in question(other)


def test_the_places_of_a_document_are_in_one_row(newsroom: Newsroom, entry: MediaEntry) -> None:
    newsroom.fine(id="a", title="Story", content=[image(), image()], flags=PUBLISH)
    assert panel(entry).count("<td>image</td>") == 1


def test_a_revocation_names_the_number_of_drafts(newsroom: Newsroom, entry: MediaEntry) -> None:
    newsroom.fine(id="a", content=[image()])
    assert "It is used in 1 draft that readers do not see." in question(entry)
    newsroom.fine(id="b", content=[image()], flags=PUBLISH)
    newsroom.fine(id="c", content=[image()])
    shown = question(entry, make_entry(newsroom.caller, "river"))
    assert "Readers see it now in one publication" in shown
    assert "Also in 2 drafts that readers do not see." in shown


def test_of_very_many_the_newest_are_shown_and_no_more_than_a_bound_is_read(
    newsroom: Newsroom, entry: MediaEntry
) -> None:
    newsroom.fine(id="a", content=[image()])
    draft = DocumentReference.objects.values().get()
    newsroom.fine(id="b", title="Newest", content=[image()])
    copies = (
        DocumentReference(**draft | {"id": None, "position": position}) for position in range(1, uses.MAX_LOOKED_AT + 1)
    )
    DocumentReference.objects.bulk_create(copies)
    client = operator()
    with CaptureQueriesContext(connection) as queries:
        shown = panel(entry, client)
    assert rows(shown)[0][0] == "Newest"
    assert "2 or more drafts" in shown
    assert "The newest 2; there are more." in shown
    assert len(queries) <= 20
