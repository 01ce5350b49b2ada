"""POST import/documents: what is accepted, what is refused, and that a refusal stores nothing."""

from typing import Any

import pytest

from imports.models import ImportItem, ImportJob
from tests.api_client import Caller, document_item

SEED_EXAMPLE = {
    "systemName": "identifier-for-your-system",
    "webhook": "https://my-domain.com/webhooks/document-import",
    "context": {"myIdentifier": "some-identifier-sent-to-the-webhook"},
    "documents": [
        {
            "id": "123abc",
            "title": "test import",
            "contentType": "article",
            "checksum": "xyz456",
            "publishControl": {
                "firstPublicationDate": "1999-03-18T17:27:00.107Z",
                "significantPublicationDate": "1999-03-19T17:27:00.107Z",
                "lastPublicationDate": "1999-03-20T17:27:00.107Z",
            },
            "content": [
                {
                    "identifier": "header",
                    "content": {
                        "catchline": "imported catchline",
                        "title": "imported title",
                        "author": "imported author",
                    },
                }
            ],
            "design": {"name": "living-times", "version": "1.0.1"},
            "metadata": {"description": "foo"},
            "translations": [{"locale": "fr", "metadata": {"description": "foo FR"}}],
            "flags": {"autoPublish": True},
        }
    ],
}


def refusal(caller: Caller, body: Any) -> dict[str, Any]:
    answer = caller.post("import/documents", body)
    assert answer.status_code == 400, answer.content
    assert not ImportJob.objects.exists(), "JOB-25: a refused request stores no job"
    details: dict[str, Any] = answer.json()["error_details"]
    return details


def batch(**changes: Any) -> dict[str, Any]:
    return {"systemName": "archive", "documents": [document_item()]} | changes


def one(**changes: Any) -> dict[str, Any]:
    return batch(documents=[document_item() | changes])


def without(*names: str) -> dict[str, Any]:
    return batch(documents=[{name: value for name, value in document_item().items() if name not in names}])


@pytest.mark.parametrize("version", ["v1", "beta", "2025-03", "2026-01", "2026-09"])
def test_the_seed_example_is_accepted_verbatim_in_every_version(times: Caller, version: str) -> None:
    """DOC-61, GEN-04, JOB-01"""
    answer = times.post("import/documents", SEED_EXAMPLE, version)
    assert answer.status_code == 200
    assert list(answer.json()) == ["id"]


def test_an_empty_batch_is_finished_at_once(times: Caller) -> None:
    """JOB-16: the seed's curl example posts an empty list."""
    job = times.import_documents(webhook="https://my-domain.com/webhooks/document-import")
    assert times.status(job, "documents") == {"finished": True, "state": "success", "id": job, "logs": []}


def test_items_are_kept_as_they_were_sent(times: Caller) -> None:
    item = document_item(content=[{"component": "paragraph", "content": {"text": "ü ☃ 🛰"}}], metadata={"title": None})
    times.import_documents(item)
    assert ImportItem.objects.get().payload == item


@pytest.mark.parametrize("name", ["content", "design", "metadata", "translations", "flags", "publishControl"])
def test_what_is_optional_may_be_null(times: Caller, name: str) -> None:
    """DOC-04"""
    times.import_documents(document_item(**{name: None}))


@pytest.mark.parametrize("name", ["id", "title", "checksum", "contentType"])
def test_what_is_required_is_missed_by_path(times: Caller, name: str) -> None:
    """DOC-03, ERR-05"""
    assert refusal(times, without(name)) == {f"documents.0.{name}": f"Missing required property: {name}"}


def test_to_unpublish_needs_neither_title_nor_content_type(times: Caller) -> None:
    """DOC-41"""
    times.import_documents({"id": "a", "checksum": "1", "flags": {"unpublish": True}})


@pytest.mark.parametrize("brought", [{"content": []}, {"metadata": {}}, {"livingdoc": {"content": []}}, {"flags": {}}])
def test_only_unpublishing_alone_needs_neither(times: Caller, brought: dict[str, Any]) -> None:
    """DOC-41: what brings something to store has to say what it is."""
    body = batch(documents=[{"id": "a", "checksum": "1", "flags": {"unpublish": True}} | brought])
    assert refusal(times, body) == {
        "documents.0.title": "Missing required property: title",
        "documents.0.contentType": "Missing required property: contentType",
    }


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        pytest.param({"documents": []}, {"systemName": "Missing required property: systemName"}, id="JOB-14"),
        pytest.param({"systemName": "x"}, {"documents": "Missing required property: documents"}, id="JOB-15"),
        pytest.param(batch(documents={}), {"documents": "Invalid type: expected array"}, id="JOB-15 object"),
        pytest.param(batch(documents=[5]), {"documents.0": "Invalid type: expected object"}, id="a number"),
        pytest.param(one(id=5), {"documents.0.id": "Invalid type: expected string"}, id="a number is no id"),
        pytest.param(one(id=""), {"documents.0.id": "must NOT have fewer than 1 characters"}, id="empty id"),
        pytest.param(one(title=None), {"documents.0.title": "Invalid type: expected string"}, id="null title"),
        pytest.param(one(checksum=1), {"documents.0.checksum": "Invalid type: expected string"}, id="checksum"),
        pytest.param(one(flag=1), {"documents.0.flag": "Additional properties not allowed"}, id="ERR-09"),
        pytest.param(one(content="text"), {"documents.0.content": "Invalid type: expected array"}, id="content"),
        pytest.param(one(metadata=[]), {"documents.0.metadata": "Invalid type: expected object"}, id="metadata"),
        pytest.param(
            one(design={"name": "x"}),
            {"documents.0.design.version": "Missing required property: version"},
            id="half a design",
        ),
        pytest.param(
            one(livingdoc={"content": {}}),
            {"documents.0.livingdoc.content": "Invalid type: expected array"},
            id="livingdoc",
        ),
        pytest.param(one(documentId=0), {"documents.0.documentId": "must be >= 1"}, id="document zero"),
        pytest.param(
            one(flags={"autoPublish": "yes"}),
            {"documents.0.flags.autoPublish": "Invalid type: expected boolean"},
            id="DOC-47 text",
        ),
        pytest.param(
            one(flags={"neverOverwrite": None}),
            {"documents.0.flags.neverOverwrite": "Invalid type: expected boolean"},
            id="DOC-47 null",
        ),
        pytest.param(
            one(flags={"publish": True}),
            {"documents.0.flags.publish": "Additional properties not allowed"},
            id="DOC-47 unknown",
        ),
        pytest.param(
            one(publishControl={"embargoed": True}),
            {"documents.0.publishControl.embargoed": "Additional properties not allowed"},
            id="publishControl",
        ),
    ],
)
def test_a_wrong_shape_is_refused_by_path(times: Caller, body: Any, problems: dict[str, str]) -> None:
    """DOC-03, DOC-47, JOB-14, JOB-15, JOB-25, ERR-03, ERR-09"""
    assert refusal(times, body) == problems


DATES = [
    "publicationDate",
    *(
        f"publishControl.{name}"
        for name in (
            "firstPublicationDate",
            "lastPublicationDate",
            "significantPublicationDate",
            "visiblePublicationDateOverride",
            "embargo.until",
        )
    ),
]


@pytest.mark.parametrize("path", DATES)
@pytest.mark.parametrize(
    "date", ["yesterday", "", "2023-02-30", "2023-02-30T10:00:00Z", "10000-01-01T00:00:00Z", "1/2/2023", "١٩٩٩-03-18"]
)
def test_a_date_that_is_none_is_refused_by_path(times: Caller, path: str, date: str) -> None:
    """DOC-39"""
    *outer, name = path.split(".")
    value: dict[str, Any] = {name: date}
    for key in reversed(outer):
        value = {key: value}
    assert refusal(times, one(**value)) == {f"documents.0.{path}": 'must match format "date-time"'}


@pytest.mark.parametrize("path", DATES)
def test_a_date_that_is_a_number_is_refused_by_path(times: Caller, path: str) -> None:
    """DOC-39"""
    *outer, name = path.split(".")
    value: dict[str, Any] = {name: 20230228}
    for key in reversed(outer):
        value = {key: value}
    assert list(refusal(times, one(**value))) == [f"documents.0.{path}"]


def test_to_publish_and_unpublish_at_once_is_refused(times: Caller) -> None:
    """DOC-48"""
    flags = {"autoPublish": True, "unpublish": True}
    body = batch(documents=[document_item(), document_item(flags=flags), document_item(flags=flags)])
    message = "autoPublish and unpublish are mutually exclusive"
    assert refusal(times, body) == {"documents.1.flags": message, "documents.2.flags": message}


def test_all_problems_are_reported_at_once(times: Caller) -> None:
    """ERR-06"""
    body = {"webhook": 5, "documents": [{"id": 1, "more": True}, document_item(), {"publicationDate": "never"}]}
    assert set(refusal(times, body)) == {
        "systemName", "webhook", "documents.0.id", "documents.0.more", "documents.0.checksum", "documents.0.title",
        "documents.0.contentType", "documents.2.id", "documents.2.checksum", "documents.2.publicationDate",
        "documents.2.title", "documents.2.contentType",
    }  # fmt: skip


def test_ten_thousand_documents_are_taken_and_one_more_is_not(times: Caller) -> None:
    """JOB-22"""
    items = [document_item() for _ in range(10_001)]
    assert refusal(times, batch(documents=items)) == {"documents": "must NOT have more than 10000 items"}
    times.import_documents(*items[:10_000])
    assert ImportJob.objects.get().total == 10_000


def test_a_body_nested_deeper_than_any_client_needs_is_refused(times: Caller) -> None:
    """Containers nested a hundred deep: three levels of JSON each (spec 2.2)."""
    component: dict[str, Any] = {"component": "paragraph"}
    for _ in range(100):
        component = {"component": "gallery", "containers": {"images": [component]}}
    assert "message" in refusal(times, one(content=[component]))


@pytest.mark.parametrize("scope", ["public-api:read", "public-api:drafts:read", "public-api:config:write"])
def test_only_a_writing_token_may_import_and_ask(times: Caller, scope: str) -> None:
    """AUTH-08"""
    job = times.import_documents()
    other = times.with_scopes(scope)
    assert other.post("import/documents", batch()).status_code == 403
    assert other.get(f"import/documents/status?id={job}").status_code == 403
    writer = times.with_scopes("public-api:write")
    assert writer.post("import/documents", batch()).status_code == 200
    assert writer.get(f"import/documents/status?id={job}").status_code == 200


def test_without_a_token_access_is_refused(times: Caller) -> None:
    """AUTH-01"""
    assert times.client.post("/api/v1/import/documents", b"{}", content_type="application/json").status_code == 401
    assert times.client.get("/api/v1/import/documents/status?id=1").status_code == 401
