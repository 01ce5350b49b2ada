"""The API follows DRF: what DRF documents for a ViewSet holds for ours."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.throttling import BaseThrottle
from rest_framework.versioning import BaseVersioning

from config.api_urls import urlpatterns
from livingdocs_import.api.pagination import VersionedPagination
from livingdocs_import.api.responses import Response
from livingdocs_import.api.versions import KNOWN, Feature
from livingdocs_import.api.viewsets import ProjectViewSet


class Somebody(BaseAuthentication):
    def authenticate(self, request: Any) -> Any:
        return None, "somebody"


class Nobody(BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class Seldom(BaseThrottle):
    def allow_request(self, request: Any, view: Any) -> bool:
        return False


class Newest(BaseVersioning):
    def determine_version(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return KNOWN["2026-09"]


class Shouted(BaseParser):
    media_type = "text/plain"

    def parse(self, stream: Any, *_: Any) -> Any:
        return stream.read().decode().upper()


class AsText(BaseRenderer):
    media_type, format, charset = "text/plain", "txt", "utf-8"

    def render(self, data: Any, *_: Any) -> Any:
        return repr(data)


class Numbers:
    """A list as pages of it are read."""

    def page(self, *, limit: int, offset: int, before: int | None) -> tuple[list[int], int]:
        return [limit, offset], 7

    def total(self) -> int:
        return 9


class Echo(ProjectViewSet):
    """Echoes its input."""

    scopes = {"retrieve": (), "create": (), "list": (), "mine": ("public-api:read",)}

    def retrieve(self, request: Any, **_: str) -> Response:
        return Response({"action": self.action, "version": self.version.name})

    def create(self, request: Any, **_: str) -> Response:
        return Response(request.data, status=201, headers={"X-Extra": "1"})

    def list(self, request: Any, **_: str) -> Response:
        return self.paginated(Numbers())

    def mine(self, request: Any, **_: str) -> Response:
        return Response(request.auth)


def call(action: str, body: str = "", **hooks: Any) -> HttpResponse:
    """Ask an action of a ViewSet with these hooks, in version v1."""
    method = "post" if action == "create" else "get"
    request = getattr(RequestFactory(), method)("/echo", body or None, content_type="text/plain")
    answer: HttpResponse = Echo.as_view({method: action}, **hooks)(request, version="v1")
    return answer


def test_every_path_leads_to_a_viewset() -> None:
    assert all(issubclass(pattern.callback.cls, ProjectViewSet) for pattern in urlpatterns[:-1])  # the last: not found


def test_an_action_answers_with_data() -> None:
    answer = call("retrieve")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    assert answer.content == b'{"action":"retrieve","version":"v1"}'


def test_status_and_headers_are_the_actions() -> None:
    answer = call("create", "hello", parser_classes=[Shouted], content_negotiation_class=DefaultContentNegotiation)
    assert (answer.status_code, answer.headers["X-Extra"], answer.content) == (201, "1", b'"HELLO"')


@pytest.mark.parametrize(
    ("hooks", "status", "content"),
    [
        ({"renderer_classes": [AsText]}, 200, "{'action': 'retrieve', 'version': 'v1'}"),
        ({"versioning_class": Newest}, 200, '{"action":"retrieve","version":"2026-09"}'),
        ({"permission_classes": [Nobody], "authentication_classes": []}, 403, "higher privileges"),
        ({"throttle_classes": [Seldom]}, 429, "throttled"),
        ({"feature": Feature.CURSORS}, 404, '"url":"/echo"'),
    ],
)
def test_hooks_are_classes_of_the_viewset(hooks: dict[str, Any], status: int, content: str) -> None:
    answer = call("retrieve", **hooks)
    assert answer.status_code == status
    assert content in answer.content.decode()


def test_who_calls_is_found_out_by_the_authentication_classes() -> None:
    answer = call("mine", authentication_classes=[Somebody], permission_classes=[])
    assert json.loads(answer.content) == "somebody"


def test_pages_are_made_by_the_pagination_class() -> None:
    assert json.loads(call("list").content) == [100, 0]
    in_the_newest = json.loads(call("list", versioning_class=Newest).content)
    assert in_the_newest | {"cursor": ""} == {"total": 9, "cursor": "", "results": [100, 0]}

    class Short(VersionedPagination):
        def get_paginated_response(self, data: Any) -> Response:
            return Response(len(data))

    assert json.loads(call("list", pagination_class=Short).content) == 2
