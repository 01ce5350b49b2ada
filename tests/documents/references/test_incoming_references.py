"""Incoming references of a media entry or a document: every kind of link, in every version's shape."""

from typing import Any

import pytest

from documents.models import DocumentReference
from livingdocs_import.project_config import store
from tests.api_client import Caller, document_item
from tests.documents.content import living_times
from tests.newsroom import PICTURE, PUBLISH, Newsroom, image, paragraph

MEDIA = PICTURE["mediaId"]
IN_CONTENT = {
    "id": MEDIA,
    "type": "image",
    "location": "image-directive",
    "componentId": "doc-1ev8345oj0",
    "componentName": "image",
    "directiveName": "image",
}
IN_METADATA = {"id": MEDIA, "type": "image", "location": "metadata", "propertyName": "teaserImage"}


@pytest.fixture
def every_directive(newsroom: Newsroom) -> Newsroom:
    """A project whose design has a component for each kind of directive."""
    store.store(newsroom.caller.project, living_times.CONFIG, by="test")
    return newsroom


def incoming(newsroom: Newsroom, media_id: Any = MEDIA, version: str = "v1", extra: str = "") -> Any:
    return newsroom.read(f"mediaLibrary/{media_id}/incomingDocumentReferences{extra}", version)


def linked(newsroom: Newsroom, target: int | str, kind: str = "documents") -> list[dict[str, Any]]:
    """The references to a target, all documents together."""
    rows = newsroom.read(f"{kind}/{target}/incomingDocumentReferences", "v1")
    return [link for row in rows for link in row["references"]]


def publish(newsroom: Newsroom, **fields: Any) -> int:
    number: int = newsroom.bring(document_item(flags=PUBLISH, **fields))[0]["document_id"]
    return number


# --- What a link looks like ------------------------------------------------------------------------------------------


def test_the_example_of_the_documentation(newsroom: Newsroom) -> None:
    """REF-01, REF-02, REF-04, REF-05, REF-06, REF-11, REF-17, REF-26: the entry does not exist (spec B)."""
    document_id = publish(newsroom, content=[image(id="doc-1ev8345oj0")], metadata={"teaserImage": PICTURE})
    assert incoming(newsroom) == [{"id": document_id, "references": [IN_CONTENT, IN_METADATA]}]


def test_links_inside_of_containers_are_found(newsroom: Newsroom) -> None:
    """REF-10"""
    publish(newsroom, content=[{"component": "gallery", "containers": {"images": [image(id="doc-1ev8345oj0")]}}])
    assert incoming(newsroom)[0]["references"] == [IN_CONTENT]


@pytest.mark.parametrize(("kind", "mime"), [("video", "video/mp4"), ("audio", "audio/mp3"), ("file", "text/csv")])
def test_every_kind_of_media_has_a_directive(every_directive: Newsroom, kind: str, mime: str) -> None:
    """REF-12"""
    value = {"mediaId": MEDIA, "originalUrl": "https://assets.example/x", "mimeType": mime}
    publish(every_directive, content=[{"component": "media", "id": "m", "content": {kind: value}}])
    assert incoming(every_directive)[0]["references"] == [
        {
            "id": MEDIA,
            "type": kind,
            "location": f"{kind}-directive",
            "componentId": "m",
            "componentName": "media",
            "directiveName": kind,
        }
    ]


def test_a_link_in_a_text_leads_to_a_document(newsroom: Newsroom) -> None:
    """REF-19, REF-24"""
    publish(newsroom, content=[paragraph('<a href="/x" data-li-document-ref="7">link</a>', id="p")])
    assert linked(newsroom, 7) == [
        {
            "id": "7",
            "type": "document",
            "location": "editable-directive",
            "componentId": "p",
            "componentName": "paragraph",
            "directiveName": "text",
        }
    ]


def test_a_link_to_a_document_of_another_system_is_none_to_ours(newsroom: Newsroom) -> None:
    text = '<a href="/x" data-li-document-ref="7" data-li-external-system="wires">link</a>'
    document_id = publish(newsroom, content=[paragraph(text, id="p")])
    assert linked(newsroom, 7) == []
    assert newsroom.publication(document_id)["references"][0]["externalSystem"] == "wires"


def test_an_include_leads_to_what_its_parameters_name(every_directive: Newsroom) -> None:
    """REF-20"""
    value = {"service": "related", "params": {"article": {"$ref": "document", "reference": {"id": "7"}}}}
    publish(every_directive, content=[{"component": "related", "id": "r", "content": {"list": value}}])
    assert linked(every_directive, 7) == [
        {
            "id": "7",
            "type": "document",
            "location": "include-directive",
            "componentId": "r",
            "componentName": "related",
            "directiveName": "list",
            "serviceName": "related",
            "propertyName": "article",
        }
    ]


def test_an_override_of_an_include_leads_to_what_it_shows(every_directive: Newsroom) -> None:
    """REF-21"""
    overrides = [{"id": "teaser-1", "content": {"image": PICTURE}}]
    value = {"service": "related", "params": {}, "overrides": overrides}
    publish(every_directive, content=[{"component": "related", "id": "r", "content": {"list": value}}])
    assert incoming(every_directive)[0]["references"] == [
        {
            "id": MEDIA,
            "type": "image",
            "location": "include-directive-override",
            "componentId": "r",
            "componentName": "related",
            "directiveName": "list",
            "serviceName": "related",
            "overrideId": "teaser-1",
            "overrideDirectiveName": "image",
        }
    ]


def test_a_list_of_documents_is_one_link_for_each(newsroom: Newsroom) -> None:
    """REF-22"""
    references = {"$ref": "documents", "references": [{"id": "7"}, {"id": 8}]}
    document_id = publish(newsroom, metadata={"relatedArticles": references})
    for number in (7, 8):
        assert linked(newsroom, number) == [
            {"id": str(number), "type": "document", "location": "metadata", "propertyName": "relatedArticles"}
        ]
    assert len(newsroom.publication(document_id)["references"]) == 2


def test_a_language_leads_to_its_group(newsroom: Newsroom) -> None:
    """REF-23"""
    document_id = publish(newsroom, metadata={"language": {"locale": "de", "groupId": "YbzTpusGyJtF"}})
    assert newsroom.publication(document_id)["references"] == [
        {"id": "YbzTpusGyJtF", "type": "language-group", "location": "metadata", "propertyName": "language"}
    ]


def test_links_of_translations_count_and_equal_ones_count_once(every_directive: Newsroom) -> None:
    """(spec 4.6)"""
    config = living_times.CONFIG | {
        "settings": {"languages": {"available": [{"locale": "de"}, {"locale": "fr"}]}},
    }
    store.store(every_directive.caller.project, config, by="test")
    clip = {"$ref": "video", "reference": {"id": "v1"}}
    other = {"$ref": "video", "reference": {"id": "v2"}}
    document_id = publish(
        every_directive, metadata={"clip": clip}, translations=[{"locale": "fr", "metadata": {"clip": clip}}]
    )
    assert [link["id"] for link in every_directive.publication(document_id)["references"]] == ["v1"]
    document_id = publish(
        every_directive, metadata={"clip": clip}, translations=[{"locale": "fr", "metadata": {"clip": other}}]
    )
    assert [link["id"] for link in every_directive.publication(document_id)["references"]] == ["v1", "v2"]


# --- Publications and drafts -----------------------------------------------------------------------------------------


def test_drafts_do_not_count(newsroom: Newsroom) -> None:
    """REF-07, REF-18: an id without incoming links gives an empty list."""
    newsroom.fine(content=[image()])
    assert incoming(newsroom) == []


def test_what_changed_since_publication_does_not_count(newsroom: Newsroom) -> None:
    """REF-08"""
    newsroom.fine(content=[image(id="doc-1ev8345oj0")], flags=PUBLISH)
    newsroom.fine(checksum="2", content=[], metadata={"teaserImage": PICTURE | {"mediaId": "other"}})
    assert incoming(newsroom)[0]["references"] == [IN_CONTENT]
    assert incoming(newsroom, "other") == []


def test_a_new_publication_counts_at_once(newsroom: Newsroom) -> None:
    newsroom.fine(content=[image(id="doc-1ev8345oj0")], flags=PUBLISH)
    newsroom.fine(checksum="2", content=[], metadata={"teaserImage": PICTURE}, flags=PUBLISH)
    assert incoming(newsroom)[0]["references"] == [IN_METADATA]


def test_unpublishing_removes_a_document_from_the_list(newsroom: Newsroom) -> None:
    """REF-09"""
    newsroom.fine(content=[image()], flags=PUBLISH)
    newsroom.bring({"id": "a", "checksum": "2", "flags": {"unpublish": True}})
    assert incoming(newsroom) == []
    assert DocumentReference.objects.filter(scope="draft").count() == 1


def test_drafts_have_an_endpoint_of_their_own(newsroom: Newsroom) -> None:
    """REF-24, REF-25"""
    newsroom.caller = Caller(newsroom.caller.project, ("public-api:write", "public-api:drafts:read"))
    text = '<a href="/x" data-li-document-ref="7">link</a>'
    never_published = newsroom.fine(content=[paragraph(text)])["document_id"]
    assert [row["id"] for row in newsroom.read("drafts/7/incomingDocumentReferences", "v1")] == [never_published]
    newsroom.fine(checksum="2", content=[])
    assert newsroom.read("drafts/7/incomingDocumentReferences", "v1") == []


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("mediaLibrary/x/incomingDocumentReferences", "public-api:read"),
        ("mediaLibrary/x/incomingMediaReferences", "public-api:read"),
        ("documents/1/incomingDocumentReferences", "public-api:read"),
        ("documents/1/incomingMediaReferences", "public-api:read"),
        ("drafts/1/incomingDocumentReferences", "public-api:drafts:read"),
    ],
)
def test_each_endpoint_needs_its_own_scope(times: Caller, path: str, scope: str) -> None:
    """AUTH-13, REF-25"""
    others = {"public-api:read", "public-api:write", "public-api:drafts:read", "public-api:config:read"} - {scope}
    assert times.with_scopes(scope).get(path).status_code == 200
    assert times.with_scopes(*others).get(path).status_code == 403


def test_media_entries_link_to_documents(newsroom: Newsroom) -> None:
    """REF-03, REF-13, REF-24"""
    asset = {
        "key": "a/b.png", "url": "https://assets.example/b.png", "size": 1, "width": 1, "height": 1,
        "filename": "b.png", "mimeType": "image/png",
    }  # fmt: skip
    metadata = {"documentLink": {"$ref": "document", "reference": {"id": "3"}}, "imageLink": PICTURE}
    entry = {"id": "98sXCahM5PEk", "mediaType": "image", "asset": asset, "metadata": metadata}
    assert newsroom.caller.post("import/mediaLibrary", {"mediaLibraryEntries": [entry]}).status_code == 200
    link = {"id": "3", "type": "document", "location": "metadata", "propertyName": "documentLink"}
    assert newsroom.read("documents/3/incomingMediaReferences", "v1") == [{"id": "98sXCahM5PEk", "references": [link]}]
    link = {"id": MEDIA, "type": "image", "location": "metadata", "propertyName": "imageLink"}
    rows = newsroom.read(f"mediaLibrary/{MEDIA}/incomingMediaReferences", "v1")
    assert rows == [{"id": "98sXCahM5PEk", "references": [link]}]
    assert newsroom.read(f"documents/{MEDIA}/incomingMediaReferences", "v1", status=404), "no document has such an id"


def test_a_document_and_an_entry_may_have_the_same_id(newsroom: Newsroom) -> None:
    publish(newsroom, metadata={"teaserImage": PICTURE | {"mediaId": "7"}})
    assert linked(newsroom, 7) == []
    assert len(linked(newsroom, 7, "mediaLibrary")) == 1


def test_another_project_sees_nothing(newsroom: Newsroom, herald: Caller) -> None:
    """AUTH-14"""
    publish(newsroom, content=[image()])
    assert herald.get(f"mediaLibrary/{MEDIA}/incomingDocumentReferences").json() == []


# --- Pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(newsroom: Newsroom) -> list[int]:
    """105 documents that link to the same entry, as they are listed: the one published last first."""
    items = [document_item(content=[image(), image()], flags=PUBLISH) for _ in range(105)]
    rows = newsroom.bring(*items)
    newsroom.bring(items[0] | {"checksum": "2"})
    numbers = [row["document_id"] for row in rows]
    return [numbers[0], *reversed(numbers[1:])]


def test_pages_have_a_hundred_documents_unless_less_is_asked_for(newsroom: Newsroom, many: list[int]) -> None:
    """REF-14, REF-16, REF-17, Q-20"""
    assert [row["id"] for row in incoming(newsroom)] == many[:100]
    assert [row["id"] for row in incoming(newsroom, extra="?limit=2&offset=1")] == many[1:3]
    assert [row["id"] for row in incoming(newsroom, extra="?offset=100")] == many[100:]
    assert all(len(row["references"]) == 2 for row in incoming(newsroom))


@pytest.mark.parametrize("query", ["?limit=101", "?limit=0", "?limit=x", "?offset=-1", "?after=x", "?more=1"])
def test_a_page_that_cannot_be_is_refused(newsroom: Newsroom, query: str) -> None:
    """REF-15"""
    body = newsroom.read(f"mediaLibrary/{MEDIA}/incomingDocumentReferences{query}", "v1", status=400)
    assert list(body["error_details"]) == [query[1:].partition("=")[0]]


def test_from_2026_on_a_page_has_a_total_and_a_cursor(newsroom: Newsroom, many: list[int]) -> None:
    """VER-05, VER-06"""
    seen, cursor = [], ""
    for size in (40, 40, 25, 0):
        page = incoming(newsroom, version="2026-01", extra=f"?limit=40{f'&after={cursor}' if cursor else ''}")
        assert page["total"] == 105
        assert len(page["results"]) == size
        cursor = page["cursor"]
        assert bool(cursor) == bool(size)
        seen += [row["id"] for row in page["results"]]
    assert seen == many


@pytest.mark.parametrize("version", ["v1", "beta", "2025-03", "2025-11"])
def test_before_2026_a_page_is_a_bare_array(newsroom: Newsroom, version: str) -> None:
    """REF-01, VER-05"""
    assert incoming(newsroom, version=version) == []


@pytest.mark.parametrize(
    "path",
    [
        "documents/1/incomingDocumentReferences",
        "documents/1/incomingMediaReferences",
        "drafts/1/incomingDocumentReferences",
    ],
)
def test_the_other_endpoints_have_the_same_shapes(times: Caller, path: str) -> None:
    """REF-24, VER-05"""
    caller = Caller(times.project, ("public-api:read", "public-api:drafts:read"))
    assert caller.get(path, "v1").json() == []
    assert caller.get(path, "2026-05").json() == {"total": 0, "cursor": "", "results": []}


def test_publishing_between_two_pages_repeats_nothing(newsroom: Newsroom, many: list[int]) -> None:
    first = incoming(newsroom, version="2026-01", extra="?limit=10")
    newsroom.bring(document_item(content=[image()], flags=PUBLISH))
    second = incoming(newsroom, version="2026-01", extra=f"?limit=10&after={first['cursor']}")
    assert [row["id"] for row in second["results"]] == many[10:20]
