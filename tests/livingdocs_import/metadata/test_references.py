"""Which references metadata values hold (spec 4.4, last column, and spec 4.6)."""

from typing import Any

import pytest

from livingdocs_import.metadata import Context, MetadataSchema, Reference, find_references


def found(plugin: str, context: Context, value: Any) -> list[tuple[str, str, str | None]]:
    schema = MetadataSchema.compile([{"handle": "prop", "type": plugin}], context)
    references = schema.references({"prop": value})
    assert {reference.property_name for reference in references} <= {"prop"}
    return [(reference.type, reference.id, reference.external_system) for reference in references]


DOCUMENT_REF = {"$ref": "document", "reference": {"id": "1"}}


@pytest.mark.parametrize(
    ("plugin", "context", "value", "expected"),
    [
        ("li-text", Context.MEDIA, "1", []),
        ("li-image", Context.MEDIA, {"mediaId": "9fKagDCi", "url": "https://..."}, [("image", "9fKagDCi", None)]),
        ("li-image", Context.MEDIA, {"originalUrl": "https://elsewhere"}, []),
        ("li-image", Context.MEDIA, {}, []),
        ("li-poster-image", Context.MEDIA, {"mediaId": "a"}, [("image", "a", None)]),
        (
            "li-video-reference",
            Context.MEDIA,
            {"$ref": "video", "reference": {"id": "v", "posterImageId": "p"}},
            [("video", "v", None), ("image", "p", None)],
        ),
        ("li-document-reference", Context.MEDIA, DOCUMENT_REF, [("document", "1", None)]),
        (
            "li-document-reference",
            Context.DOCUMENT,
            {"$ref": "document", "reference": {"id": 1, "externalSystem": "archive"}},
            [("document", "1", "archive")],
        ),
        ("li-ticker-host-reference", Context.DOCUMENT, DOCUMENT_REF, [("document", "1", None)]),
        (
            "li-document-references",
            Context.DOCUMENT,
            {"$ref": "documents", "references": [{"id": "1"}, {"id": "2"}, {"id": "1"}]},
            [("document", "1", None), ("document", "2", None)],
        ),
        (
            "li-issue-management",
            Context.DOCUMENT,
            {"$ref": "documents", "references": [{"id": "1", "inactive": True}]},
            [("document", "1", None)],
        ),
        (
            "li-bundled-documents",
            Context.DOCUMENT,
            {"$ref": "documents", "references": [{"id": "1"}]},
            [("document", "1", None)],
        ),
        (
            "li-list-reference",
            Context.INCLUDE,
            {"$ref": "list", "reference": {"id": "4", "count": 3}},
            [("list", "4", None)],
        ),
        (
            "li-teaser",
            Context.INCLUDE,
            {**DOCUMENT_REF, "curatedList": {"$ref": "document", "reference": {"id": "9"}}},
            [("document", "1", None), ("document", "9", None)],
        ),
        (
            "li-tree",
            Context.DOCUMENT,
            [
                {"id": "a", "type": "link", "items": [{"id": "b", "type": "document", "reference": {"id": 42}}]},
                {"id": "c", "type": "multilang", "translations": {"de": {"type": "document", "reference": {"id": 7}}}},
            ],
            [("document", "42", None), ("document", "7", None)],
        ),
        ("li-language", Context.DOCUMENT, {"locale": "de", "groupId": "4e5rt7"}, [("language-group", "4e5rt7", None)]),
        ("li-language", Context.DOCUMENT, {"locale": "de"}, []),
    ],
)  # fmt: skip
def test_a_plugin_names_what_its_values_refer_to(
    plugin: str, context: Context, value: Any, expected: list[tuple[str, str, str | None]]
) -> None:
    assert found(plugin, context, value) == expected


def test_references_come_in_the_order_of_the_definitions() -> None:
    schema = MetadataSchema.compile(
        [{"handle": "image", "type": "li-image"}, {"handle": "link", "type": "li-document-reference"}], Context.MEDIA
    )
    assert schema.references({"link": DOCUMENT_REF, "image": {"mediaId": "a"}, "old": DOCUMENT_REF}) == (
        Reference("image", "a", "image"),
        Reference("document", "1", "link"),
    )


@pytest.mark.parametrize(
    "value", [None, 1, "a", [], [1], {"reference": 1}, {"references": {}}, {"mediaId": {}}, {"mediaId": "x" * 201}]
)
def test_values_of_another_shape_refer_to_nothing(value: Any) -> None:
    """They may have been stored under another configuration."""
    for plugin, context in (
        ("li-image", Context.MEDIA),
        ("li-document-reference", Context.MEDIA),
        ("li-document-references", Context.MEDIA),
        ("li-video-reference", Context.MEDIA),
        ("li-teaser", Context.INCLUDE),
        ("li-tree", Context.DOCUMENT),
        ("li-language", Context.DOCUMENT),
    ):
        assert found(plugin, context, value) == []


def test_references_are_found_in_values_of_unknown_plugins() -> None:
    value = {
        "teasers": [DOCUMENT_REF, {"$ref": "documents", "references": [{"id": 2}, {"id": "1"}]}],
        "clip": {"$ref": "video", "reference": {"id": "v", "posterImageId": "p"}},
        "assets": [
            {"mediaId": "i"},
            {"mediaId": "j", "mimeType": "image/png"},
            {"mediaId": "k", "mimeType": "video/mp4"},
            {"mediaId": "l", "mimeType": "application/pdf"},
            {"mediaId": "i", "mimeType": "image/png"},
        ],
        "plain": {"id": "3", "reference": {"id": "4"}},
    }
    assert [(reference.type, reference.id) for reference in find_references(value)] == [
        ("document", "1"),
        ("document", "2"),
        ("video", "v"),
        ("image", "p"),
        ("image", "i"),
        ("image", "j"),
        ("video", "k"),
        ("file", "l"),
    ]


def test_a_value_nested_without_end_is_not_followed() -> None:
    value: Any = DOCUMENT_REF
    for _ in range(100_000):
        value = [value]
    assert find_references(value) == ()
