"""GET openapi.json, openapi.yaml: the OpenAPI document of a version; no token is needed."""

from django.http import HttpResponse
from rest_framework.request import Request

from livingdocs_import.api.entity_tags import conditional
from livingdocs_import.api.operations import Answer, Header, Operation
from livingdocs_import.api.shapes import OBJECT
from livingdocs_import.api.viewsets import ProjectViewSet
from livingdocs_import.openapi import documents

CACHING = "public, max-age=300"
YAML = "application/vnd.oai.openapi"
HEADERS = (Header("Cache-Control", "For how long the document may be kept."),)


class OpenAPIViewSet(ProjectViewSet):
    """The description of the API in one version."""

    scopes = {"json": (), "yaml": ()}
    operations = {
        "json": Operation(
            "getOpenAPI",
            "Service",
            "Get this document",
            answers={200: Answer("OpenAPI 3.1, in JSON.", OBJECT, headers=HEADERS)},
        ),
        "yaml": Operation(
            "getOpenAPIAsYAML",
            "Service",
            "Get this document in YAML",
            answers={200: Answer("OpenAPI 3.1, in YAML.", {}, headers=HEADERS, media_types=(YAML,))},
        ),
    }

    def json(self, request: Request, **_: str) -> HttpResponse:
        """GET openapi.json"""
        return self.document(documents.as_json(self.version.name), "application/json; charset=utf-8")

    def yaml(self, request: Request, **_: str) -> HttpResponse:
        """GET openapi.yaml"""
        return self.document(documents.as_yaml(self.version.name), YAML)

    def document(self, content: bytes, content_type: str) -> HttpResponse:
        """The text, or 304 if the caller has it already."""
        self.query()
        response = HttpResponse(content, content_type=content_type, headers={"Cache-Control": CACHING})
        return conditional(self.known_tags, response)
