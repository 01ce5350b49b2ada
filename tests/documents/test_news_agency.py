"""Reports of news agencies are imported as documents of a content type of their own (spec 4.9)."""

from collections.abc import Callable
from typing import Any

import pytest

from documents import services
from documents.models import Document
from livingdocs_import import project_config
from livingdocs_import.errors import Rejected
from livingdocs_import.project_config import store
from livingdocs_import.validation.problems import json_pointer
from tests.api_client import CONFIG, Caller, make_project
from tests.newsroom import PUBLISH, Newsroom, newest

AGENCY = {"functionHandle": "makeArticle"}
WITH_AGENCY = CONFIG | {"newsAgency": AGENCY}
METADATA = {
    "title": "Lake too warm for trout",
    "lead": "Anglers asked to stop at noon",
    "source": "sda",
    "category": "environment",
    "keywords": ["fish"],
    "location": "Biel",
    "priority": 4,
    "datetime": "2026-07-14T05:50:00.000Z",
}
ITEM = {"component": "li", "content": {"text": "No night fishing"}}
CONTENT = [
    {"component": "h2", "content": {"text": "Measures"}},
    {"component": "p", "content": {"text": "<em>All</em> of them"}},
    {"component": "ul", "containers": {"items": [ITEM]}},
    {"component": "ol", "containers": {"items": [ITEM]}},
]
REPORT = {
    "contentType": "liNewsAgencyReport",
    "title": METADATA["title"],
    "metadata": METADATA,
    "content": CONTENT,
    "checksum": "3",
}
REQUIRED = ("title", "lead", "source", "category", "priority", "datetime")


@pytest.fixture
def newsroom(db: None, run_workers: Callable[[], None]) -> Newsroom:
    return Newsroom(Caller(make_project("wire", WITH_AGENCY)), run_workers)


def report(**changes: Any) -> dict[str, Any]:
    return REPORT | changes


def reported(**parts: Any) -> list[tuple[str, str, str]]:
    problems = project_config.problems(CONFIG | parts)
    return [(problem.kind.value, json_pointer(problem.path), problem.message) for problem in problems]


def test_a_report_is_a_document_with_a_design_of_its_own(newsroom: Newsroom) -> None:
    """AGY-01, AGY-04"""
    row = newsroom.fine(**REPORT)
    assert row["state"] == "imported"
    draft = newsroom.draft(row["document_id"])
    assert draft["systemdata"]["contentType"] == "liNewsAgencyReport"
    assert draft["systemdata"]["documentType"] == "article"
    assert draft["systemdata"]["design"] == {"name": "liNewsAgencyReport", "version": "1.0.0"}
    assert [component["component"] for component in draft["content"]] == ["h2", "p", "ul", "ol"]
    newsroom.publication(row["document_id"], status=404)


def test_without_news_agencies_there_are_no_reports(db: None, run_workers: Callable[[], None]) -> None:
    """AGY-02"""
    row = Newsroom(Caller(make_project("times", CONFIG)), run_workers).one(**REPORT)
    assert (row["state"], row["reason"]) == ("failed", 'Unknown contentType "liNewsAgencyReport"')


@pytest.mark.parametrize(
    "component",
    [
        {"component": "paragraph", "content": {"text": "of the project's design"}},
        {"component": "h1", "content": {"text": "unknown"}},
        {"component": "p", "content": {"title": "no such directive"}},
        {"component": "ul", "content": {"items": "a container"}},
        {"component": "ul", "containers": {"items": [{"component": "p", "content": {"text": "no item"}}]}},
    ],
)
def test_other_components_and_directives_fail_the_report(newsroom: Newsroom, component: dict[str, Any]) -> None:
    """AGY-04"""
    row = newsroom.one(**report(content=[component]))
    assert (row["state"], row["reason"]) == ("failed", "Invalid content")


def test_titles_within_a_report_are_plain_text(newsroom: Newsroom) -> None:
    """AGY-04"""
    titles = [{"component": name, "content": {"text": "<b>1 &amp; 2</b>"}} for name in ("h2", "p")]
    row = newsroom.fine(**report(content=titles))
    texts = [component["content"]["text"] for component in newsroom.draft(row["document_id"])["content"]]
    assert texts[0] != texts[1] == "<b>1 &amp; 2</b>"


def test_an_item_stands_in_a_list(newsroom: Newsroom) -> None:
    """AGY-05"""
    row = newsroom.one(**report(content=[ITEM]))
    assert (row["state"], row["reason"]) == ("failed", "Invalid content")
    assert row["error_details"]["errors"][0]["message"] == '"li" must be within ol or ul'


def test_a_design_of_the_project_is_none_for_reports(newsroom: Newsroom) -> None:
    row = newsroom.one(**report(design={"name": "living-times", "version": "1.0.1"}))
    assert row["reason"] == 'Unknown design "living-times@1.0.1"'
    assert newsroom.fine(**report(design={"name": "liNewsAgencyReport", "version": "1.0.0"}))


def test_the_design_of_reports_is_none_for_articles(newsroom: Newsroom) -> None:
    row = newsroom.one(design={"name": "liNewsAgencyReport", "version": "1.0.0"})
    assert row["reason"] == 'Unknown design "liNewsAgencyReport@1.0.0"'


@pytest.mark.parametrize("missing", REQUIRED)
def test_what_is_required_counts_on_import(newsroom: Newsroom, missing: str) -> None:
    """AGY-06"""
    row = newsroom.one(**report(metadata={name: value for name, value in METADATA.items() if name != missing}))
    assert (row["state"], row["reason"]) == ("failed", "Invalid metadata")
    assert f"The field '{missing}' is required" in str(row["error_details"]["errors"])


def test_everything_required_that_is_missing_is_reported_at_once(newsroom: Newsroom) -> None:
    """AGY-06"""
    row = newsroom.one(**report(metadata={}))
    assert len(row["error_details"]["errors"]) == len(REQUIRED)


@pytest.mark.parametrize(("priority", "state"), [(0, "failed"), (1, "imported"), (6, "imported"), (7, "failed")])
def test_priorities_are_from_1_to_6(newsroom: Newsroom, priority: int, state: str) -> None:
    """AGY-07"""
    assert newsroom.one(**report(metadata=METADATA | {"priority": priority}))["state"] == state


def test_another_checksum_updates_the_report(newsroom: Newsroom) -> None:
    """AGY-08"""
    first = newsroom.fine(**REPORT)
    assert newsroom.fine(**REPORT)["state"] == "skipped"
    second = newsroom.fine(**report(checksum="4", title="Trout saved"))
    assert second["document_id"] == first["document_id"]
    assert newest(first["document_id"]).title == "Trout saved"


def test_a_report_is_never_published(newsroom: Newsroom) -> None:
    """AGY-09"""
    row = newsroom.one(**report(flags=PUBLISH))
    assert (row["state"], row["reason"]) == ("failed", "liNewsAgencyReport cannot be published")
    newsroom.fine(**REPORT)
    with pytest.raises(Rejected, match="Articles are made of it"):
        services.publish(Document.objects.get(), by="eva")
    assert newsroom.one(**report(flags=PUBLISH))["reason"] == "liNewsAgencyReport cannot be published"


def test_a_report_that_asks_for_an_article_says_that_nothing_makes_it(newsroom: Newsroom) -> None:
    """AGY-10"""
    row = newsroom.fine(**report(metadata=METADATA | {"autoPublish": True}))
    assert (row["state"], row["details"]) == ("imported", {"newsAgency": "no function registered"})
    assert "details" not in newsroom.fine(**report(id="b"))


def test_the_handle_of_reports_is_reserved() -> None:
    """AGY-03"""
    by_hand = {"handle": "liNewsAgencyReport", "documentType": "article"}
    message = "'liNewsAgencyReport' is reserved: newsAgency brings it along"
    at = f"/contentTypes/{len(CONFIG['contentTypes'])}/handle"
    for parts in ({}, {"newsAgency": AGENCY}):
        assert reported(contentTypes=[*CONFIG["contentTypes"], by_hand], **parts) == [("violation", at, message)]


@pytest.mark.parametrize(
    ("agency", "at", "message"),
    [
        ([AGENCY], "", "must be object"),
        ({}, "", "must have required property 'functionHandle'"),
        ({"screens": []}, "", "must have required property 'functionHandle'"),
        (AGENCY | {"functionHandle": 7}, "/functionHandle", "must be string"),
        (AGENCY | {"screens": [{}]}, "/screens/0", "must have required property 'handle'"),
        (
            AGENCY | {"screens": [{"handle": "wire", "displayFilterOptionsSource": []}]},
            "/screens/0/displayFilterOptionsSource",
            "was replaced by newsAgency.sources",
        ),
        (AGENCY | {"sources": [{"label": "SDA"}]}, "/sources/0", "must have required property 'value'"),
        (AGENCY | {"categories": [{"label": 7, "value": "x"}]}, "/categories/0/label", "must be string or object"),
        (AGENCY | {"notifications": [{"handle": "n", "label": "n", "category": 7}]}, "/notifications/0/category",
         "must be array"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_news_agencies_is_reported_where(agency: Any, at: str, message: str) -> None:
    """AGY-11"""
    assert reported(newsAgency=agency) == [("schema", f"/newsAgency{at}", message)]


def test_everything_documented_about_news_agencies_is_accepted() -> None:
    agency = AGENCY | {
        "screens": [{"handle": "wire", "pageTitle": "Wire", "search": {"strategy": "date"}, "baseFilters": []}],
        "sources": [{"label": {"en": "SDA"}, "value": "sda"}],
        "categories": [{"label": "Environment", "value": "environment"}],
        "notifications": [{"handle": "n", "label": "Alarm", "category": ["a", "b"]}],
    }
    assert reported(newsAgency=agency) == []


def test_a_function_that_cannot_be_called_is_warned_of() -> None:
    """AGY-10"""
    warned_of = [warning.path for warning in project_config.warnings(WITH_AGENCY)]
    assert ("newsAgency", "functionHandle") in warned_of


@pytest.mark.parametrize("agency", [[AGENCY], {}, 7, {"screens": 7}])
def test_what_was_stored_before_stays_readable(db: None, agency: Any) -> None:
    project = make_project("times", CONFIG)
    row = project.config_revisions.get()
    row.config = row.config | {"newsAgency": agency}
    row.save()
    assert "article" in store.current(project).content_types
