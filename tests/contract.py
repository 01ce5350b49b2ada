"""Compare what passes through the tests' client with the OpenAPI documents, so that these cannot lie.

`Contract` is middleware of the tests' settings. What does not fit is collected, and ends the test (tests/conftest.py).
"""

import gzip
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs
import orjson
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from livingdocs_import.api.versions import KNOWN, NAMES
from livingdocs_import.openapi import documents

PATH = re.compile(r"/api/(?P<version>[^/]+)(?P<path>/.*)")
NO_OPERATION = {400, 401, 404, 405, 410, 503}  # what there is for a path or a method that is not described
HEADERS = ("ETag", "Warning", "Deprecation", "Sunset", "Retry-After", "WWW-Authenticate")
ELEMENT = re.compile(r"\[\d*\]$")

ANY_QUERY = ("getImage", "getHealth", "serveImage")  # their parameters are not looked at as a whole

violations: list[str] = []


def operation(version: str, method: str, path: str) -> tuple[str, Mapping[str, Any]] | None:
    """The described operation of a request, and its address in the document."""
    for template, pattern in _patterns(version):
        if pattern.fullmatch(path):
            described = documents.document(version)["paths"][template].get(method.lower().replace("head", "get"))
            return (f"{method} {template}", described) if described else None
    return None


@cache
def _patterns(version: str) -> list[tuple[str, re.Pattern[str]]]:
    """The described paths; those without parameters first. Only a key has slashes."""
    templates = sorted(documents.document(version)["paths"], key=lambda path: path.count("{"))
    return [(each, re.compile(re.sub(r"\\{(\w+)\\}", _parameter, re.escape(each)))) for each in templates]


def _parameter(match: re.Match[str]) -> str:
    return {"key": ".+", "document_id": "[0-9]+"}.get(match[1], "[^/]+")


def resolved(version: str, part: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference leads to."""
    while "$ref" in part:
        found: Any = documents.document(version)
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


_validators: dict[tuple[str, bytes, bool], Any] = {}


def validator(version: str, schema: Mapping[str, Any], *, formats: bool) -> Any:
    """A validator of a schema of the document."""
    key = version, orjson.dumps(schema), formats
    if key not in _validators:
        components = {"components": {"schemas": documents.document(version)["components"]["schemas"]}}
        _validators[key] = jsonschema_rs.validator_for({**schema, **components}, validate_formats=formats)
    return _validators[key]


def problems(version: str, schema: Mapping[str, Any], value: Any, *, formats: bool = True) -> Iterator[str]:
    """What of a value does not fit a schema of the document."""
    for error in validator(version, schema, formats=formats).iter_errors(value):
        yield f"{'/'.join(map(str, error.instance_path))}: {error.message[:300]}"


def with_accepted(answer: Any, url: str, body: Any) -> Any:
    """The answer; a body that was accepted as a whole is one that the document allows."""
    match = PATH.fullmatch(url.partition("?")[0])
    accepted = answer.status_code < 300 and b'"ok":false' not in answer.content
    if accepted and match is not None and not isinstance(body, bytes):
        version, method = match["version"], str(answer.request["REQUEST_METHOD"])
        found = operation(version, method, match["path"])
        assert found is not None
        schema = found[1]["requestBody"]["content"]["application/json"]["schema"]
        # Formats are for generators: of URLs and dates, the service accepts more than the standards.
        found_problems = problems(version, schema, body, formats=False)
        violations.extend(f"the accepted body of {method} {url}: {each}" for each in found_problems)
    return answer


def note_webhook(headers: Mapping[str, str], message: Any) -> None:
    """A webhook that was sent is one that the newest document describes."""
    document = documents.document(NAMES[-1])
    if not isinstance(message, dict):
        return
    if "event" in message:
        described = document["webhooks"][message["event"]]["post"]
    elif (kind := re.fullmatch(r"livingdocs-(\w+)-import", str(message.get("source")))) is not None:
        (callback,) = document["paths"][f"/import/{kind[1]}s"]["post"]["callbacks"]["jobEnded"].values()
        described = callback["post"]
    else:
        return
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    violations.extend(f"the webhook {message}: {each}" for each in problems(NAMES[-1], schema, message))
    known = {each["name"] for each in described["parameters"]}
    sent = {name for name in headers if name.startswith(("x-livingdocs-", "webhook-"))}
    violations.extend(f"the webhook {message}: the header {name} is not described" for name in sent - known)


class Contract:
    """Outermost middleware: sees every answer as the client gets it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = PATH.fullmatch(request.path)
        if match is not None and match["version"] in KNOWN and request.method != "OPTIONS":
            name = f"{request.method} {request.get_full_path()[:200]} → {response.status_code}"
            found = _found(match["version"], match["path"], request, response)
            violations.extend(f"{name}: {problem}" for problem in found)
        return response


def _found(version: str, path: str, request: HttpRequest, response: Any) -> Iterator[str]:
    described = operation(version, str(request.method), path)
    if described is None:
        if response.status_code not in NO_OPERATION:
            yield "nothing is described"
        return
    _, described_operation = described
    if response.status_code < 400:
        yield from _undescribed_parameters(described_operation, request)
    answer = described_operation["responses"].get(str(response.status_code))
    if answer is None:
        yield "the status is not described"
        return
    answer = resolved(version, answer)
    yield from (
        f"the header {name} is not described"
        for name in HEADERS
        if name in response and name not in answer.get("headers", {})
    )
    yield from _body_problems(version, answer.get("content", {}), request, response)


def _undescribed_parameters(described: Mapping[str, Any], request: HttpRequest) -> Iterator[str]:
    known = {each["name"] for each in described.get("parameters", ()) if each["in"] == "query"}
    for name in request.GET:
        if ELEMENT.sub("", name) not in known and described["operationId"] not in ANY_QUERY:
            yield f"the parameter {name} is not described"


def _body_problems(version: str, content: Mapping[str, Any], request: HttpRequest, response: Any) -> Iterator[str]:
    media_type = response.get("Content-Type", "").partition(";")[0]
    if not content:
        if not response.streaming and response.content:
            yield "no body is described"
        return
    described = content.get(media_type) or content.get("*/*")
    if described is None:
        yield f"the media type {media_type} is not described"
    elif media_type == "application/json" and request.method != "HEAD" and not response.streaming:
        is_compressed = response.get("Content-Encoding") == "gzip"
        content = gzip.decompress(response.content) if is_compressed else response.content
        yield from problems(version, described["schema"], orjson.loads(content))
