"""GET design and design/{version}: what documents are made of, as renderers read it."""

from typing import Any

import pytest

from livingdocs_import.models import Project
from livingdocs_import.project_config import store
from tests.api_client import CONFIG, Caller, store_unchecked

PARAGRAPH = {
    "name": "p",
    "label": "Paragraph",
    "iconUrl": "https://cdn.example.org/p.svg",
    "html": '<p doc-editable="text"></p>',
    "directives": [{"name": "text", "type": "editable", "plainText": True}],
    "excludeFromTextCount": True,
}
COLOUR = {"type": "select", "name": "colour", "label": "Colour", "options": [{"caption": "Red", "value": "red"}]}
SETTINGS = {
    "label": "Gazette",
    "assets": {"css": ["https://cdn.example.org/gazette.css"], "basePath": "/"},
    "defaultComponents": {"paragraph": "p"},
    "componentGroups": [{"name": "text", "label": "Text", "components": ["p"]}],
    "componentProperties": [COLOUR],
    "fieldExtractor": [{"identifier": "title", "type": "text", "matches": ["head.title"]}],
}
GAZETTE = {"v": 2, "designSettings": SETTINGS, "components": [PARAGRAPH, {"name": "hr", "html": "<hr>"}]}


@pytest.fixture
def gazette(times: Caller) -> Caller:
    """The first project, whose configuration names no design."""
    store.store(times.project, GAZETTE, by="test")
    return times


def newest(caller: Caller) -> Any:
    answer = caller.get("design")
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.parametrize("version", ["v1", "2026-07"])
def test_a_design_has_the_keys_that_renderers_read(gazette: Caller, version: str) -> None:
    """DSN-01"""
    number = gazette.project.pk
    design = gazette.get("design", version).json()
    assert design == {
        "name": f"p:{number}:{number}",
        "version": design["version"],
        "assets": {"css": ["https://cdn.example.org/gazette.css"]},
        "defaultComponents": {"paragraph": "p"},
        "groups": [{"name": "text", "label": "Text", "components": ["p"]}],
        "componentProperties": {"colour": COLOUR},
        "metadata": [{"identifier": "title", "type": "text", "matches": ["head.title"]}],
        "components": [
            {
                "name": "p",
                "label": "Paragraph",
                "iconUrl": "https://cdn.example.org/p.svg",
                "html": '<p doc-editable="text"></p>',
                "directives": {"text": {"name": "text", "type": "editable", "plainText": True}},
            },
            {"name": "hr", "label": "hr", "html": "<hr>", "directives": {}},
        ],
    }
    assert gazette.get(f"design/{design['version']}", version).json() == design


def test_older_versions_can_be_read_after_others_were_published(gazette: Caller) -> None:
    """DSN-02"""
    before = newest(gazette)
    store.store(gazette.project, GAZETTE | {"components": [PARAGRAPH]}, by="test")
    after = newest(gazette)
    assert after["version"] != before["version"]
    assert [component["name"] for component in after["components"]] == ["p"]
    assert gazette.get(f"design/{before['version']}").json() == before
    assert gazette.get("design/1.0.1").json()["name"] == "living-times", "the project's design had another name then"


def test_other_settings_of_a_design_are_another_version(gazette: Caller) -> None:
    """DSN-02: programs keep a version for ever."""
    before = newest(gazette)
    store.store(gazette.project, GAZETTE | {"settings": {"label": "The Gazette"}}, by="test")
    assert newest(gazette)["version"] == before["version"]
    store.store(gazette.project, GAZETTE | {"designSettings": SETTINGS | {"assets": {"js": ["a.js"]}}}, by="test")
    after = newest(gazette)
    assert after["version"] != before["version"]
    assert after["assets"] == {"css": [], "js": ["a.js"]}


@pytest.mark.parametrize("version", ["9.9.9", "latest", "1", "1.0.0.0", "x%00y", "1.0.1%0A", "1" * 300])
def test_an_unknown_version_is_not_found(times: Caller, version: str) -> None:
    """DSN-03"""
    answer = times.get(f"design/{version}")
    assert answer.status_code == 404
    assert answer.json()["error_details"]["name"] == "NotFound"
    assert answer.json()["error_details"]["message"].startswith("Design does not exist (living-times@")


def test_a_project_without_a_configuration_has_an_empty_design(db: None) -> None:
    caller = Caller(Project.objects.create(handle="new"))
    design = newest(caller)
    assert (design["name"], design["version"], design["components"]) == (
        f"p:{caller.project.pk}:{caller.project.pk}", "1.0.0", [],
    )  # fmt: skip
    assert caller.get("design/1.0.0").json() == design


def test_directives_may_be_declared_as_an_object(times: Caller) -> None:
    component = PARAGRAPH | {"directives": {"text": {"type": "editable"}}}
    store.store(times.project, GAZETTE | {"components": [component]}, by="test")
    assert newest(times)["components"][0]["directives"] == {"text": {"name": "text", "type": "editable"}}


@pytest.mark.parametrize("stored", [None, 5, [], {"assets": "x", "componentGroups": {}, "componentProperties": [1]}])
def test_unchecked_settings_do_no_harm(times: Caller, stored: Any) -> None:
    store_unchecked(times.project, GAZETTE | {"designSettings": stored})
    assert newest(times)["groups"] == []
    assert newest(times)["componentProperties"] == {}


def test_one_version_may_be_kept_and_the_newest_not(times: Caller) -> None:
    assert times.get("design").headers["Cache-Control"] == "private, no-cache"
    assert times.get("design/1.0.1").headers["Cache-Control"] == "private, max-age=86400, immutable"


def test_a_design_is_the_projects_own(times: Caller, db: None) -> None:
    other = Caller(Project.objects.create(handle="other"))
    store.store(other.project, CONFIG | {"design": {"name": "other", "version": "7.0.0"}}, by="test")
    assert times.get("design/7.0.0").status_code == 404
    assert times.with_scopes("public-api:write").get("design").status_code == 403


@pytest.mark.parametrize(("scopes", "token"), [((), "***"), (("public-api:config:read",), "t0p")])
def test_secrets_are_shown_as_in_the_configuration(times: Caller, scopes: tuple[str, ...], token: str) -> None:
    """CFG-17"""
    extractor = {"identifier": "title", "type": "text", "matches": [], "config": {"token": "t0p"}}
    store.store(times.project, GAZETTE | {"designSettings": {"fieldExtractor": [extractor]}}, by="test")
    reader = times.with_scopes("public-api:read", *scopes)
    for path in ("design", f"design/{newest(times)['version']}"):
        assert reader.get(path).json()["metadata"][0]["config"] == {"token": token}
