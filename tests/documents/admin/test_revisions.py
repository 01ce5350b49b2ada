"""Changing a document in the admin: the form for its next revision."""

import json
from typing import Any

import pytest

from documents import services
from documents.models import Document, Revision
from tests.newsroom import PUBLISH, Newsroom, newest, paragraph
from tests.operators import operator

ADD = "/admin/documents/revision/add/"


@pytest.fixture
def document(newsroom: Newsroom) -> Document:
    row = newsroom.fine(title="Imported", content=[paragraph("x")], metadata={"title": "ü <imported>"}, flags=PUBLISH)
    return Document.objects.get(pk=row["document_id"])


def submit(document: Document, client: Any = None, **changes: Any) -> str:
    data = {"subject": document.pk, "seen": 1, "title": "By hand", "text": '{"title": "by hand"}'} | changes
    answer = (client or operator()).post(ADD, data, follow=True)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_the_form_starts_with_what_there_is(document: Document) -> None:
    shown = operator().get(f"{ADD}?document={document.pk}").content.decode()
    assert 'value="Imported"' in shown
    assert "ü &lt;imported&gt;" in shown


def test_a_change_makes_a_revision_and_touches_the_document(newsroom: Newsroom, document: Document) -> None:
    """DOC-46"""
    shown = submit(document)
    assert "revision 2 is stored" in shown
    assert "published, changed since" in shown
    assert "yes, since revision 1" in shown
    revision = newest(document.pk)
    assert (revision.title, revision.metadata, revision.version) == ("By hand", {"title": "by hand"}, 2)
    assert (revision.source, revision.author) == ("admin", "operator-0")
    row = newsroom.one(checksum="2", flags={"onlyOverwriteUntouched": True})
    assert row["reason"] == "document has manual changes"


def test_saving_without_a_change_makes_no_revision(document: Document) -> None:
    submit(document, title="Imported", text=json.dumps({"title": "ü <imported>"}))
    assert Revision.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "reported"),
    [
        ({"text": '{"title": 5}'}, "title: The value of &#x27;/title&#x27; must be string"),
        ({"text": '{"unheard": 1}'}, "unheard: The metadata property &#x27;unheard&#x27; is not configured"),
        ({"text": "{"}, "message: The request body is not valid JSON"),
        ({"text": "[]"}, "metadata: must be a JSON object"),
        ({"text": '{"title": "a", "title": "b"}'}, "title: Duplicate key"),
        ({"text": ""}, "This field is required"),
        ({"title": "x" * 1001}, "at most 1000 characters"),
        ({"seen": 7}, "It is at version 1; the change was made to 7."),
    ],
)
def test_what_does_not_fit_is_reported_and_not_stored(
    document: Document, changes: dict[str, Any], reported: str
) -> None:
    shown = submit(document, **changes)
    assert reported in shown
    assert Revision.objects.count() == 1


def test_an_edit_of_a_stale_version_is_refused(newsroom: Newsroom, document: Document) -> None:
    newsroom.fine(checksum="2", title="Imported again")
    assert "It is at version 2; the change was made to 1." in submit(document)
    assert newest(document.pk).title == "Imported again"


def test_a_deleted_document_is_not_changed(document: Document) -> None:
    services.delete(document, by="ines")
    submit(document)
    assert Revision.objects.count() == 1
    assert 'value="Imported"' not in operator().get(f"{ADD}?document={document.pk}").content.decode()


@pytest.mark.parametrize("query", ["", "?document=", "?document=x", "?document=999999", f"?document={'9' * 30}"])
def test_the_form_without_a_document_is_empty(document: Document, query: str) -> None:
    assert operator().get(f"{ADD}{query}").status_code == 200


def test_a_change_needs_its_permission(document: Document) -> None:
    client = operator("documents.view_document", "documents.change_document", "documents.view_revision")
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, {"subject": document.pk}).status_code == 403


def test_old_revisions_can_be_looked_at_and_nothing_else(newsroom: Newsroom, document: Document) -> None:
    old = document.current_revision_id
    newsroom.fine(checksum="2", content=[paragraph("second")])
    client = operator()
    shown = client.get(f"/admin/documents/revision/{old}/change/").content.decode()
    assert "Content, revision 1" in shown
    assert "living-times 1.0.1" in shown
    assert "ü &lt;imported&gt;" in shown
    assert client.post(f"/admin/documents/revision/{old}/change/", {"title": "x"}).status_code == 403
    assert client.post(f"/admin/documents/revision/{old}/delete/", {"post": "yes"}).status_code == 403
    assert "revision 2" in client.get("/admin/documents/revision/").content.decode()
