"""The references a document makes (spec 4.6, B)."""

from typing import Any

import pytest

from documents.references.extract import ExtractedReference, document_references
from livingdocs_import.metadata import MetadataSchema
from tests.documents.content.living_times import IMAGE, check, config, design

ARTICLE: MetadataSchema = config.content_types["article"].metadata


def references(
    content: list[Any] | None = None,
    metadata: dict[str, Any] | None = None,
    translations: list[dict[str, Any]] | None = None,
) -> list[dict[str, str]]:
    """The references of a document that was checked and stored."""
    checked = check(content or [])
    assert checked.problems == ()
    found = document_references(checked.content, design, metadata or {}, translations or [], ARTICLE)
    return [reference.as_dict() for reference in found]


def of_value(component: str, directive: str, value: Any) -> list[dict[str, str]]:
    """The references in one value, without the fields that say where it stands; those are as they must be."""
    found = references([{"component": component, "id": "doc-x", "content": {directive: value}}])
    for reference in found:
        assert reference.pop("componentId") == "doc-x"
        assert reference.pop("componentName") == component
        assert reference.pop("directiveName") == directive
    return found


def image(media_id: str, component_id: str) -> dict[str, Any]:
    return {"component": "image", "id": component_id, "content": {"image": {**IMAGE, "mediaId": media_id}}}


def of_image(media_id: str, component_id: str) -> dict[str, str]:
    return {
        "id": media_id,
        "type": "image",
        "location": "image-directive",
        "componentId": component_id,
        "componentName": "image",
        "directiveName": "image",
    }


def test_an_image_in_content_and_in_metadata_is_two_references_of_one_document() -> None:
    """REF-04, REF-05, REF-06, REF-11, REF-17: the worked example"""
    teaser = {**IMAGE, "mediaId": "9fKagDCiN6sb", "imageService": "imgix"}
    assert references([image("9fKagDCiN6sb", "doc-1ev8345oj0")], {"teaserImage": teaser}) == [
        {
            "id": "9fKagDCiN6sb",
            "type": "image",
            "location": "image-directive",
            "componentId": "doc-1ev8345oj0",
            "componentName": "image",
            "directiveName": "image",
        },
        {"id": "9fKagDCiN6sb", "type": "image", "location": "metadata", "propertyName": "teaserImage"},
    ]


def test_components_in_containers_are_visited_in_document_order() -> None:
    """REF-10"""
    content = [
        image("m1", "a"),
        {
            "component": "box",
            "containers": {
                "main": [
                    image("m2", "b"),
                    {"component": "box", "containers": {"main": [image("m3", "c")]}},
                    image("m4", "d"),
                ],
                "aside": [image("m5", "e")],
            },
        },
        image("m6", "f"),
    ]
    assert references(content) == [of_image(f"m{n}", component_id) for n, component_id in enumerate("abcdef", start=1)]


def test_a_component_is_named_without_its_design() -> None:
    (found,) = references([image("m1", "a") | {"component": None, "identifier": "living-times.image"}])
    assert found["componentName"] == "image"


@pytest.mark.parametrize(
    ("kind", "mime_type"), [("video", "video/mp4"), ("audio", "audio/mpeg"), ("file", "application/pdf")]
)
def test_other_media_refer_by_their_kind(kind: str, mime_type: str) -> None:
    """REF-12"""
    value = {"originalUrl": "https://a.example/a", "mimeType": mime_type, "mediaId": "9ojS1u2-wljb"}
    assert of_value("media", kind, value) == [{"id": "9ojS1u2-wljb", "type": kind, "location": f"{kind}-directive"}]


@pytest.mark.parametrize("value", [IMAGE, {}])
def test_an_image_from_elsewhere_refers_to_nothing(value: dict[str, Any]) -> None:
    assert of_value("image", "image", value) == []


# --- Texts and links -------------------------------------------------------------------------------------------------


def test_elements_of_a_text_may_refer_to_documents() -> None:
    """REF-19"""
    text = (
        'see <a href="/938" data-li-document-ref="938">this</a>, <a href="/x">that</a>, '
        '<span data-li-document-ref="b&amp;c" data-li-external-system="archive">those</span> and '
        "<A DATA-LI-DOCUMENT-REF='938'>this</A> again"
    )
    assert of_value("paragraph", "text", text) == [
        {"id": "938", "type": "document", "location": "editable-directive"},
        {"id": "b&c", "type": "document", "location": "editable-directive", "externalSystem": "archive"},
    ]


@pytest.mark.parametrize(
    "text",
    [
        "data-li-document-ref=12",
        "&lt;a data-li-document-ref=12&gt;",
        '<a title="data-li-document-ref=12">x</a>',
        '<a data-li-document-ref="">x</a>',
        '<p data-li-document-ref="12">a block, which is taken out</p>',
    ],
)
def test_a_text_that_only_looks_like_it_refers_to_nothing(text: str) -> None:
    assert of_value("paragraph", "text", text) == []


def test_a_link_to_a_document_refers_to_it() -> None:
    link = {"href": "/123", "$ref": "document", "reference": {"id": 123, "externalSystem": "archive"}}
    assert of_value("button", "link", link) == [
        {"id": "123", "type": "document", "location": "link-directive", "externalSystem": "archive"}
    ]
    assert of_value("button", "link", "https://example.com/") == []


# --- Includes --------------------------------------------------------------------------------------------------------


def test_parameters_of_an_include_refer_by_their_value() -> None:
    """REF-20, with the definitions of the service at hand"""
    params = {
        "article": {"$ref": "document", "reference": {"id": "466"}},
        "articles": {"$ref": "documents", "references": [{"id": "1"}, {"id": "2", "externalSystem": "archive"}]},
        "video": {"$ref": "video", "reference": {"id": "v1", "posterImageId": "p1"}},
        "teaser": {
            "$ref": "document",
            "reference": {"id": "5"},
            "curatedList": {"$ref": "document", "reference": {"id": "6"}},
        },
        "limit": 3,
    }
    include = {"location": "include-directive", "serviceName": "related"}
    assert of_value("related", "list", {"params": params}) == [
        {"id": "466", "type": "document", **include, "propertyName": "article"},
        {"id": "1", "type": "document", **include, "propertyName": "articles"},
        {"id": "2", "type": "document", **include, "propertyName": "articles", "externalSystem": "archive"},
        {"id": "v1", "type": "video", **include, "propertyName": "video"},
        {"id": "p1", "type": "image", **include, "propertyName": "video"},
        {"id": "5", "type": "document", **include, "propertyName": "teaser"},
        {"id": "6", "type": "document", **include, "propertyName": "teaser"},
    ]


def test_parameters_of_a_service_that_is_not_configured_refer_by_their_looks() -> None:
    """REF-20"""
    params = {
        "article": {"$ref": "document", "reference": {"id": 466}},
        "list": {"$ref": "list", "reference": {"id": "l1", "count": 3}},
        "deep": [{"within": {"$ref": "documents", "references": [{"id": "1"}]}}],
        "picture": {"mediaId": "m1", "mimeType": "image/png"},
        "clip": {"mediaId": "m2", "mimeType": "video/mp4"},
        "words": "data-li-document-ref",
        "nothing": None,
    }
    include = {"location": "include-directive", "serviceName": "editable-teaser"}
    assert of_value("teaser", "teaser", {"service": "editable-teaser", "params": params}) == [
        {"id": "466", "type": "document", **include, "propertyName": "article"},
        {"id": "l1", "type": "list", **include, "propertyName": "list"},
        {"id": "1", "type": "document", **include, "propertyName": "deep"},
        {"id": "m1", "type": "image", **include, "propertyName": "picture"},
        {"id": "m2", "type": "video", **include, "propertyName": "clip"},
    ]


def test_overrides_of_an_include_refer_with_their_id() -> None:
    """REF-21"""
    overrides = [
        {
            "id": "doc-9203a",
            "content": {
                "title": 'about <a data-li-document-ref="223" data-li-external-system="archive">this</a>',
                "link": {"href": "/4", "$ref": "document", "reference": {"id": 4}},
                "image": {**IMAGE, "mediaId": "m1"},
                "kicker": "plain",
            },
        },
        {"id": "doc-b", "content": {"image": {**IMAGE, "mediaId": "m1"}}},
    ]
    value = {"service": "document-teaser", "params": {}, "overrides": overrides}
    override = {"location": "include-directive-override", "serviceName": "document-teaser"}
    first, second = override | {"overrideId": "doc-9203a"}, override | {"overrideId": "doc-b"}
    assert of_value("teaser", "teaser", value) == [
        {"id": "223", "type": "document", **first, "overrideDirectiveName": "title", "externalSystem": "archive"},
        {"id": "4", "type": "document", **first, "overrideDirectiveName": "link"},
        {"id": "m1", "type": "image", **first, "overrideDirectiveName": "image"},
        {"id": "m1", "type": "image", **second, "overrideDirectiveName": "image"},
    ]


# --- Metadata --------------------------------------------------------------------------------------------------------


def test_metadata_refer_by_their_property() -> None:
    """REF-05, REF-22, REF-23"""
    metadata = {
        "title": "x",
        "author": {"$ref": "document", "reference": {"id": "537"}},
        "related": {"$ref": "documents", "references": [{"id": "537"}, {"id": "745"}]},
        "language": {"locale": "de", "groupId": "4e5rt7"},
    }
    assert references(metadata=metadata) == [
        {"id": "537", "type": "document", "location": "metadata", "propertyName": "author"},
        {"id": "537", "type": "document", "location": "metadata", "propertyName": "related"},
        {"id": "745", "type": "document", "location": "metadata", "propertyName": "related"},
        {"id": "4e5rt7", "type": "language-group", "location": "metadata", "propertyName": "language"},
    ]


def test_metadata_of_translations_refer_too_and_what_they_repeat_is_kept_once() -> None:
    clip, other = ({"$ref": "video", "reference": {"id": name}} for name in ("v1", "v2"))
    translations = [{"locale": "fr", "metadata": {"clip": clip}}, {"locale": "en", "metadata": {"clip": other}}]
    assert references(metadata={"clip": clip}, translations=[*translations, {"locale": "it"}]) == [
        {"id": "v1", "type": "video", "location": "metadata", "propertyName": "clip"},
        {"id": "v2", "type": "video", "location": "metadata", "propertyName": "clip"},
    ]


def test_equal_references_are_kept_once_and_different_places_are_different_references() -> None:
    twice = '<a data-li-document-ref="1">a</a> <a data-li-document-ref="1">b</a>'
    content = [{"component": "paragraph", "id": name, "content": {"text": twice}} for name in ("a", "b")]
    assert [found["componentId"] for found in references(content)] == ["a", "b"]


# --- Stored under another design -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", ["text", 5, True, None, [], {}, {"mediaId": []}, {"mediaId": None}, {"$ref": "document"}]
)
@pytest.mark.parametrize(
    ("component", "directive"),
    [("paragraph", "text"), ("image", "image"), ("button", "link"), ("related", "list"), ("header", "gone")],
)
def test_a_value_that_does_not_fit_the_design_refers_to_nothing(component: str, directive: str, value: Any) -> None:
    content = [{"id": "a", "component": component, "content": {directive: value}}]
    assert document_references(content, design, {}, [], ARTICLE) == ()


@pytest.mark.parametrize("overrides", [5, [5], [{}], [{"content": 5}], {"content": {}}])
def test_overrides_that_are_none_refer_to_nothing(overrides: Any) -> None:
    value = {"service": "related", "params": 5, "overrides": overrides}
    content = [{"id": "a", "component": "related", "content": {"list": value}}]
    assert document_references(content, design, {}, [], ARTICLE) == ()


def test_a_component_the_design_does_not_know_refers_to_nothing_but_its_children_do() -> None:
    child = {"id": "b", "component": "image", "content": {"image": {"mediaId": "m1"}}}
    content = [{"id": "a", "component": "gone", "content": {"image": {"mediaId": "m0"}}, "containers": {"x": [child]}}]
    assert document_references(content, design, {}, [], ARTICLE) == (
        ExtractedReference("m1", "image", "image-directive", "b", "image", "image"),
    )
