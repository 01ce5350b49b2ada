"""A client that has the current response gets a 304."""

import re
from typing import Any

import pytest

from livingdocs_import.project_config import store
from tests.api_client import CONFIG, Caller, document_item
from tests.newsroom import PUBLISH, Newsroom

SCOPES = ("public-api:read", "public-api:write", "public-api:drafts:read")
READS = [
    "mediaLibrary/it",
    "mediaLibrary?ids=it",
    "mediaLibrary/it/keys",
    "mediaLibrary/it/incomingDocumentReferences",
    "mediaLibrary/it/incomingMediaReferences",
    "documents/{}/latestPublication",
    "documents/{}/latestDraft",
    "documents/latestPublications",
    "documents/{}/incomingDocumentReferences",
    "documents/{}/incomingMediaReferences",
    "drafts/{}/incomingDocumentReferences",
]
NEWEST = "2026-07"


def entry() -> dict[str, Any]:
    asset = {"key": "it.jpg", "url": "https://cdn.example/it.jpg", "size": 1, "width": 1, "height": 1}
    asset |= {"filename": "it.jpg", "mimeType": "image/jpeg"}
    return {"id": "it", "mediaType": "image", "asset": asset, "metadata": {"title": "It", "caption": "On a wall"}}


@pytest.fixture
def caller(newsroom: Newsroom) -> Caller:
    """A client that reads `it`, and a published document."""
    newsroom.bring(document_item(id="a", title="One", flags=PUBLISH))
    caller = Caller(newsroom.caller.project, SCOPES, version=NEWEST)
    caller.post("import/mediaLibrary", {"mediaLibraryEntries": [entry()]})
    return caller


def paths(caller: Caller) -> list[str]:
    (found,) = caller.get("documents/latestPublications").json()["results"]
    return [path.format(found["systemdata"]["documentId"]) for path in READS]


def test_every_read_has_a_tag_and_is_not_sent_again_with_its_tag(caller: Caller) -> None:
    """TRN-02"""
    for path in paths(caller):
        first = caller.get(path)
        assert re.fullmatch(r'W/"[0-9a-f]{32}"', first["ETag"]), path
        assert first["Cache-Control"] == "private, no-cache"
        again = caller.get(path, **{"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        assert again["Cache-Control"] == "private, no-cache"
        assert "Content-Type" not in again.headers
        assert caller.get(path)["ETag"] == first["ETag"], "the same as long as nothing changes"


@pytest.mark.parametrize("named", ["{}", "{strong}", "*", '"x", {}', 'W/"y",{},"z"'])
def test_a_tag_may_be_among_others_and_weak_or_strong(caller: Caller, named: str) -> None:
    """TRN-02: proxies weaken tags, and some make weak ones strong."""
    tag = caller.get("mediaLibrary/it")["ETag"]
    header = named.format(tag, strong=tag.removeprefix("W/"))
    assert caller.get("mediaLibrary/it", **{"If-None-Match": header}).status_code == 304


@pytest.mark.parametrize("named", ["", "x", 'W/"x"', '"', "W/", "\x7f", '"' * 5000, ","])
def test_any_other_gets_the_answer(caller: Caller, named: str) -> None:
    """TRN-02"""
    answer = caller.get("mediaLibrary/it", **{"If-None-Match": named})
    assert (answer.status_code, answer.json()["id"]) == (200, "it")


def test_a_patch_changes_the_tag(caller: Caller) -> None:
    """TRN-02"""
    reads = ("mediaLibrary/it", "mediaLibrary?ids=it")
    tags = [caller.get(path)["ETag"] for path in reads]
    patches = [{"operation": "setMetadataProperty", "propertyName": "caption", "value": "New"}]
    assert caller.patch("mediaLibrary/it", {"patches": patches}).status_code == 200
    for path, tag in zip(reads, tags, strict=True):
        assert caller.get(path, **{"If-None-Match": tag}).status_code == 200


def test_a_configuration_changes_the_tag_of_what_it_shows_differently(caller: Caller) -> None:
    """TRN-02: the entry is as it was, and so is its version."""
    tag = caller.get("mediaLibrary/it")["ETag"]
    without = {"exifExtraction": {"mappings": []}}
    types = [
        each | without | {"metadata": [found for found in each["metadata"] if found["handle"] != "caption"]}
        for each in CONFIG["mediaTypes"]
    ]
    store.store(caller.project, CONFIG | {"mediaTypes": types}, by="test")
    answer = caller.get("mediaLibrary/it", **{"If-None-Match": tag})
    assert (answer.status_code, answer.json()["metadata"]) == (200, {"title": "It"})


def test_so_does_a_new_publication(caller: Caller, newsroom: Newsroom) -> None:
    """TRN-02"""
    documents = [path for path in paths(caller) if "latest" in path]
    tags = [caller.get(path)["ETag"] for path in documents]
    newsroom.bring(document_item(id="a", title="Two", checksum="2", metadata={"title": "Two"}, flags=PUBLISH))
    for path, tag in zip(documents, tags, strict=True):
        assert caller.get(path, **{"If-None-Match": tag}).status_code == 200


def test_versions_that_answer_differently_have_different_tags(caller: Caller) -> None:
    older, newer = (caller.get("mediaLibrary?ids=it", version)["ETag"] for version in ("v1", NEWEST))
    assert older != newer


def test_a_refusal_has_none_and_is_one_whatever_is_named(caller: Caller) -> None:
    """TRN-02: a tag opens no door."""
    for path, status in (("mediaLibrary/nobody", 404), ("mediaLibrary?ids=it&x=1", 400)):
        answer = caller.get(path, **{"If-None-Match": "*"})
        assert answer.status_code == status
        assert "ETag" not in answer.headers
    assert caller.client.get("/api/v1/mediaLibrary/it", headers={"If-None-Match": "*"}).status_code == 401


def test_what_is_written_has_none(caller: Caller) -> None:
    answer = caller.post("import/images", {"systemName": "x", "images": []}, If_None_Match="*")
    assert answer.status_code == 200
    assert "ETag" not in answer.headers


def test_a_head_has_the_tag_of_the_get(caller: Caller) -> None:
    headers = {"Authorization": f"Bearer {caller.token}"}
    answer = caller.client.head(caller.url("mediaLibrary/it"), headers=headers)
    assert answer["ETag"] == caller.get("mediaLibrary/it")["ETag"]
    again = caller.client.head(caller.url("mediaLibrary/it"), headers=headers | {"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
