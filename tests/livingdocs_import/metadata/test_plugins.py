"""What each plugin takes as a value, and what it says about one it does not take (spec 2.6, 4.4)."""

from typing import Any

import pytest

from livingdocs_import.metadata import Context, MetadataSchema, sentence
from livingdocs_import.metadata.registry import PLUGINS, RETIRED
from livingdocs_import.validation.json_reader import Node

DOCUMENT, MEDIA, INCLUDE = Context.DOCUMENT, Context.MEDIA, Context.INCLUDE

ITEMS = {"dataProvider": {"type": "labelValuePair", "items": [{"label": "A", "value": "a"}, {"value": "b"}]}}
NUMBERS = {"dataProvider": {"items": [{"label": "One", "value": 1}, {"label": "Two", "value": 2}]}}
IMAGE = {
    "originalUrl": "https://example.com/a.jpg",
    "url": "https://example.com/a.jpg?auto=format",
    "mediaId": "9fKagDCiN6sb",
    "width": 100,
    "height": 66.5,
    "mimeType": "image/png",
    "imageService": "imgix",
    "crops": [{"name": "16:9", "x": 0, "y": 0, "width": 10, "height": 5, "isAutomatic": True, "extra": 1}],
    "focalPoint": {"x": 0.5, "y": 0.5},
}
DOCUMENT_REF = {"$ref": "document", "reference": {"id": "1"}}
DOCUMENT_REFS = {"$ref": "documents", "references": [{"id": "1"}, {"id": "2", "externalSystem": "archive"}]}

# plugin, a context it may be used in, its config, values it takes
GOOD: list[tuple[str, Context, dict[str, Any], list[Any]]] = [
    ("li-text", DOCUMENT, {}, ["", "a", "a\nb", "ü€😀", "<b>bold</b>"]),
    ("li-text", DOCUMENT, {"maxLength": 3}, ["", "abc", "😀😀😀", "e\u0301x"]),
    ("li-text", DOCUMENT, {"minLength": 3, "recommendedMinLength": 9, "recommendedMaxLength": 1}, ["", "abcdef"]),
    ("li-text", DOCUMENT, {"allowNewlines": False}, ["one line"]),
    ("li-text", MEDIA, ITEMS, ["a", "b"]),
    ("li-text", MEDIA, {"dataProvider": {"dataSource": "elsewhere"}}, ["anything"]),
    ("li-system-text", DOCUMENT, {"maxLength": 3}, ["abc"]),
    ("li-enum", INCLUDE, ITEMS, ["a", "b"]),
    ("li-system-enum", DOCUMENT, ITEMS, ["a"]),
    ("li-color", INCLUDE, {}, ["#fff", "#8CBA51", "#8CBA51FF"]),
    ("li-external-id", MEDIA, {}, ["ABC-1"]),
    ("li-unique-id", DOCUMENT, {"uniquenessScope": "menu", "regex": "^[a-z]+$"}, ["main", "Not Yet Right"]),
    ("li-media-handle", MEDIA, {}, ["IMG-1"]),
    ("li-user-needs", DOCUMENT, {}, ["engage", "help"]),
    ("li-manual-document-status", DOCUMENT, {}, ["anything"]),
    ("li-manual-document-status", DOCUMENT, {"statuses": [{"value": "done", "label": "Done"}]}, ["done"]),
    ("li-boolean", INCLUDE, {}, [True, False]),
    ("li-system-boolean", DOCUMENT, {}, [True]),
    ("li-moderated-collab", DOCUMENT, {}, [False]),
    ("li-invalid", MEDIA, {}, [True, False]),
    ("li-integer", INCLUDE, {}, [0, -1, 1.0, 2**63 - 1, -(2**63)]),
    ("li-integer", MEDIA, {"minValue": 1, "maxValue": 5}, [1, 5]),
    ("li-integer", MEDIA, NUMBERS, [1, 2.0]),
    ("li-system-integer", MEDIA, {"maxValue": 5}, [5]),
    ("li-system-priority", DOCUMENT, {}, [1]),
    ("li-numeric-list", MEDIA, {"maxItems": 2}, [[], [1], [1, 2.0]]),
    ("li-string-list", MEDIA, {**ITEMS, "maxItems": 2}, [[], ["a"], ["a", "b"]]),
    ("li-date", INCLUDE, {}, ["2024-02-29", "2024-02-29T00:00:00.000Z"]),
    ("li-system-date", DOCUMENT, {}, ["2024-02-29"]),
    ("li-datetime", MEDIA, {}, ["2024-02-29T23:59:59Z", "2024-02-29T23:59:59.123456789+02:00", "2024-02-29T23:59"]),
    ("li-system-datetime", INCLUDE, {}, ["1999-03-18T17:27:00.107Z"]),
    ("li-publish-date", DOCUMENT, {}, ["1999-03-18T17:27:00-0500"]),
    ("li-datetime-validity", MEDIA, {}, [{}, {"from": "2024-01-01T00:00Z"}, {"from": None, "to": "2030-01-01T00:00Z"}]),
    ("li-category", INCLUDE, {}, [{"id": "home", "path": "/"}, {"id": "home"}]),
    ("li-routing", DOCUMENT, {}, [{"path": "/a"}]),
    ("li-language", DOCUMENT, {}, [{"locale": "de-CH", "label": "Deutsch", "groupId": "4e5rt7"}, {"locale": "de"}]),
    ("li-metadata-translations", MEDIA, {}, [{"locale": "fr"}]),
    ("li-image", DOCUMENT, {}, [{}, IMAGE, {**IMAGE, "key": "a/b.png", "altText": None}, {"mediaId": "x"}]),
    ("li-poster-image", MEDIA, {}, [IMAGE]),
    ("li-named-crops", MEDIA, {}, [{"crops": [{"name": "a"}], "focalPoint": {"x": 1, "y": 2}}, {"crops": []}]),
    ("li-video-reference", INCLUDE, {}, [{"$ref": "video", "reference": {"id": "v", "posterImageId": "p"}}]),
    ("li-document-reference", INCLUDE, {}, [DOCUMENT_REF, {"$ref": "document", "reference": {"id": 1}}]),
    ("li-ticker-host-reference", DOCUMENT, {}, [DOCUMENT_REF]),
    ("li-document-references", MEDIA, {"min": 2, "max": 2}, [DOCUMENT_REFS, {"$ref": "documents", "references": []}]),
    ("li-bundled-documents", DOCUMENT, {}, [DOCUMENT_REFS]),
    ("li-issue-management", DOCUMENT, {}, [{"$ref": "documents", "references": [{"id": "1", "inactive": True}]}]),
    ("li-list-reference", INCLUDE, {}, [{"$ref": "list", "reference": {"id": 4, "count": 3, "priority": 1}}]),
    ("li-teaser", INCLUDE, {}, [{"$ref": "document"}, {**DOCUMENT_REF, "curatedList": DOCUMENT_REF, "algorithm": {}}]),
    (
        "li-tree",
        DOCUMENT,
        {"maxDepth": 2},
        [
            [],
            [
                {"id": "a", "type": "link", "label": "A", "href": "/a", "items": [{"id": "b", "type": "group"}]},
                {"id": "c", "type": "document", "reference": {"id": 42, "directiveId": "doc-1:text"}},
                {"id": "d", "type": "multilang", "translations": {"de": {"label": "D"}, "en-GB": {"label": "E"}}},
            ],
        ],
    ),
    ("li-document-search", INCLUDE, {}, [{"baseFilters": [{}, "x"], "displayFilterStates": [], "limit": 3}]),
    ("li-dependencies", DOCUMENT, {}, [{"js": [{"src": "https://example.com/a.js"}], "css": []}]),
    (
        "li-transcoding-state",
        MEDIA,
        {},
        [{"commands": [{"assetKey": "a", "commandId": "c", "createdAt": "now", "state": "done"}], "transcodings": []}],
    ),
    ("li-license-profile", MEDIA, {}, [{"handle": "inHouse"}]),
    ("li-target-length", DOCUMENT, {}, [{"characters": 1200, "unit": "lines", "isChecked": False}]),
    ("li-system-target-length", DOCUMENT, {}, [{"characters": 0}]),
    (
        "li-task-v2",
        DOCUMENT,
        {},
        [{"state": "accepted", "priority": "high", "accepted": {"date": "2024-01-01T00:00Z"}, "assignees": [1]}],
    ),
    ("li-exposure-boost", DOCUMENT, {}, [{"start": "2024-01-01T00:00:00Z", "duration": "medium"}]),
    ("li-retresco", DOCUMENT, {}, [{}, {"entities": [{"score": 0.5}]}]),
    ("li-distribution-dates", DOCUMENT, {}, [[{"id": "a", "done": False}]]),
]  # fmt: skip

# plugin, a context, its config, a value it does not take, everything it says about it after "The value of '/prop"
BAD: list[tuple[str, Context, dict[str, Any], Any, list[str]]] = [
    ("li-text", DOCUMENT, {}, 1, ["' must be string"]),  # VAL-01
    ("li-text", DOCUMENT, {}, True, ["' must be string"]),
    ("li-text", DOCUMENT, {}, ["a"], ["' must be string"]),
    ("li-text", DOCUMENT, {"maxLength": 3}, "abcd", ["' must NOT have more than 3 characters"]),  # VAL-06
    ("li-text", DOCUMENT, {"maxLength": 3}, "😀😀😀😀", ["' must NOT have more than 3 characters"]),
    ("li-text", DOCUMENT, {"maxLength": 0}, "a", ["' must NOT have more than 0 characters"]),
    ("li-text", DOCUMENT, {"allowNewlines": False}, "a\nb", ["' must NOT contain newlines"]),
    ("li-text", DOCUMENT, {"allowNewlines": False, "maxLength": 2}, "a\r\n",
     ["' must NOT have more than 2 characters", "' must NOT contain newlines"]),
    ("li-text", DOCUMENT, ITEMS, "c", ["' must be equal to one of the allowed values"]),
    ("li-text", DOCUMENT, {}, "a\x00b", ["' must NOT contain U+0000"]),
    ("li-text", DOCUMENT, {}, "a\ud800b", ["' must NOT contain lone surrogates"]),
    ("li-enum", MEDIA, ITEMS, "c", ["' must be equal to one of the allowed values"]),  # VAL-05
    ("li-enum", MEDIA, ITEMS, ["a"], ["' must be string"]),
    ("li-color", MEDIA, {}, "red", ["' must match pattern \"^#([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$\""]),
    ("li-color", MEDIA, {}, "#fff\n", ["' must match pattern \"^#([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$\""]),
    ("li-user-needs", DOCUMENT, {}, "sleep", ["' must be equal to one of the allowed values"]),
    ("li-manual-document-status", DOCUMENT, {"statuses": [{"value": "done"}]}, "x",
     ["' must be equal to one of the allowed values"]),
    ("li-boolean", MEDIA, {}, "true", ["' must be boolean"]),  # VAL-03
    ("li-boolean", MEDIA, {}, 1, ["' must be boolean"]),
    ("li-invalid", MEDIA, {}, "yes", ["' must be boolean"]),
    ("li-integer", MEDIA, {}, "1", ["' must be integer"]),  # VAL-02
    ("li-integer", MEDIA, {}, 1.5, ["' must be integer"]),
    ("li-integer", MEDIA, {}, True, ["' must be integer"]),
    ("li-integer", MEDIA, {}, float("nan"), ["' must be integer"]),
    ("li-integer", MEDIA, {}, float("inf"), ["' must be integer"]),
    ("li-integer", MEDIA, {}, 2**63, ["' must be <= 9223372036854775807"]),
    ("li-integer", MEDIA, {"minValue": 1}, 0, ["' must be >= 1"]),
    ("li-integer", MEDIA, {"maxValue": 50}, 51.0, ["' must be <= 50"]),
    ("li-integer", MEDIA, NUMBERS, 3, ["' must be equal to one of the allowed values"]),
    ("li-numeric-list", MEDIA, {"maxItems": 1}, [1, "2"],
     ["' must NOT have more than 1 items", "/1' must be integer"]),
    ("li-numeric-list", MEDIA, {}, 1, ["' must be array"]),
    ("li-string-list", MEDIA, ITEMS, ["a", "c"], ["/1' must be equal to one of the allowed values"]),
    ("li-date", MEDIA, {}, "2023-02-30", ["' must match format \"date\""]),
    ("li-date", MEDIA, {}, "29.02.2024", ["' must match format \"date\""]),
    ("li-datetime", MEDIA, {}, "2024-02-29", ["' must match format \"date-time\""]),  # VAL-04
    ("li-datetime", MEDIA, {}, "2023-02-30T00:00:00Z", ["' must match format \"date-time\""]),
    ("li-datetime", MEDIA, {}, "10000-01-01T00:00:00Z", ["' must match format \"date-time\""]),
    ("li-datetime", MEDIA, {}, "0000-01-01T00:00:00Z", ["' must match format \"date-time\""]),
    ("li-datetime", MEDIA, {}, "0001-01-01T00:00:00+14:00", ["' must match format \"date-time\""]),
    ("li-datetime", MEDIA, {}, "2024-01-01T24:00:00Z", ["' must match format \"date-time\""]),
    ("li-datetime", MEDIA, {}, "2016-12-31T23:59:60Z", ["' must match format \"date-time\""]),
    ("li-datetime", MEDIA, {}, "2024-01-01T00:00:00+99:99", ["' must match format \"date-time\""]),
    ("li-datetime", MEDIA, {}, "2024-01-01T00:00:00Z\n", ["' must match format \"date-time\""]),
    ("li-datetime", MEDIA, {}, "٢٠٢٤-01-01T00:00:00Z", ["' must match format \"date-time\""]),
    ("li-datetime", MEDIA, {}, 1704067200, ["' must be string"]),
    ("li-datetime-validity", MEDIA, {}, {"from": "soon", "until": "x"},
     ["/from' must match format \"date-time\"", "' must NOT have additional properties ('until')"]),
    ("li-category", DOCUMENT, {}, {"path": "/"}, ["' must have required property 'id'"]),
    ("li-language", DOCUMENT, {}, {"locale": "DE"}, ["/locale' must match pattern \"^[a-z][a-zA-Z0-9\\-]+$\""]),
    ("li-image", MEDIA, {}, {"mimeType": "video/mp4"}, ["/mimeType' must match pattern \"^image/\""]),  # VAL-09
    ("li-image", MEDIA, {}, {"width": "100", "height": True}, ["/width' must be number", "/height' must be number"]),
    ("li-image", MEDIA, {}, {"width": float("inf")}, ["/width' must be a finite number"]),
    ("li-image", MEDIA, {}, {"crops": [{"x": "0"}]}, ["/crops/0/x' must be number"]),
    ("li-image", MEDIA, {}, {"focalPoint": {"x": 1}}, ["/focalPoint' must have required property 'y'"]),
    ("li-image", MEDIA, {}, {"origins": [{"a/b": float("nan")}]}, ["/origins/0/a~1b' must be a finite number"]),
    ("li-image", MEDIA, {}, {"key": {1, 2}}, ["/key' must be JSON"]),
    ("li-image", MEDIA, {}, "https://example.com/a.jpg", ["' must be object"]),
    ("li-document-reference", MEDIA, {}, {"$ref": "image", "reference": {}},
     ["/$ref' must be equal to constant 'document'", "/reference' must have required property 'id'"]),  # VAL-10
    ("li-document-reference", MEDIA, {}, {"id": "1"},
     ["' must NOT have additional properties ('id')", "' must have required property '$ref'",
      "' must have required property 'reference'"]),
    ("li-document-reference", MEDIA, {}, {"$ref": "document", "reference": {"id": True}},
     ["/reference/id' must be string"]),
    ("li-document-reference", MEDIA, {}, {"$ref": "document", "reference": {"id": ""}},
     ["/reference/id' must NOT have fewer than 1 characters"]),
    ("li-document-reference", MEDIA, {}, {"$ref": "document", "reference": {"id": "x" * 201}},
     ["/reference/id' must NOT have more than 200 characters"]),
    ("li-document-references", MEDIA, {"max": 1}, DOCUMENT_REFS, ["/references' must NOT have more than 1 items"]),
    ("li-video-reference", MEDIA, {}, {"$ref": "video", "reference": {"id": 1}}, ["/reference/id' must be string"]),
    ("li-tree", DOCUMENT, {"maxDepth": 1}, [{"id": "a", "type": "group", "items": []}],
     ["/0/items' must NOT be nested deeper than 1 levels"]),
    ("li-tree", DOCUMENT, {"allowedTypes": ["link"]}, [{"id": "a", "type": "group"}],
     ["/0/type' must be equal to one of the allowed values"]),
    ("li-tree", DOCUMENT, {}, [{"type": "multilang", "id": "a", "translations": {"D/E": {"label": 1}}}],
     ["/0/translations/D~1E' must match pattern \"^[a-z][a-zA-Z0-9\\-]+$\"",
      "/0/translations/D~1E/label' must be string"]),
    ("li-transcoding-state", MEDIA, {}, {"commands": [{"state": "asleep"}]},
     ["/commands/0/state' must be equal to one of the allowed values"]),
    ("li-target-length", DOCUMENT, {}, {"characters": -1}, ["/characters' must be >= 0"]),
    ("li-task-v2", DOCUMENT, {}, {"state": "lost", "priority": "low"},
     ["/state' must be equal to one of the allowed values", "/priority' must be equal to one of the allowed values"]),
    ("li-retresco", DOCUMENT, {}, "tags", ["' must be object,array"]),
    ("li-retresco", DOCUMENT, {}, {"n": 2**80}, ["/n' must be <= 9223372036854775807"]),
    ("li-retresco", DOCUMENT, {}, {"a\x00": 1, 2: 3}, ["/a\\x00' must have a storable string as its key",
                                                      "/2' must have a storable string as its key"]),
]  # fmt: skip


def schema(plugin: str, context: Context, config: dict[str, Any]) -> MetadataSchema:
    return MetadataSchema.compile([{"handle": "prop", "type": plugin, "config": config}], context)


@pytest.mark.parametrize(("plugin", "context", "config", "values"), GOOD)
def test_a_value_of_the_right_form_is_taken(
    plugin: str, context: Context, config: dict[str, Any], values: list[Any]
) -> None:
    """VAL-01 to VAL-07, VAL-09, VAL-10: the good half of the table (spec 4.4)."""
    compiled = schema(plugin, context, config)
    for value in values:
        assert compiled.check({"prop": value}, completeness=False) == []


@pytest.mark.parametrize(("plugin", "context", "config", "value", "said"), BAD)
def test_a_value_of_another_form_is_refused_with_all_reasons(
    plugin: str, context: Context, config: dict[str, Any], value: Any, said: list[str]
) -> None:
    """VAL-01 to VAL-06, VAL-09, VAL-10: the bad half."""
    compiled = schema(plugin, context, config)
    problems = compiled.check({"prop": value}, completeness=False)
    assert [sentence(problem) for problem in problems] == [f"The value of '/prop{rest}" for rest in said]
    assert {problem.path[0] for problem in problems} == {"prop"}


def test_every_plugin_has_an_example() -> None:
    ours = {name for name in PLUGINS if name.startswith("li-")}
    opaque = {
        "li-buy-in", "li-desknet-global", "li-desknet-integration", "li-desknet-schedule", "li-distribution-planning",
        "li-distribution-schedule", "li-document-soft-lock", "li-estimated-time-of-completion", "li-imatrics-nlp-tags",
        "li-kordiam-global", "li-kordiam-integration", "li-kordiam-schedule", "li-print", "li-push-messages",
        "li-push-notifications", "li-team",
    }  # fmt: skip
    assert ours - opaque - RETIRED.keys() == {plugin for plugin, *_ in GOOD}


@pytest.mark.parametrize(
    ("plugin", "context", "message"),
    [
        ("li-google-vision", MEDIA, "li-google-vision was removed in release-2026-07; nothing took its place"),
        ("li-print", DOCUMENT, "li-print was removed in release-2026-07; use a plugin of your own"),
    ],
)
def test_retired_plugins_are_refused_in_new_configurations_only(plugin: str, context: Context, message: str) -> None:
    """CFG-15"""
    raw = {"metadata": [{"handle": "value", "type": plugin}]}
    new, stored = Node(raw), Node(raw, takes_unknown_keys=True)
    MetadataSchema.read(new, "metadata", context)
    assert [str(problem) for problem in new.problems] == [f"/metadata/0/type: {message}"]
    schema = MetadataSchema.read(stored, "metadata", context)
    assert not stored.problems
    assert schema.check({"value": {"labels": ["cat"]}}, completeness=True) == []


# Document, media, include: columns D, M and I (spec 4.4).
EVERYWHERE = (
    "li-text li-enum li-color li-boolean li-integer li-system-integer li-numeric-list li-string-list li-date "
    "li-datetime li-system-datetime li-video-reference li-document-reference li-document-references"
)
OF_USES = "li-boolean li-date li-datetime li-enum li-integer li-numeric-list li-string-list li-text"  # (spec 4.7)
DOCUMENT_MEDIA = "li-external-id li-metadata-translations li-image"
MEDIA_ONLY = (
    "li-media-handle li-invalid li-datetime-validity li-poster-image li-named-crops li-transcoding-state "
    "li-google-vision li-license-profile"
)
INCLUDE_ONLY = "li-list-reference li-teaser li-document-search"
DOCUMENT_INCLUDE = "li-category"


def test_plugins_are_used_where_the_table_says() -> None:
    """CFG-04; columns D, M and I (spec 4.4)."""
    expected = {name: DOCUMENT for name in PLUGINS if name.startswith("li-")}
    for names, contexts in (
        (EVERYWHERE, DOCUMENT | MEDIA | INCLUDE),
        (OF_USES, DOCUMENT | MEDIA | INCLUDE | Context.USAGE),
        (DOCUMENT_MEDIA, DOCUMENT | MEDIA),
        (MEDIA_ONLY, MEDIA),
        (INCLUDE_ONLY, INCLUDE),
        (DOCUMENT_INCLUDE, DOCUMENT | INCLUDE),
    ):
        expected |= dict.fromkeys(names.split(), contexts)
    assert {name: plugin.contexts for name, plugin in PLUGINS.items() if name.startswith("li-")} == expected
