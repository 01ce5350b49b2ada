"""The base of every API view: version, project, parsed body; nothing else."""

from contextlib import ExitStack
from typing import Any, ClassVar
from urllib.parse import unquote_plus, unquote_to_bytes

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.views import APIView

from livingdocs_import import errors
from livingdocs_import.api import permissions
from livingdocs_import.api.error_responses import error_response
from livingdocs_import.api.requests import APIRequest
from livingdocs_import.api.responses import JSONResponse
from livingdocs_import.api.schemas import Schema
from livingdocs_import.api.versions import KNOWN, Version
from livingdocs_import.models import AccessToken, Project


class RetiredVersion(Exception):
    """The version in the path was supported once (VER-02)."""


class ProjectView(APIView):
    """A view for one project's data.

    `scopes` is required: a tuple of which one suffices, or a dict by method. `()` means nobody needs a token.
    `since` hides the view from older API versions.
    """

    scopes: ClassVar[tuple[str, ...] | dict[str, tuple[str, ...]]]
    since: ClassVar[str] = "v1"
    http_method_names: ClassVar[list[str]] = ["get", "head", "post", "patch"]  # type: ignore[misc]
    request: Request
    version: Version
    until_answered: ExitStack  # what has to be given back then

    @classmethod
    def scopes_for(cls, method: str | None) -> tuple[str, ...]:
        """The scopes of which one suffices for this HTTP method."""
        if isinstance(cls.scopes, dict):
            return cls.scopes["GET" if method == "HEAD" else method or ""]
        return cls.scopes

    @property
    def token(self) -> AccessToken:
        """The API client that calls."""
        token = self.request.auth
        assert isinstance(token, AccessToken)
        return token

    @property
    def project(self) -> Project:
        """The token's project: the only one this request can see (AUTH-14)."""
        return self.token.project

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The parser may take a turn for a big body, and it is given back when the answer is made."""
        with ExitStack() as self.until_answered:
            return super().dispatch(request, *args, **kwargs)

    @property
    def body_length(self) -> int:
        """How many bytes the request's body was announced to have."""
        return int(self.request.META.get("CONTENT_LENGTH") or 0)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """DRF's own request would leave bodies in chunks unread."""
        return APIRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=self.get_parser_context(request),
        )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check version, route and method, in this order; then DRF goes on with token and scope (spec 2.4)."""
        name = kwargs.get("version", "v1")
        if name in settings.API_RETIRED_VERSIONS:
            raise RetiredVersion
        if name not in KNOWN or KNOWN[name] < self.since:
            raise Http404
        self.version = KNOWN[name]
        if (request.method or "").lower() not in self.http_method_names or not hasattr(
            self, (request.method or "").lower()
        ):
            raise MethodNotAllowed(request.method or "")
        super().initial(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        if self.scopes_for(request.method):
            super().perform_authentication(request)

    @property
    def default_response_headers(self) -> dict[str, str]:
        """None: DRF would tell every answer's reader which methods there are. Who tried another is told (405)."""
        return {}

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """There is only JSON, whatever the Accept header says: official clients send all sorts of it."""
        return None, None

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        if isinstance(exc, RetiredVersion):
            return error_response(410, {"url": self.request.get_full_path()})
        return super().handle_exception(exc)

    def parse(self, schema: Schema) -> Any:
        """The request's body when it fits the schema; `Invalid` with all problems by path otherwise."""
        return schema.accept(self.request.data)

    def query(self, *names: str) -> dict[str, str]:
        """The named query parameters that were sent. Unknown, repeated or unstorable ones are `Invalid`."""
        problems, found = {}, {}
        garbled = _garbled(self.request.META.get("QUERY_STRING", ""))
        for name, values in self.request.query_params.lists():
            if name not in names:
                problems[name] = "Additional properties not allowed"
            elif len(values) > 1:
                problems[name] = "must be given once"
            elif "\0" in values[0] or name in garbled:
                problems[name] = "must NOT contain U+0000 or invalid UTF-8"
            else:
                found[name] = str(values[0])
        if problems:
            raise errors.Invalid(problems)
        return found


def _garbled(query: str) -> set[str]:
    """The parameters, by name, that are not UTF-8 in a query string as WSGI gives it.

    Decoded they cannot be told from those that were sent with a replacement character in them.
    """
    if query.isascii() and "%" not in query:
        return set()
    return {unquote_plus(part.partition("=")[0]) for part in query.split("&") if not _is_utf8(part)}


def _is_utf8(part: str) -> bool:
    try:
        unquote_to_bytes(part.encode("latin-1")).decode()
    except UnicodeDecodeError:
        return False
    return True


class Health(ProjectView):
    """GET health: whether the service answers (HLT-01)."""

    scopes = ()

    def get(self, request: Request, **_: str) -> JSONResponse:
        return JSONResponse({"status": "ok"})


class UnknownRoute(ProjectView):
    """Any other path under a version: 404, or 410 when the version is retired (ERR-07, VER-02, VER-03)."""

    scopes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("version") in settings.API_RETIRED_VERSIONS:
            raise RetiredVersion
        raise Http404


__all__ = ["Health", "ProjectView", "RetiredVersion", "UnknownRoute", "permissions"]
