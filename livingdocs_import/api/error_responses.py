"""Errors → `{status, error, error_details}`: the only module that knows both our errors and HTTP (spec 2.4)."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost, PermissionDenied, RequestDataTooBig, TooManyFieldsSent
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from livingdocs_import import errors
from livingdocs_import.api.error_texts import INSUFFICIENT_SCOPE, PHRASES, TOO_MANY_INVALID_TOKENS
from livingdocs_import.api.negotiation import ACCEPTED
from livingdocs_import.api.responses import JSONResponse
from livingdocs_import.api.versioning import RetiredVersion
from livingdocs_import.validation.json_reader import InvalidConfig

log = logging.getLogger(__name__)

STATUS_OF: dict[type, int] = {
    errors.ApiError: 400,
    errors.Invalid: 400,
    errors.AssetRevoked: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.PayloadTooLarge: 413,
    errors.TooCompressed: 413,
    errors.TooManyValues: 413,
    errors.UnsupportedEncoding: 415,
    errors.UnsupportedMediaType: 415,
}


def envelope(status: int, details: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The body of every error. 5xx carries no details (ERR-08)."""
    body: dict[str, Any] = {"status": status, "error": PHRASES.get(status) or HTTPStatus(status).phrase}
    if status < 500:
        body["error_details"] = dict(details or {})
    return body


def error_response(
    status: int, details: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """The envelope as a response."""
    return JSONResponse(envelope(status, details), status=status, headers=headers)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """DRF's hook: any exception of a view becomes the envelope; an unexpected one becomes a logged 500."""
    url = context["request"].get_full_path()
    headers = {}
    match error:
        case errors.QuotaExceeded():
            return _usage_limit_exceeded(error)
        case errors.UnsupportedEncoding():
            status, details = _status(error), error.details
            headers["Accept-Encoding"] = ACCEPTED  # RFC 9110, 15.5.16: the supported encodings
        case errors.TooManyGuesses():
            status, details = 429, {"access_token": TOO_MANY_INVALID_TOKENS.format(seconds=error.retry_after)}
            headers["Retry-After"] = str(error.retry_after)
        case errors.ApiError():
            status, details = _status(error), error.details
        case Http404():
            status, details = 404, {"url": url}
        case RetiredVersion():
            status, details = 410, {"url": url}
        case PermissionDenied():
            status, details = 403, INSUFFICIENT_SCOPE
        case exceptions.AuthenticationFailed() | exceptions.NotAuthenticated():
            status, details = 401, {"access_token": str(error.detail)}
            headers["WWW-Authenticate"] = "Bearer"
        case exceptions.PermissionDenied():
            status, details = 403, INSUFFICIENT_SCOPE
            headers["WWW-Authenticate"] = _scopes_that_would_do(context["view"])
        case exceptions.MethodNotAllowed():
            status, details = 405, {"message": str(error.detail)}
            headers["Allow"] = ", ".join(context["view"].allowed_methods)
        case RequestDataTooBig():
            status, details = 413, errors.PayloadTooLarge(settings.DATA_UPLOAD_MAX_MEMORY_SIZE).details
        case TooManyFieldsSent():
            status, details = 400, {"message": "Too many parameters"}
        case exceptions.APIException():
            status, details = error.status_code, {"message": str(error.detail)}
        case errors.Busy():
            status, details = 503, {}
            headers["Retry-After"] = str(error.retry_after)
        # A stored configuration was valid when it was stored: something it needs, such as a plugin, was removed since.
        case errors.Unavailable() | InvalidConfig() | OperationalError() | InterfaceError() | InternalError():
            log.error("answered 503 to %s %s: %s", context["request"].method, context["request"].path, error)
            status, details = 503, {}
        case _:
            log.exception("answered 500 to %s %s", context["request"].method, context["request"].path, exc_info=error)
            status, details = 500, {}
    return error_response(status, details, headers)


def _scopes_that_would_do(view: Any) -> str:
    """RFC 6750, 3.1: each of them suffices."""
    return f'Bearer error="insufficient_scope", scope="{" ".join(view.scopes[view.action])}"'


def _usage_limit_exceeded(error: errors.QuotaExceeded) -> HttpResponse:
    """QUO-02: the documented body is an array with one object."""
    headers = {"Retry-After": str(error.retry_after)}
    return JSONResponse([envelope(429, {"message": str(error)})], status=429, headers=headers)


def _status(refused: errors.ApiError) -> int:
    """The status of the error's class, or of its nearest base class."""
    return next(STATUS_OF[kind] for kind in type(refused).__mro__ if kind in STATUS_OF)


class EnvelopeMiddleware:
    """Outermost: Django's own HTML error pages under /api become the envelope as well."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = response.get("Content-Type", "").startswith("text/html")
        if response.status_code >= 400 and is_page and not request.path.startswith(settings.ADMIN_PATH):
            return error_response(response.status_code, _why(request, response.status_code))
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """An unreachable or read-only database is a 503 (FLT-11, FLT-14); a body over Django's own limit is a 413."""
        if isinstance(error, OperationalError | InterfaceError | InternalError):
            log.error("answered 503 to %s %s: %s", request.method, request.path, error)
            return error_response(503)
        if isinstance(error, RequestDataTooBig):
            return error_response(413, errors.PayloadTooLarge(settings.DATA_UPLOAD_MAX_MEMORY_SIZE).details)
        return None


def _why(request: HttpRequest, status: int) -> dict[str, str]:
    try:
        request.get_host()
    except DisallowedHost:
        return {"host": "This service does not answer to this name"}
    return {"url": request.path} if status == 404 else {}


def not_found(request: HttpRequest, version: str = "") -> HttpResponse:
    """An unknown path (ERR-07), or any path below a retired version (VER-02, VER-03)."""
    return error_response(410 if version in settings.API_RETIRED_VERSIONS else 404, {"url": request.get_full_path()})
