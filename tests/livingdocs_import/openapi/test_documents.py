"""OpenAPI documents: one for each version, without a token."""

from typing import Any

import pytest
import yaml
from django.test import Client

from livingdocs_import.api.versions import NAMES
from livingdocs_import.openapi import documents

client = Client()


def get(path: str, **headers: str) -> Any:
    return client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("version", NAMES)
def test_each_version_has_a_document_without_a_token(version: str) -> None:
    answer = get(f"/api/{version}/openapi.json")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    document = answer.json()
    assert (document["openapi"], document["info"]["version"]) == ("3.1.0", version)
    assert document["servers"][0]["url"] == f"/api/{version}"


def test_the_root_has_the_document_of_the_newest_version() -> None:
    assert get("/openapi.json").json() == documents.document(NAMES[-1])


def test_the_same_in_yaml() -> None:
    answer = get("/api/v1/openapi.yaml")
    assert answer["Content-Type"] == "application/vnd.oai.openapi"
    assert yaml.safe_load(answer.content) == get("/api/v1/openapi.json").json()


@pytest.mark.parametrize("path", ["/openapi.json", "/api/v1/openapi.json", "/api/v1/openapi.yaml"])
def test_who_has_it_already_gets_no_second_copy(path: str) -> None:
    first = get(path)
    second = get(path, if_none_match=first["ETag"])
    assert (second.status_code, second.content) == (304, b"")
    assert second["ETag"] == first["ETag"]
    assert second["Cache-Control"] == first["Cache-Control"] == "public, max-age=300"


def test_two_versions_have_two_tags() -> None:
    assert get("/api/v1/openapi.json")["ETag"] != get("/api/2026-01/openapi.json")["ETag"]


def test_there_is_none_of_versions_that_there_never_were() -> None:
    assert get("/api/2024-01/openapi.json").status_code == 404


def test_there_is_none_of_versions_that_are_retired(settings: Any) -> None:
    settings.API_RETIRED_VERSIONS = ["beta"]
    assert get("/api/beta/openapi.json").status_code == 410


def test_parameters_are_refused() -> None:
    assert get("/api/v1/openapi.json?version=beta").status_code == 400


def test_it_is_made_once_in_a_process() -> None:
    assert documents.as_json("v1") is documents.as_json("v1")


def test_a_feature_is_described_where_it_is() -> None:
    paths = {name: documents.document(name)["paths"] for name in NAMES}
    assert [name for name in NAMES if "/mediaLibrary/{media_id}/keys" in paths[name]] == list(
        NAMES[NAMES.index("2026-03") :]
    )
    assert [name for name in NAMES if "/menus" in paths[name]] == ["v1", "beta", "2025-03"]


def test_entries_are_listed_under_the_key_of_the_version() -> None:
    keys = {
        name: list(documents.document(name)["components"]["schemas"]["MediaLibraryEntries"]["properties"])
        for name in NAMES
    }
    assert keys["2025-11"] == ["mediaLibraryEntries"]
    assert keys["2026-01"] == ["results"]


def test_it_names_the_scopes_that_suffice() -> None:
    draft = documents.document("beta")["paths"]["/documents/{document_id}/latestDraft"]["get"]
    assert draft["security"] == [{"accessToken": ["public-api:write"]}, {"accessToken": ["public-api:drafts:read"]}]
    assert "security" not in documents.document("v1")["paths"]["/health"]["get"]


def test_a_deprecated_version_says_so_of_each_operation() -> None:
    for name in NAMES:
        flags = {
            each.get("deprecated", False)
            for path in documents.document(name)["paths"].values()
            for each in path.values()
        }
        assert flags == {name in ("beta", "2025-03")}


def test_webhooks_are_described_with_their_signatures() -> None:
    document = documents.document("v1")
    publish = document["webhooks"]["document.publish"]["post"]
    names = {each["name"]: each["required"] for each in publish["parameters"]}
    assert names["x-livingdocs-delivery"]
    assert names.keys() >= {"x-livingdocs-signature", "webhook-id", "webhook-timestamp", "webhook-signature"}
    callback = document["paths"]["/import/images"]["post"]["callbacks"]["jobEnded"]
    assert list(callback) == ["{$request.body#/webhook}"]
