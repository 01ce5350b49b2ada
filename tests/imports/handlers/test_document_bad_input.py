"""Documents that are large, odd or hostile: each fails by itself, with a report of bounded size, or is simply taken."""

from typing import Any

import pytest

from documents.models import Document, DocumentReference
from imports.models import ImportItem
from imports.worker import Worker
from tests.api_client import document_item
from tests.newsroom import PUBLISH, Newsroom, image, newest, paragraph

WRONG = [None, True, 0, 1.5, "text", [], {}, [[]], [None], {"a": None}]
PLACES = ("content", "containers", "styles", "conditions", "position", "data", "id", "component", "identifier")


def test_a_document_of_five_megabytes_is_taken(newsroom: Newsroom) -> None:
    text = "ü" * 2_500_000
    row = newsroom.fine(content=[paragraph(text)], flags=PUBLISH)
    assert newsroom.publication(row["document_id"])["content"][0]["content"]["text"] == text


def test_five_thousand_components_are_taken(newsroom: Newsroom) -> None:
    content = [image() if number % 10 == 0 else paragraph(f"Paragraph {number}") for number in range(5_000)]
    row = newsroom.fine(content=content, flags=PUBLISH)
    revision = newest(row["document_id"])
    assert len({component["id"] for component in revision.content}) == 5_000
    assert DocumentReference.objects.filter(scope="publication").count() == 500


def test_five_thousand_wrong_components_make_a_short_report(newsroom: Newsroom) -> None:
    row = newsroom.one(content=[{"component": "poem", "x" * 100: 1}] * 5_000)
    assert len(row["error_details"]["errors"]) <= 101
    assert row["error_details"]["errors"][-1] == {"message": "and more problems"}


def test_ten_thousand_unknown_properties_make_a_short_report(newsroom: Newsroom) -> None:
    row = newsroom.one(metadata={f"property{number}": number for number in range(10_000)})
    assert len(row["error_details"]["errors"]) <= 101


def test_an_id_that_stands_twice_is_found_at_any_depth(newsroom: Newsroom) -> None:
    gallery = {"component": "gallery", "containers": {"images": [image(id="same")]}}
    row = newsroom.one(content=[gallery, paragraph("x", id="same")])
    assert [error["path"] for error in row["error_details"]["errors"]] == ["content.1.id"]


def test_components_nest_as_deep_as_json_may(newsroom: Newsroom) -> None:
    """Three levels of JSON for each component; a gallery takes images only, so every level is a problem of its own."""
    component: dict[str, Any] = {"component": "gallery"}
    for _ in range(30):
        component = {"component": "gallery", "containers": {"images": [component]}}
    row = newsroom.one(content=[component])
    assert len(row["error_details"]["errors"]) == 30


@pytest.mark.parametrize("place", PLACES)
def test_wrong_types_inside_of_a_component_fail_the_item_only(newsroom: Newsroom, place: str) -> None:
    rows = newsroom.bring(
        *(document_item(content=[{"component": "paragraph"} | {place: value}]) for value in WRONG),
        document_item(content=[paragraph("neighbour")]),
    )
    assert rows[-1]["state"] == "imported"
    for row in rows[:-1]:
        assert row["state"] in {"imported", "failed"}
        if row["state"] == "failed":
            assert row["reason"] == "Invalid content", row
            assert all(error["path"].startswith("content.0") for error in row["error_details"]["errors"])


@pytest.mark.parametrize("handle", ["title", "teaserImage", "category", "language", "author", "relatedArticles"])
def test_wrong_types_in_metadata_fail_the_item_only(newsroom: Newsroom, handle: str) -> None:
    rows = newsroom.bring(*(document_item(metadata={handle: value}) for value in WRONG), document_item())
    assert rows[-1]["state"] == "imported"
    assert {row["reason"] for row in rows if row["state"] == "failed"} == {"Invalid metadata"}


@pytest.mark.parametrize("value", WRONG)
def test_wrong_types_in_translations_fail_the_item_only(newsroom: Newsroom, value: Any) -> None:
    first, second = newsroom.bring(document_item(translations=[value]), document_item())
    assert first["reason"] == "Invalid translations"
    assert second["state"] == "imported"


def test_texts_that_are_known_to_be_trouble_come_back_as_they_were(newsroom: Newsroom) -> None:
    texts = [
        "undefined", "NULL", "1e1000", "-1", "' OR 1=1 --", "\u202etest\u202c", "Ω≈ç√∫",
        "田中さんにあげて下さい", "👩‍👩‍👧‍👦", "\ufeff",
        "%s%d{}{{}}", "\\", "../../etc/passwd", "\t\r\n", "a" * 500, "ﷺ", "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮", "\x7f", "\x01",
    ]  # fmt: skip
    rows = newsroom.bring(
        *(document_item(id=f"id {text[:300]}", title=text, checksum=text, metadata={"title": text}) for text in texts)
    )
    for row, text in zip(rows, texts, strict=True):
        assert row["checksum"] == text
        assert newest(row["document_id"]).metadata.get("title") == text
        assert Document.objects.get(pk=row["document_id"]).title == text.strip()[:1000]


def test_a_reference_to_something_that_cannot_exist_is_stored_nowhere(newsroom: Newsroom) -> None:
    text = f'<a href="https://example.com/" data-li-document-ref="{"x" * 10_000}">link</a>'
    row = newsroom.fine(content=[paragraph(text)], flags=PUBLISH)
    assert newest(row["document_id"]).content[0]["content"]["text"] == text
    assert not DocumentReference.objects.exists()


def test_a_chunk_that_takes_too_long_is_continued_by_another_worker(newsroom: Newsroom, settings: Any) -> None:
    """What was not begun is given back uncounted."""
    settings.IMPORT_CHUNK_SECONDS = -1.0
    job = newsroom.caller.import_documents(document_item())
    assert Worker().run(seconds=0.2), "somebody should go on"
    item = ImportItem.objects.get()
    assert (item.outcome, item.attempts, item.claimed) == ("open", 0, False)
    settings.IMPORT_CHUNK_SECONDS = 5.0
    newsroom.run()
    assert newsroom.caller.status(job, "documents")["logs"][0]["state"] == "imported"


def test_a_document_with_too_many_references_fails_and_its_neighbours_are_stored(newsroom: Newsroom) -> None:
    links = [f"<a data-li-document-ref={number}>x</a>" for number in range(10_001)]
    many = [paragraph("".join(links[start : start + 2_000])) for start in range(0, 10_001, 2_000)]
    before, failed, after = newsroom.bring(
        document_item(id="a", content=[paragraph("x")]),
        document_item(id="b", content=many),
        document_item(id="c", content=[paragraph("x")]),
    )
    assert (before["state"], after["state"]) == ("imported", "imported")
    assert failed["state"] == "failed"
    assert failed["error_details"]["errors"] == [
        {"path": "content", "message": "must NOT have more than 10000 references"}
    ]
