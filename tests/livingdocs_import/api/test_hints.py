"""What helps beyond the documented texts stands in headers: scopes, the kind of a job, deprecated fields."""

from typing import Any

import pytest

from tests.api_client import Caller, document_item, image_item

FORBIDDEN = {
    "status": 403,
    "error": "Forbidden",
    "error_details": {"access_token": "The request requires higher privileges"},
}


@pytest.mark.parametrize(
    ("path", "version", "scopes"),
    [
        ("mediaLibrary/it", "v1", "public-api:read"),
        ("import/images/status?id=x", "v1", "public-api:write"),
        ("documents/1/latestDraft", "2026-07", "public-api:write public-api:drafts:read"),
    ],
)
def test_a_missing_scope_is_answered_with_sufficient_ones(times: Caller, path: str, version: str, scopes: str) -> None:
    """AUTH-05: the text is the documented one."""
    answer = times.with_scopes("public-api:config:read").get(path, version)
    assert (answer.status_code, answer.json()) == (403, FORBIDDEN)
    assert answer["WWW-Authenticate"] == f'Bearer error="insufficient_scope", scope="{scopes}"'


def test_a_missing_token_is_requested(times: Caller) -> None:
    answer = times.client.get("/api/v1/mediaLibrary/it")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_a_job_that_is_asked_for_at_the_wrong_place_says_where_it_is(times: Caller, herald: Caller) -> None:
    """JOB-10, JOB-12: the documented response, which reveals nothing to other projects."""
    pictures = times.import_images(image_item("https://pictures.example/a.jpg"))
    articles = times.import_documents(document_item())
    for job, asked, right in ((pictures, "documents", "images"), (articles, "images", "documents")):
        answer = times.get(f"import/{asked}/status?id={job}")
        assert answer.json() == {"finished": False, "state": "lost", "id": f'no import job found for id "{job}"'}
        assert answer["Warning"] == f'299 - "this is a job of import/{right}: ask import/{right}/status"'
        assert "Warning" not in herald.get(f"import/{asked}/status?id={job}").headers
    assert "Warning" not in times.get("import/images/status?id=nobody").headers
    assert "Warning" not in times.get(f"import/images/status?id={pictures}").headers


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"publicationDate": "2024-01-01"}, "documents[].publicationDate is deprecated: "
         "use publishControl.lastPublicationDate"),
        ({"livingdoc": {"content": []}}, "documents[].livingdoc is deprecated: use content and design"),
    ],
)  # fmt: skip
def test_deprecated_fields_are_taken_and_named(times: Caller, fields: dict[str, Any], text: str) -> None:
    """TRN-04"""
    body = {"systemName": "archive", "documents": [document_item(), document_item(**fields), document_item(**fields)]}
    answer = times.post("import/documents", body)
    assert (answer.status_code, answer["Warning"]) == (200, f'299 - "{text}"')
    assert times.post("import/documents", body, "beta")["Warning"].count("299 - ") == 2, "the version's besides"
    plain = times.post("import/documents", {"systemName": "archive", "documents": [document_item()]})
    assert "Warning" not in plain.headers
