"""The base of every ViewSet: DRF's hooks in the order of the contract, and accessors for actions."""

from collections.abc import Collection, Mapping
from contextlib import ExitStack
from typing import Any, ClassVar, cast

from django.http import Http404, HttpRequest
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from livingdocs_import.api.entity_tags import conditional
from livingdocs_import.api.operations import Answer, Operation
from livingdocs_import.api.pagination import Listing
from livingdocs_import.api.query import read_query
from livingdocs_import.api.requests import APIRequest
from livingdocs_import.api.responses import Response
from livingdocs_import.api.shapes import closed
from livingdocs_import.api.versions import Feature, Version
from livingdocs_import.api.warnings import note_deprecation
from livingdocs_import.models import AccessToken, Project


class ProjectViewSet(GenericViewSet[Any]):
    """The API of one resource of a project.

    `scopes`: by action, the scopes of which one suffices; `()` means that no token is needed. `operations`: by action,
    its description for OpenAPI. `feature`, given to `as_view` for one route: the route exists only in versions with
    this feature.
    """

    scopes: ClassVar[Mapping[str, tuple[str, ...]]]
    operations: ClassVar[Mapping[str, Operation]]
    feature: Feature | None = None
    http_method_names: ClassVar[list[str]] = ["get", "head", "post", "patch"]  # type: ignore[misc]
    format_kwarg = None  # no path ends in `.json`
    until_answered: ExitStack  # released after the response
    is_read: bool  # requests that change nothing
    known_tags: str  # entity tags that the client has

    # --- For actions ---------------------------------------------------------------------------------------------

    @property
    def version(self) -> Version:
        """The API version in the path."""
        return cast(Version, self.request.version)

    @property
    def token(self) -> AccessToken:
        """The calling API client."""
        return cast(AccessToken, self.request.auth)

    @property
    def project(self) -> Project:
        """The token's project: the only one this request can see (AUTH-14)."""
        return self.token.project

    @property
    def body_length(self) -> int:
        """The announced length of the request's body, in bytes."""
        return int(self.request.META.get("CONTENT_LENGTH") or 0)

    def query(self, *names: str, lists: Collection[str] = ()) -> dict[str, str]:
        """The named query parameters that were sent. Unknown, repeated or unstorable ones are `Invalid`.

        `lists` are those with several values, separated by commas; they may be sent element by element.
        """
        text = self.request.META.get("QUERY_STRING", "")
        return read_query(self.request.query_params.lists(), text, names=names, lists=lists) if text else {}

    def paginated(self, listing: Listing) -> Response:
        """The requested page of a list."""
        return self.get_paginated_response(self.paginate_queryset(listing))  # type: ignore[arg-type, return-value]

    # --- DRF's hooks ---------------------------------------------------------------------------------------------

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The parser may take the slot for big bodies; it is released when the response is complete."""
        with ExitStack() as self.until_answered:
            return super().dispatch(request, *args, **kwargs)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """DRF's own request would leave chunked bodies unread."""
        self.action = self.action_map.get((request.method or "").lower(), "")
        self.is_read = request.method in ("GET", "HEAD")
        self.known_tags = request.META.get("HTTP_IF_NONE_MATCH", "")
        return APIRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=self.get_parser_context(request),
        )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """DRF's steps, with the method before the token (spec 2.4): version, route, method, token, scope."""
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        request.version, request.versioning_scheme = self.determine_version(request, *args, **kwargs)
        if not self.action:
            self.http_method_not_allowed(request)
        self.perform_authentication(request)
        self.check_permissions(request)
        self.check_throttles(request)

    def determine_version(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """A route does not exist in versions without its feature."""
        version, scheme = super().determine_version(request, *args, **kwargs)
        if self.feature and not cast(Version, version).has(self.feature):
            raise Http404
        return version, scheme

    def perform_authentication(self, request: Request) -> None:
        if self.scopes[self.action]:
            super().perform_authentication(request)

    @property
    def default_response_headers(self) -> dict[str, str]:
        """None: DRF would list the allowed methods in every response. A 405 lists them."""
        return {}

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Render here, before the slot of a big body is released: Django would do it afterwards, and the response may
        be big."""
        if isinstance(response, Response):
            response.render_with(request.accepted_renderer, request.accepted_media_type, self.get_renderer_context())
            if self.is_read and response.status_code == 200:
                response = conditional(self.known_tags, response)
        version = getattr(request, "version", None)
        if version is not None and version.deprecated:
            note_deprecation(response, version)
        return super().finalize_response(request, response, *args, **kwargs)


class HealthViewSet(ProjectViewSet):
    """Whether the service is up (HLT-01)."""

    scopes = {"retrieve": ()}
    operations = {
        "retrieve": Operation(
            "getHealth",
            "Service",
            "Check whether the service answers",
            answers={200: Answer("It does.", closed("Health", {"status": {"const": "ok"}}))},
        )
    }

    def retrieve(self, request: Request, **_: str) -> Response:
        """GET health"""
        return Response({"status": "ok"})
