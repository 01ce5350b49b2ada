"""GET documents/{id}/latestPublication and latestDraft."""

from typing import Any

import pytest

from documents import services
from documents.models import Document
from livingdocs_import.project_config import store
from tests.api_client import CONFIG, Caller, document_item
from tests.newsroom import PUBLISH, Newsroom, image, paragraph

DATES = {
    "firstPublicationDate": "2022-03-16T14:08:11.000Z",
    "significantPublicationDate": "2022-10-26T07:25:00.000Z",
    "visiblePublicationDateOverride": "2022-10-27T06:00:00.000Z",
    "lastPublicationDate": "2023-03-18T16:32:04.170Z",
}


def configure(newsroom: Newsroom, **article: Any) -> None:
    content_type = CONFIG["contentTypes"][0] | article
    store.store(newsroom.caller.project, CONFIG | {"contentTypes": [content_type]}, by="test")


# --- latestPublication -----------------------------------------------------------------------------------------------


def test_a_published_document_reads_as_documented(newsroom: Newsroom) -> None:
    """PUB-01, PUB-03, PUB-04, PUB-06"""
    content = [{"identifier": "header", "content": {"title": "a title"}, "position": "fixed", "styles": {"x": "y"}}]
    row = newsroom.fine(content=content, metadata={"title": "a title"}, publishControl=DATES, flags=PUBLISH)
    project = newsroom.caller.project
    body = newsroom.publication(row["document_id"], version="v1")
    (component,) = body["content"]
    assert body == {
        "systemdata": {
            "projectId": project.pk,
            "channelId": project.channel_id,
            "documentId": row["document_id"],
            "contentType": "article",
            "documentType": "article",
            "publicationId": Document.objects.get().live_publication_id,
            "firstPublicationDate": DATES["firstPublicationDate"],
            "significantPublicationDate": DATES["significantPublicationDate"],
            "visiblePublicationDate": DATES["visiblePublicationDateOverride"],
            "lastPublicationDate": DATES["lastPublicationDate"],
            "design": {"name": "living-times", "version": "1.0.1"},
        },
        "metadata": {"title": "a title"},
        "content": [
            {
                "id": component["id"],
                "component": "header",
                "identifier": "living-times.header",
                "content": {"title": "a title"},
                "position": "fixed",
                "styles": {"x": "y"},
            }
        ],
    }


@pytest.mark.parametrize("version", ["beta", "2025-03", "2026-09"])
def test_later_versions_report_the_references_as_well(newsroom: Newsroom, version: str) -> None:
    row = newsroom.fine(content=[image(id="i")], flags=PUBLISH)
    (link,) = newsroom.publication(row["document_id"], version=version)["references"]
    assert (link["id"], link["location"], link["componentId"]) == ("9fKagDCiN6sb", "image-directive", "i")


def test_dates_that_are_not_set_are_left_out(newsroom: Newsroom) -> None:
    """PUB-04: the visible date is the first one then."""
    row = newsroom.fine(publishControl={"firstPublicationDate": DATES["firstPublicationDate"]}, flags=PUBLISH)
    systemdata = newsroom.publication(row["document_id"])["systemdata"]
    assert "significantPublicationDate" not in systemdata
    assert systemdata["visiblePublicationDate"] == DATES["firstPublicationDate"]


def test_a_content_type_may_prefer_another_visible_date(newsroom: Newsroom) -> None:
    """PUB-04"""
    preference = ["publishControl.significantPublicationDate"]
    configure(newsroom, publishControl={"visiblePublicationDatePreference": preference})
    row = newsroom.fine(publishControl=DATES, flags=PUBLISH)
    systemdata = newsroom.publication(row["document_id"])["systemdata"]
    assert systemdata["visiblePublicationDate"] == DATES["significantPublicationDate"]


def test_what_is_not_published_is_not_found(newsroom: Newsroom) -> None:
    """PUB-02"""
    row = newsroom.fine()
    body = newsroom.publication(row["document_id"], status=404)
    assert body["error_details"]["name"] == "NotFound"
    newsroom.fine(checksum="2", flags=PUBLISH)
    newsroom.publication(row["document_id"])
    newsroom.bring({"id": "a", "checksum": "3", "flags": {"unpublish": True}})
    newsroom.publication(row["document_id"], status=404)


@pytest.mark.parametrize("number", ["0", "999", "9" * 30, "9" * 5000, "x", "-1"])
def test_what_does_not_exist_is_not_found(newsroom: Newsroom, number: Any) -> None:
    newsroom.publication(number, status=404)
    newsroom.draft(number, status=404)


def test_a_document_of_another_project_is_not_found(newsroom: Newsroom, herald: Caller) -> None:
    """AUTH-14"""
    row = newsroom.fine(flags=PUBLISH)
    path = f"documents/{row['document_id']}"
    for caller in (herald, newsroom.caller):
        found = {caller.get(f"{path}/{what}", "2025-03").status_code for what in ("latestPublication", "latestDraft")}
        assert found == {404 if caller is herald else 200}
    assert herald.get("documents/latestPublications").json() == []


def test_only_configured_metadata_is_delivered(newsroom: Newsroom) -> None:
    """PUB-07"""
    system = {"handle": "internal", "type": "li-system-text"}
    configure(newsroom, metadata=[{"handle": "title", "type": "li-text"}, {"handle": "old", "type": "li-text"}, system])
    row = newsroom.fine(metadata={"title": "t", "old": "o", "internal": "for the newsroom only"}, flags=PUBLISH)
    configure(newsroom, metadata=[{"handle": "title", "type": "li-text"}, system])
    assert newsroom.publication(row["document_id"])["metadata"] == {"title": "t"}
    assert newsroom.draft(row["document_id"])["metadata"] == {"title": "t"}


def test_documents_of_a_content_type_that_is_gone_are_not_served(newsroom: Newsroom) -> None:
    row = newsroom.fine(flags=PUBLISH)
    configure(newsroom, handle="report")
    newsroom.publication(row["document_id"], status=404)
    newsroom.draft(row["document_id"], status=404)
    assert newsroom.read("documents/latestPublications", "v1") == []


@pytest.mark.parametrize(
    "fields", ["systemdata", "content,metadata", "references", "systemdata,metadata,content,references"]
)
def test_only_the_parts_that_are_asked_for_are_reported(newsroom: Newsroom, fields: str) -> None:
    row = newsroom.fine(flags=PUBLISH)
    body = newsroom.read(f"documents/{row['document_id']}/latestPublication?fields={fields}")
    assert set(body) == set(fields.split(","))


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("fields=titles", {"fields": 'No enum match for: "titles"'}),
        ("fields=", {"fields": 'No enum match for: ""'}),
        ("renditions=web", {"renditions": "Additional properties not allowed"}),
        ("ignoreComponentConditions=maybe", {"ignoreComponentConditions": "Invalid type: expected boolean"}),
        ("componentConditions=[]", {"componentConditions": "must be a JSON object"}),
        ("componentConditions={", {"componentConditions": "must be a JSON object"}),
        (
            'componentConditions={"dateTime":"2023-02-30"}',
            {"componentConditions.dateTime": 'must match format "date-time"'},
        ),
        ('componentConditions={"brand":5}', {"componentConditions.brand": "Invalid type: expected string"}),
        ('componentConditions={"x":5}', {"componentConditions.x": "Additional properties not allowed"}),
    ],
)
def test_an_unknown_query_parameter_is_refused(newsroom: Newsroom, query: str, problem: Any) -> None:
    row = newsroom.fine(flags=PUBLISH)
    body = newsroom.read(f"documents/{row['document_id']}/latestPublication?{query}", status=400)
    assert body["error_details"] == problem


def test_references_are_no_field_of_v1(newsroom: Newsroom) -> None:
    row = newsroom.fine(flags=PUBLISH)
    newsroom.read(f"documents/{row['document_id']}/latestPublication?fields=references", "v1", status=400)


def test_reading_needs_a_token_that_may(times: Caller) -> None:
    writer = times.with_scopes("public-api:write", "public-api:drafts:read")
    assert writer.get("documents/1/latestPublication").status_code == 403
    assert writer.get("documents/latestPublications").status_code == 403


# --- Conditional components ------------------------------------------------------------------------------------------

WHEN = {"gte": "2024-02-11T23:00:00.000Z", "lt": "2024-02-25T23:00:00.000Z"}


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["always"]),
        ("ignoreComponentConditions=true", ["always", "february", "brand"]),
        ("ignoreComponentConditions", ["always", "february", "brand"]),
        ("ignoreComponentConditions=false", ["always"]),
        ('componentConditions={"dateTime":"2024-02-14T17:25:10.391Z"}', ["always", "february"]),
        ('componentConditions={"dateTime":"2024-02-11T23:00:00Z"}', ["always", "february"]),
        ('componentConditions={"dateTime":"2024-02-25T23:00:00Z"}', ["always"]),
        ('componentConditions={"brand":"blue"}', ["always", "brand"]),
        ('componentConditions={"brand":"red"}', ["always"]),
        ('componentConditions={"brand":null}', ["always"]),
    ],
)
def test_components_are_shown_when_their_conditions_hold(newsroom: Newsroom, query: str, shown: list[str]) -> None:
    """(spec 3.18)"""
    row = newsroom.fine(
        content=[
            paragraph("x", id="always"),
            paragraph("x", id="february", conditions={"dateTime": WHEN}),
            paragraph("x", id="brand", conditions={"brands": ["blue", "green"]}),
        ],
        flags=PUBLISH,
    )
    for what in ("latestPublication", "latestDraft"):
        body = newsroom.read(f"documents/{row['document_id']}/{what}?{query}")
        assert [component["id"] for component in body["content"]] == shown
    (body,) = newsroom.read(f"documents/latestPublications?{query}")
    assert [component["id"] for component in body["content"]] == shown


def test_conditions_count_inside_of_containers_too(newsroom: Newsroom) -> None:
    gallery = {"component": "gallery", "containers": {"images": [image(id="i", conditions={"brands": ["blue"]})]}}
    row = newsroom.fine(content=[gallery], flags=PUBLISH)
    assert newsroom.publication(row["document_id"])["content"][0]["containers"] == {"images": []}


# --- latestDraft -----------------------------------------------------------------------------------------------------


def test_the_draft_shows_what_is_not_published_yet(newsroom: Newsroom) -> None:
    """PUB-05, PUB-06"""
    row = newsroom.fine(metadata={"title": "published"}, publishControl=DATES, flags=PUBLISH)
    newsroom.fine(checksum="2", metadata={"title": "changed"}, content=[image(id="i")])
    body = newsroom.draft(row["document_id"])
    assert set(body) == {"systemdata", "metadata", "content", "references"}
    assert body["metadata"] == {"title": "changed"}
    assert "publicationId" not in body["systemdata"]
    assert body["systemdata"]["lastPublicationDate"] == DATES["lastPublicationDate"]
    (component,) = body["content"]
    assert (component["id"], component["component"], component["identifier"]) == ("i", "image", "living-times.image")
    assert body["references"][0]["componentId"] == "i"


def test_a_draft_that_was_never_published_has_no_dates(newsroom: Newsroom) -> None:
    row = newsroom.fine()
    assert not [name for name in newsroom.draft(row["document_id"])["systemdata"] if name.endswith("Date")]


def test_v1_has_no_drafts(newsroom: Newsroom) -> None:
    row = newsroom.fine()
    newsroom.draft(row["document_id"], version="v1", status=404)
    newsroom.draft(row["document_id"], version="beta")


@pytest.mark.parametrize(
    ("scope", "status"), [("public-api:write", 200), ("public-api:drafts:read", 200), ("public-api:read", 403)]
)
def test_either_of_two_scopes_may_read_drafts(newsroom: Newsroom, scope: str, status: int) -> None:
    """PUB-05"""
    row = newsroom.fine()
    caller = newsroom.caller.with_scopes(scope)
    assert caller.get(f"documents/{row['document_id']}/latestDraft", "2025-03").status_code == status


def test_a_deleted_document_has_no_draft(newsroom: Newsroom) -> None:
    row = newsroom.fine()
    services.delete(Document.objects.get(), by="ines")
    newsroom.draft(row["document_id"], status=404)


def test_a_draft_that_comes_after_thousands_of_others_is_its_own(newsroom: Newsroom) -> None:
    rows = newsroom.bring(*(document_item(metadata={"title": str(number)}) for number in range(60)))
    assert newsroom.draft(rows[41]["document_id"])["metadata"] == {"title": "41"}
