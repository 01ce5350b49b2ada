"""The value each type of directive takes, and what is said of every other (spec 4.5, directives)."""

from typing import Any

import pytest

from documents.content.findings import removal_details
from tests.documents.content.living_times import IMAGE, check, stored, value_problems

STRING, NUMBER, OBJECT = (f"Invalid type: expected {kind}" for kind in ("string", "number", "object"))
ARRAY, BOOLEAN = (f"Invalid type: expected {kind}" for kind in ("array", "boolean"))
LONG = "x" * 201
EVERY_TYPE = ["x", "", 1, 1.5, True, False, [], [{}], {}]


@pytest.mark.parametrize(
    ("component", "directive", "fitting", "message"),
    [
        ("paragraph", "text", ["x", ""], STRING),
        ("image", "image", [{}], OBJECT),
        ("media", "video", [{}], OBJECT),
        ("media", "audio", [{}], OBJECT),
        ("media", "file", [{}], OBJECT),
        ("embed", "free-html", ["x", "", {}], OBJECT),
        ("button", "link", ["x", "", {}], OBJECT),
        ("related", "list", [{}], OBJECT),
        ("box", "background", [{}], OBJECT),
        ("box", "wide", [True, False], BOOLEAN),
    ],
)
@pytest.mark.parametrize("value", EVERY_TYPE, ids=repr)
def test_a_value_of_a_wrong_type_is_a_problem(
    component: str, directive: str, fitting: list[Any], message: str, value: Any
) -> None:
    """DOC-11"""
    fits = any(value == other and type(value) is type(other) for other in fitting)
    assert value_problems(component, directive, value) == ({} if fits else {"": message})


# --- editable --------------------------------------------------------------------------------------------------------


def test_an_editable_text_is_sanitised_and_what_went_is_reported_with_its_path() -> None:
    content = [
        {"component": "paragraph", "content": {"text": "<p onclick=x>one <b>two</b></p>"}},
        {"component": "box", "containers": {"main": [{"component": "quote", "content": {"text": "<b>a</b>"}}]}},
        {"component": "note", "content": {"text": "<a href='/x'>a</a>"}},
        {"component": "header", "content": {"title": "<em>plain</em>", "author": "<em>kept</em>"}},
    ]
    checked = check(content)
    assert checked.problems == ()
    assert checked.content[0]["content"]["text"] == "one <b>two</b>"
    assert checked.content[1]["containers"]["main"][0]["content"]["text"] == "a"
    assert checked.content[2]["content"]["text"] == "a"
    assert checked.content[3]["content"] == {"title": "plain", "author": "<em>kept</em>"}
    assert removal_details(checked.removals) == [
        {"path": "content.0.content.text", "removed": ["<p>"]},
        {"path": "content.1.containers.main.0.content.text", "removed": ["<b>"]},
        {"path": "content.2.content.text", "removed": ["<a>"]},
        {"path": "content.3.content.title", "removed": ["<em>"]},
    ]


# --- image, video, audio, file ---------------------------------------------------------------------------------------


def test_an_image_is_stored_with_all_it_came_with() -> None:
    """DOC-59: the entry `mediaId` names need not exist."""
    value = {
        **IMAGE,
        "mediaId": "of-tomorrow",
        "imageService": "imgix",
        "key": "2020/1/1/a.png",
        "crop": {"x": 0, "y": 0.5, "width": 10, "height": 10},
        "crops": [{"name": "16:9", "x": 1, "y": 2, "width": 3, "height": 4, "isAutomatic": True}],
        "focalPoint": {"x": 10, "y": 10},
        "origins": [{"name": "upload"}],
        "altText": None,
        "ourOwn": [1, 2],
    }
    assert stored("image", "image", value) == value


@pytest.mark.parametrize("key", ["originalUrl", "mimeType", "width", "height"])
@pytest.mark.parametrize("absent", ["left out", None])
def test_what_an_image_must_have(key: str, absent: Any) -> None:
    """Q-16"""
    value = {name: found for name, found in IMAGE.items() if name != key} | ({} if absent else {key: None})
    assert value_problems("image", "image", value) == {key: f"Missing required property: {key}"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"originalUrl": 5}, STRING),
        ({"originalUrl": ""}, "must NOT have fewer than 1 characters"),
        ({"url": {}}, STRING),
        ({"width": "100"}, NUMBER),
        ({"width": True}, NUMBER),
        ({"width": 0}, "must be > 0"),
        ({"height": -1}, "must be > 0"),
        ({"mimeType": 5}, STRING),
        ({"mimeType": "video/mp4"}, 'must match pattern "^image/"'),
        ({"mediaId": 7}, STRING),
        ({"mediaId": ""}, "must NOT have fewer than 1 characters"),
        ({"mediaId": "x" * 201}, "must NOT have more than 200 characters"),
        ({"imageService": []}, STRING),
        ({"altText": 1}, STRING),
        ({"crop": "all"}, OBJECT),
        ({"crop": {"x": "left"}}, "must hold numbers"),
        ({"crop": {"x": False}}, "must hold numbers"),
        ({"crops": {}}, ARRAY),
        ({"crops": [1]}, "must hold objects only"),
        ({"crops": [{}, {"width": "wide"}]}, "must hold numbers"),
        ({"focalPoint": [1, 2]}, OBJECT),
        ({"origins": "upload"}, ARRAY),
    ],
)
def test_what_the_properties_of_an_image_must_be(change: dict[str, Any], message: str) -> None:
    """DOC-60"""
    (key,) = change
    assert value_problems("image", "image", IMAGE | change) == {key: message}


def test_an_image_that_only_names_its_entry_is_completed_from_it() -> None:
    """Q-16"""
    entries = {"known": IMAGE}
    assert stored("image", "image", {"mediaId": "known"}, entries=entries) == {"mediaId": "known", **IMAGE}
    value = {"mediaId": "known", "url": "https://cdn.example/mine.png", "width": None, "altText": "A boat"}
    assert stored("image", "image", value, entries=entries) == {
        **IMAGE,
        "mediaId": "known",
        "url": "https://cdn.example/mine.png",
        "altText": "A boat",
    }


def test_an_image_that_lacks_nothing_takes_nothing_from_its_entry() -> None:
    value = {key: IMAGE[key] for key in ("originalUrl", "mimeType", "width", "height")} | {"mediaId": "known"}
    assert stored("image", "image", value, entries={"known": IMAGE}) == value


def test_an_image_with_a_url_alone_is_not_complete() -> None:
    """Q-16: as some older clients send it"""
    missing = {key: f"Missing required property: {key}" for key in ("originalUrl", "mimeType", "width", "height")}
    assert value_problems("image", "image", {"url": IMAGE["url"]}, entries={"known": IMAGE}) == missing
    assert value_problems("image", "image", {"url": IMAGE["url"], "mediaId": "unknown"}) == missing


def test_what_an_entry_cannot_add_is_missing() -> None:
    entries = {"odd": {"originalUrl": "https://assets.example/a.svg", "mimeType": "image/svg+xml"}}
    assert value_problems("image", "image", {"mediaId": "odd"}, entries=entries) == {
        "width": "Missing required property: width",
        "height": "Missing required property: height",
    }


def test_an_entry_of_another_kind_does_not_make_an_image() -> None:
    entries = {"clip": IMAGE | {"mimeType": "video/mp4"}}
    assert value_problems("image", "image", {"mediaId": "clip"}, entries=entries) == {
        "mimeType": 'must match pattern "^image/"'
    }


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("video", {"originalUrl": "https://a.example/a.mp4", "mimeType": "video/mp4"}),
        (
            "video",
            {
                "originalUrl": "https://a.example/a.mp4",
                "mimeType": "video/mp4",
                "width": 640,
                "height": 480,
                "durationSeconds": 0,
                "posterImage": {"mediaId": "poster"},
            },
        ),
        ("audio", {"originalUrl": "https://a.example/a.mp3", "mimeType": "audio/mpeg", "durationSeconds": 1.5}),
        ("file", {"originalUrl": "https://a.example/a.pdf", "mimeType": "application/pdf", "filename": "a", "size": 0}),
    ],
)
def test_other_media_are_stored_as_they_come(kind: str, value: dict[str, Any]) -> None:
    assert stored("media", kind, value) == value


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("video", {"originalUrl": None}, "Missing required property: originalUrl"),
        ("video", {"mimeType": None}, "Missing required property: mimeType"),
        ("video", {"mimeType": "image/png"}, 'must match pattern "^video/"'),
        ("video", {"durationSeconds": "10"}, NUMBER),
        ("video", {"durationSeconds": -1}, "must be >= 0"),
        ("video", {"width": 0}, "must be > 0"),
        ("video", {"posterImage": "a.png"}, OBJECT),
        ("audio", {"mimeType": "video/mp4"}, 'must match pattern "^audio/"'),
        ("audio", {"durationSeconds": True}, NUMBER),
        ("file", {"mimeType": 1}, STRING),
        ("file", {"filename": 1}, STRING),
        ("file", {"size": "1 MB"}, NUMBER),
        ("file", {"size": -1}, "must be >= 0"),
    ],
)
def test_what_the_properties_of_other_media_must_be(kind: str, change: dict[str, Any], message: str) -> None:
    mime_types = {"video": "video/mp4", "audio": "audio/mpeg", "file": "application/pdf"}
    value = {"originalUrl": "https://a.example/a", "mimeType": mime_types[kind]} | change
    (key,) = change
    assert value_problems("media", kind, value) == {key: message}


def test_a_url_is_enough_of_an_address_for_a_file() -> None:
    value = {"url": "https://a.example/a.pdf", "mimeType": "application/pdf"}
    assert stored("media", "file", value) == {**value, "originalUrl": "https://a.example/a.pdf"}


# --- html ------------------------------------------------------------------------------------------------------------

IFRAME = '<div><iframe src="https://www.youtube.com/embed/fyWS-sZWxdc" allowfullscreen></iframe></div>'
TWEET = '<blockquote class="twitter-tweet"><a href="https://twitter.com/a/status/1">a</a></blockquote><script></script>'


@pytest.mark.parametrize(
    ("directive", "html"),
    [("free-html", "<table><script>1</script></table>"), ("free-html", ""), ("iframe", IFRAME), ("tweet", TWEET)],
)
def test_html_comes_as_an_object_or_as_a_string_of_old(directive: str, html: str) -> None:
    """VAL-12"""
    assert stored("embed", directive, {"html": html, "more": 1}) == {"html": html, "more": 1}
    assert stored("embed", directive, html) == {"html": html}


@pytest.mark.parametrize(
    ("directive", "value", "path", "message"),
    [
        ("free-html", {"html": 1}, "html", STRING),
        ("free-html", {"html": None}, "html", "Missing required property: html"),
        ("free-html", {"text": "x"}, "html", "Missing required property: html"),
        ("iframe", {"html": []}, "html", STRING),
        ("iframe", "<p>no embed</p>", "html", "must be an iframe embed"),
        ("iframe", f"{IFRAME}<script>1</script>", "html", "must be an iframe embed"),
        ("iframe", {"html": TWEET}, "html", "must be an iframe embed"),
        ("tweet", {"html": IFRAME}, "html", "must be a Twitter embed"),
        ("tweet", "hello", "html", "must be a Twitter embed"),
    ],
)
def test_html_that_does_not_fit_is_a_problem(directive: str, value: Any, path: str, message: str) -> None:
    assert value_problems("embed", directive, value) == {path: message}


# --- link ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://example.com/", {"href": "https://example.com/"}),
        ({"href": "/relative", "target": "_blank"}, {"href": "/relative", "target": "_blank"}),
        ({"href": "", "title": "kept"}, {"href": "", "title": "kept"}),
        (
            {"$ref": "document", "reference": {"id": 12, "externalSystem": "archive"}},
            {"$ref": "document", "reference": {"id": "12", "externalSystem": "archive"}},
        ),
        ({"$ref": "document", "reference": {"id": "a-b"}}, {"$ref": "document", "reference": {"id": "a-b"}}),
    ],
)
def test_links_are_stored_as_objects_and_name_documents_by_strings(value: Any, expected: dict[str, Any]) -> None:
    """VAL-12"""
    assert stored("button", "link", value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"href": 1}, {"href": STRING}),
        ({"href": "javascript:alert(1)"}, {"href": "must not be a script or data address"}),
        (" java\nScript:alert(1)", {"href": "must not be a script or data address"}),
        ({"href": "data:text/html,x"}, {"href": "must not be a script or data address"}),
        ({"target": "_new"}, {"target": 'No enum match for: "_new"'}),
        ({"target": ["_blank"]}, {"target": 'No enum match for: ["_blank"]'}),
        ({"$ref": "image", "reference": {"id": "1"}}, {"$ref": 'No enum match for: "image"'}),
        ({"$ref": 1, "reference": {"id": "1"}}, {"$ref": "No enum match for: 1"}),
        ({"reference": {"id": "1"}}, {"$ref": "Missing required property: $ref"}),
        ({"$ref": "document"}, {"reference": "Missing required property: reference"}),
        ({"$ref": "document", "reference": "1"}, {"reference": OBJECT}),
        ({"$ref": "document", "reference": {}}, {"reference.id": "Missing required property: id"}),
        ({"$ref": "document", "reference": {"id": True}}, {"reference.id": STRING}),
        ({"$ref": "document", "reference": {"id": 1.5}}, {"reference.id": STRING}),
        ({"$ref": "document", "reference": {"id": ""}}, {"reference.id": "must NOT have fewer than 1 characters"}),
    ],
)
def test_links_that_do_not_fit_are_problems(value: Any, expected: dict[str, str]) -> None:
    assert value_problems("button", "link", value) == expected


# --- include ---------------------------------------------------------------------------------------------------------


def test_an_include_is_stored_with_its_parameters_and_overrides() -> None:
    value = {
        "service": "editable-teaser",
        "params": {"article": {"$ref": "document", "reference": {"id": "3"}}, "anything": [1, None]},
        "overrides": [
            {"id": "teaser-3", "content": {"title": "Mine"}, "originalSnapshot": {}, "contentProperties": []}
        ],
    }
    assert stored("teaser", "teaser", value) == value
    assert stored("anything", "include", {"service": "whatever"}) == {"service": "whatever"}


def test_an_include_without_a_service_is_that_of_the_directive_if_there_is_one_only() -> None:
    assert stored("related", "list", {"params": {"limit": 3}}) == {"service": "related", "params": {"limit": 3}}
    missing = {"service": "Missing required property: service"}
    assert value_problems("teaser", "teaser", {"params": {}}) == missing
    assert value_problems("anything", "include", {"params": {}}) == missing


def test_parameters_of_a_configured_service_obey_its_definitions() -> None:
    assert stored("related", "list", {"params": {"article": {"$ref": "document", "reference": {"id": 3}}}}) == {
        "service": "related",
        "params": {"article": {"$ref": "document", "reference": {"id": "3"}}},
    }
    assert value_problems("related", "list", {"params": {"limit": "three", "stranger": 1}}) == {
        "params.limit": "The value of '/limit' must be integer",
        "params.stranger": "The metadata property 'stranger' is not configured",
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"service": "instagram"}, {"service": 'No enum match for: "instagram"'}),
        ({"service": 1}, {"service": STRING}),
        ({"service": ""}, {"service": "must NOT have fewer than 1 characters"}),
        ({"params": []}, {"params": OBJECT}),
        ({"params": "x"}, {"params": OBJECT}),
        ({"overrides": []}, {"params": "Missing required property: params"}),
        ({"params": {}, "overrides": {}}, {"overrides": ARRAY}),
        ({"params": {}, "overrides": [1]}, {"overrides.0": OBJECT}),
        (
            {"params": {}, "overrides": [{"id": "a", "content": {}}, {}]},
            {
                "overrides.1.id": "Missing required property: id",
                "overrides.1.content": "Missing required property: content",
            },
        ),
        (
            {"params": {}, "overrides": [{"id": 1, "content": "x"}]},
            {"overrides.0.id": STRING, "overrides.0.content": OBJECT},
        ),
        ({"params": {LONG: 1}}, {f"params.{LONG}": "must NOT have more than 200 characters"}),
        (
            {"params": {}, "overrides": [{"id": LONG, "content": {LONG: 1}}]},
            {
                "overrides.0.id": "must NOT have more than 200 characters",
                f"overrides.0.content.{LONG}": "must NOT have more than 200 characters",
            },
        ),
    ],
)
def test_includes_that_do_not_fit_are_problems(change: dict[str, Any], expected: dict[str, str]) -> None:
    assert value_problems("teaser", "teaser", {"service": "editable-teaser"} | change) == expected


# --- style, toggle ---------------------------------------------------------------------------------------------------


def test_a_style_sets_the_properties_of_its_directive_only() -> None:
    assert stored("box", "background", {"background-color": "#fff"}) == {"background-color": "#fff"}
    assert value_problems("box", "background", {"color": "red", "background-color": {}}) == {
        "color": "Additional properties not allowed",
        "background-color": STRING,
    }


def test_a_toggle_is_stored_off_as_well_as_on() -> None:
    assert stored("box", "wide", False) is False
