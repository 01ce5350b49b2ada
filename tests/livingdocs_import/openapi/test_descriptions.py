"""Nothing is left undescribed, and nothing is described that a linter or a schema would not take."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import get_resolver
from openapi_spec_validator import OpenAPIV31SpecValidator

from livingdocs_import.api.versions import KNOWN, NAMES
from livingdocs_import.api.viewsets import ProjectViewSet
from livingdocs_import.openapi import documents
from tests.contract import problems, resolved

# Bodies of the customer's documents that are no answers of a service.
ABBREVIATED = {("importMediaLibraryEntries", "CreatedResults"): "`record` is abbreviated to {}"}


def operations(version: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in documents.document(version)["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


@pytest.mark.parametrize("version", NAMES)
def test_a_linter_finds_nothing(version: str) -> None:
    assert [str(error) for error in OpenAPIV31SpecValidator(documents.document(version)).iter_errors()] == []


def test_every_route_that_a_version_has_is_described() -> None:
    for version in KNOWN.values():
        described = {name for name, _ in operations(version.name)}
        there = {
            (action, route)
            for route, viewset, actions, feature in routes()
            for action in actions
            if action != "head" and (feature is None or version.has(feature))
        }
        assert len(described) == len(there)


def routes() -> Iterator[tuple[str, type[ProjectViewSet], dict[str, str], Any]]:
    for entry in get_resolver("config.api_urls").url_patterns:
        if (viewset := getattr(entry.callback, "cls", None)) is not None:
            yield str(entry.pattern), viewset, entry.callback.actions, entry.callback.initkwargs.get("feature")


@pytest.mark.parametrize("version", NAMES)
def test_each_operation_has_an_id_of_its_own_and_words(version: str) -> None:
    described = [operation for _, operation in operations(version)]
    ids = [operation["operationId"] for operation in described]
    assert len(ids) == len(set(ids))
    assert all(operation["summary"] and operation["tags"] for operation in described)
    webhooks = [webhook["post"] for webhook in documents.document(version)["webhooks"].values()]
    used = {tag for operation in [*described, *webhooks] for tag in operation["tags"]}
    assert used == {tag["name"] for tag in documents.document(version)["tags"]}
    parameters = [each for operation in described for each in operation.get("parameters", ())]
    assert all(each["description"] for each in parameters)


def objects(schema: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield place, schema
        for name, inner in schema.items():
            yield from objects(inner, f"{place}/{name}")
    elif isinstance(schema, list):
        for inner in schema:
            yield from objects(inner, place)


def test_an_object_with_properties_is_closed() -> None:
    for name, schema in documents.document("2026-09")["components"]["schemas"].items():
        for place, found in objects(schema, name):
            if "properties" in found and not {"livingdoc", "if", "ProjectConfig"} & set(place.split("/")):
                assert found.get("additionalProperties") is False, place


def contents(version: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for _, operation in operations(version):
        name = operation["operationId"]
        yield name, operation.get("requestBody", {}).get("content", {})
        for answer in operation["responses"].values():
            yield name, resolved(version, answer).get("content", {})


@pytest.mark.parametrize("version", NAMES)
def test_examples_fit_their_schemas(version: str) -> None:
    wrong = {
        (name, example): found
        for name, content in contents(version)
        for described in content.values()
        for example, body in described.get("examples", {}).items()
        if (found := list(problems(version, described["schema"], body["value"])))
    }
    assert wrong.keys() <= ABBREVIATED.keys(), wrong
