"""The documented bodies with something else put in each of their places: named by its path, or taken; neighbours live.

A place is every object, list and value of an example, however deep.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from documents.models import Document
from imports.models import ImportJob
from media_library.models import FormerAsset, MediaEntry
from tests.api_client import Caller, document_item
from tests.imports.api import test_accepting_documents, test_accepting_images
from tests.media_library.entries import test_create
from tests.media_library.entries.test_create import asset, create, image
from tests.newsroom import PICTURE, Newsroom, paragraph

Place = tuple[str | int, ...]

GONE = object()
WRONG: list[Any] = [
    None, True, False, 0, -1, 1.5, 2**63 - 1, "", " ", "a\nb", "null", "😀", "\ufffe", "x" * 3000, "2023-02-30",
    "10000-01-01T00:00:00Z", [], [[]], [None], {}, {"": None}, {"a": {"b": []}}, {"$ref": "document"}, GONE,
]  # fmt: skip
PATCH = json.loads(Path("tests/data/seed_media_patch.json").read_text())
DOCUMENT = test_accepting_documents.SEED_EXAMPLE["documents"][0] | {
    "content": [
        {"component": "header", "id": "h", "content": {"title": "imported title"}},
        paragraph('a <a href="/x" data-li-document-ref="7">link</a>', styles={"lead": "paragraph--lead"}),
        {"component": "image", "content": {"image": PICTURE, "caption": "of a cat"}},
        {"component": "gallery", "containers": {"images": [{"component": "image", "content": {"image": PICTURE}}]}},
        {"component": "quote", "content": {"text": "x", "source": {"href": "https://example.com", "target": "_blank"}}},
        {"component": "embed", "content": {"free-html": {"service": "free-html", "html": "<p>x</p>"}}},
    ],
    "metadata": {
        "title": "t", "description": "foo", "teaserImage": PICTURE, "category": {"id": "home", "path": "/"},
        "author": {"$ref": "document", "reference": {"id": "1"}},
        "relatedArticles": {"$ref": "documents", "references": [{"id": "2"}]},
    },
}  # fmt: skip


def places(value: Any, here: Place = ()) -> Iterator[Place]:
    """Every place below the root."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*here, key)
        yield from places(child, (*here, key))


def changed(value: Any, place: Place, other: Any) -> Any:
    """The value with `other` in a place, or with nothing in it when that is GONE."""
    value = json.loads(json.dumps(value))  # a copy in which no two places are one object
    parent = value
    for key in place[:-1]:
        parent = parent[key]
    if other is GONE:
        del parent[place[-1]]
    else:
        parent[place[-1]] = other
    return value


def is_about(path: str, place: Place) -> bool:
    """Whether a problem's path is the place, above it or below it."""
    said, meant = path.split("."), [str(key) for key in place]
    shorter = min(len(said), len(meant))
    return said[:shorter] == meant[:shorter]


def variants(body: Any, every: int = 1) -> Iterator[tuple[Place, Any, Any]]:
    """Place, value, and the body with it; each place gets every n-th value, and the next place the next ones."""
    for number, place in enumerate(places(body)):
        for other in WRONG[number % every :: every]:
            yield place, other, changed(body, place, other)


# --- Whole requests --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "body"),
    [("images", test_accepting_images.SEED_EXAMPLE), ("documents", test_accepting_documents.SEED_EXAMPLE)],
)
def test_a_batch_with_something_wrong_anywhere_is_refused_by_path_or_taken(
    times: Caller, kind: str, body: dict[str, Any]
) -> None:
    """ERR-03, ERR-05, JOB-14, JOB-15, JOB-17, JOB-20, JOB-25"""
    accepted = 0
    for place, other, variant in variants(body):
        answer = times.post(f"import/{kind}", variant)
        if answer.status_code == 200:
            accepted += 1
        else:
            assert answer.status_code == 400, (place, other)
            assert all(is_about(path, place) for path in answer.json()["error_details"]), (place, other)
        assert ImportJob.objects.count() == accepted
    assert accepted


def test_a_patch_with_something_wrong_anywhere_is_refused_as_a_whole_or_done(times: Caller) -> None:
    """PAT-06, PAT-08, PAT-15, PAT-17, PAT-23"""
    english = [{"locale": "en", "asset": asset("2022/08/25/en.jpeg", **test_create.JPEG)}]
    create(times, image(id="it", metadata={"title": "before"}, translations=english))
    before = MediaEntry.objects.values().get()
    for place, other, variant in variants(PATCH):
        answer = times.patch("mediaLibrary/it", variant)
        if answer.status_code == 200:
            assert MediaEntry.objects.get().version == 2
            FormerAsset.objects.all().delete()
            MediaEntry.objects.update(**before)
            continue
        # Of the numbers, some are versions that the entry does not have.
        assert answer.status_code == 400 or (answer.status_code == 409 and place == ("version",)), (place, other)
        details = answer.json()["error_details"]
        if "patchIndex" in details:
            assert place[:2] == ("patches", details["patchIndex"]), (place, other)
        elif answer.status_code == 400:
            assert all(is_about(path, place) for path in details), (place, other)
        assert MediaEntry.objects.values().get() == before
    assert not FormerAsset.objects.exists()


# --- One element among good ones -------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", test_create.SEED, ids=lambda entry: str(entry["mediaType"]))
def test_an_entry_with_something_wrong_anywhere_fails_alone_and_says_where(times: Caller, entry: Any) -> None:
    """MLI-12, MLI-15, MLI-16, MLI-18 to MLI-22, MLI-25"""
    cases = list(variants(entry))
    sent = []
    for number, (place, _, variant) in enumerate(cases):
        free = {"id": f"n-{number}", "externalId": f"n-{number}"}
        sent.append(variant | {name: value for name, value in free.items() if place != (name,)})
    good = entry | {"id": "good", "externalId": "good"}
    *elements, neighbour = create(times, *sent, good)
    assert neighbour["ok"]
    for (place, other, _), element in zip(cases, elements, strict=True):
        if element["ok"]:
            continue
        assert (element["status"], element["error"]) in {(400, "ValidationError"), (409, "UniqueIdViolation")}, place
        for error in element["error_details"].get("errors", []):
            # A property of the metadata, and the locale of a translation, are named by themselves.
            path = error.get("path") or f"metadata.{error['metadataProperty']}"
            assert is_about(path, place) or place[0] == "translations", (place, other, element)
    stored = {element["id"]: element["record"] for element in [*elements, neighbour] if element["ok"]}
    assert set(MediaEntry.objects.values_list("media_id", flat=True)) == set(stored)
    for some in list(stored)[::10]:
        assert times.get(f"mediaLibrary/{some}").json() == stored[some]


def test_a_document_with_something_wrong_anywhere_fails_alone_and_says_where(newsroom: Newsroom) -> None:
    """DOC-08, DOC-10, DOC-11, DOC-16, DOC-20, DOC-22, DOC-47, DOC-50, JOB-08: in the request or in the item."""
    caller = newsroom.caller
    cases, sent = [], []
    for number, (place, other, variant) in enumerate(variants(DOCUMENT, every=3)):
        item = variant if place == ("id",) else variant | {"id": f"n-{number}"}
        cases.append((place, other))
        sent.append(item)
    refused = set()
    for start in range(0, len(sent), 200):
        body = {"systemName": "archive", "documents": sent[start : start + 200]}
        answer = caller.post("import/documents", body)
        for path in answer.json().get("error_details", {}):
            _, index, *rest = path.split(".", 2)
            refused.add(start + int(index))
            assert not rest or is_about(rest[0], cases[start + int(index)][0]), (path, cases[start + int(index)])
    taken = [number for number in range(len(sent)) if number not in refused]
    rows = newsroom.bring(*(sent[number] for number in taken), document_item(id="good"))
    assert rows.pop()["state"] == "imported"
    for number, row in zip(taken, rows, strict=True):
        if row["state"] != "failed":
            continue
        assert row["reason"].startswith(("Invalid ", "Unknown contentType", "Unknown design")), row
        for error in row["error_details"].get("errors", []):
            path = error.get("path") or f"metadata.{error['metadataProperty']}"
            assert is_about(path, cases[number][0]) or cases[number][0][0] == "translations", (cases[number], row)
    assert Document.objects.count() == len([row for row in rows if row["state"] != "failed"]) + 1


def test_of_a_batch_in_which_every_second_document_is_invalid_the_other_half_is_imported(newsroom: Newsroom) -> None:
    """JOB-08, JOB-21"""
    wrong = [
        {"contentType": "poem"}, {"content": [{"component": "poem"}]}, {"metadata": {"title": 5}},
        {"metadata": {"nobody": "knows"}}, {"translations": [{"locale": "xx"}]},
        {"design": {"name": "a", "version": "1"}},
        {"content": [paragraph("a", id="twice"), paragraph("b", id="twice")]}, {"content": [{"component": 5}]},
        {"translations": [{"locale": "fr"}, {"locale": "fr"}]}, {"metadata": {"teaserImage": "a.jpg"}},
    ]  # fmt: skip
    items = [document_item(**(wrong[n // 2 % len(wrong)] if n % 2 else {})) for n in range(200)]
    rows = newsroom.bring(*items)
    assert [row["state"] for row in rows] == ["imported", "failed"] * 100
    assert [row["external_id"] for row in rows] == [item["id"] for item in items]
    assert all(row["error_details"]["message"] for row in rows if row["state"] == "failed")
    assert Document.objects.count() == 100
