"""Any input to any endpoint gets a clear error in the envelope, without partial writes, never a 5xx.

The tests of single endpoints cover their own fields; these tests cover all endpoints.
"""

import gzip
import json
from typing import Any

import pytest
from django.test import Client

from config.api_urls import urlpatterns
from documents.models import Document
from imports.models import ImportJob
from livingdocs_import.models import IdempotentAnswer, ProjectConfigRevision
from media_library.models import MediaEntry
from tests.api_client import Caller, document_item, image_item
from tests.endpoints import ENDPOINTS, PATCHED, Endpoint
from tests.media_library.entries.test_create import create, image

ALL_SCOPES = (
    *("public-api:read", "public-api:write", "public-api:drafts:read"),
    *("public-api:config:read", "public-api:config:write"),
)
TAKE_BODIES = [endpoint for endpoint in ENDPOINTS if endpoint.takes_body]
# Not the images: what stands behind their paths is for image services, and is passed over.
TAKE_QUERIES = [
    endpoint for endpoint in ENDPOINTS if "GET" in endpoint.methods and endpoint.token and "image/" not in endpoint.path
]
TAKE_IDS = [endpoint for endpoint in ENDPOINTS if "{}" in endpoint.path]
FINE = {
    "import/images": {"systemName": "archive", "images": [image_item("https://example.com/a.png", id="a")]},
    "import/videos": {"systemName": "archive", "videos": [image_item("https://example.com/a.mp4", id="a")]},
    "import/files": {"systemName": "archive", "files": [image_item("https://example.com/a.pdf", id="a")]},
    "import/documents": {"systemName": "archive", "documents": [document_item(id="a")]},
    "import/mediaLibrary": {"mediaLibraryEntries": [image(id="a")]},
    "mediaLibrary/{}": {"patches": [{"operation": "archive"}]},
    "projectConfig": {"plan": True, "channelConfig": {"v": 2}},
    "channelConfig": {"plan": True, "channelConfig": {"v": 2}},
    "documents/1/commands": {"commands": [{"operation": "setTitle", "value": "after"}]},
}
for_each = pytest.mark.parametrize


def by_path(endpoint: Endpoint) -> str:
    return endpoint.path


@pytest.fixture
def caller(times: Caller) -> Caller:
    """A client that may do everything, in a project with one entry and one document."""
    create(times, image(id=PATCHED, metadata={"title": "before"}))
    design = {"design_name": "living-times", "design_version": "1.0.1"}
    document = Document.objects.create(
        pk=1, project=times.project, content_type="article", document_type="article", current_revision_id=0
    )
    document.current_revision_id = document.revisions.create(version=1, source="import", **design).pk
    document.save()
    return times.with_scopes(*ALL_SCOPES)


def send(caller: Caller, endpoint: Endpoint, body: bytes, **headers: str) -> Any:
    """Body to endpoint, by POST or PATCH."""
    return caller.client.generic(
        endpoint.methods[-1],
        endpoint.url(),
        body,
        content_type=headers.pop("content_type", "application/json"),
        headers={"Authorization": f"Bearer {caller.token}"} | headers,
    )


def refused(answer: Any, *statuses: int) -> dict[str, Any]:
    """ERR-01, ERR-02: one of the statuses, in the envelope, with an explanation and no traces of our own."""
    where = f"{answer.request['REQUEST_METHOD']} {answer.request['PATH_INFO']}: {answer.content[:300]!r}"
    assert answer.status_code in statuses, where
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8", where
    assert len(answer.content) < 100_000, "an answer repeats little of what was sent"
    for trace in (b"Traceback", b"psycopg", b"sqlite", b"site-packages", b"SELECT "):
        assert trace not in answer.content, where
    body = json.loads(answer.content)
    assert set(body) == {"status", "error", "error_details"}, where
    assert body["status"] == answer.status_code
    details: dict[str, Any] = body["error_details"]
    assert details, where
    return details


def nothing_happened() -> None:
    """JOB-25: no job, no entry, no document, no change of what there was, no memory of the request."""
    assert not ImportJob.objects.exists()
    assert ProjectConfigRevision.objects.count() == 1
    document = Document.objects.get()
    assert (document.pk, document.version, document.title) == (1, 1, "")
    assert not IdempotentAnswer.objects.exists()
    entry = MediaEntry.objects.get()
    assert (entry.media_id, entry.version, entry.archived, entry.metadata) == (PATCHED, 1, False, {"title": "before"})


def test_no_endpoint_is_forgotten() -> None:
    routes = [str(pattern.pattern) for pattern in urlpatterns]
    assert routes[-1] == ""  # all others
    assert sorted(routes[:-1]) == sorted(endpoint.route for endpoint in ENDPOINTS)


@for_each("endpoint", TAKE_BODIES, ids=by_path)
def test_a_body_that_is_fine_is_taken(caller: Caller, endpoint: Endpoint) -> None:
    """The other half of every test below: it is the fault that is refused."""
    assert send(caller, endpoint, json.dumps(FINE[endpoint.path]).encode()).status_code in {200, 204}


# --- Bodies that are no JSON, or JSON that cannot be stored ----------------------------------------------------------

NO_JSON = {
    "nothing": b"",
    "blanks": b" \r\n\t",
    "a word": b"hello",
    "a cut object": b'{"systemName": "archive", "images": [',
    "a comma too many": b'{"a": 1,}',
    "two texts": b'{"a": 1}\n{"a": 2}',
    "a comment": b'{/* as in the documentation */ "a": 1}',
    "single quotes": b"{'a': 1}",
    "names without quotes": b"{a: 1}",
    "NaN": b'{"a": NaN}',
    "a minus infinity": b'{"a": -Infinity}',
    "a hexadecimal number": b'{"a": 0x1F}',
    "a leading zero": b'{"a": 01}',
    "an integer of 5000 digits": b'{"a": %s}' % (b"9" * 5000),
    "a raw control character": b'{"a": "x\ny"}',
    "a NUL byte": b'{"a": 1}\0',
    "an escape nobody knows": b'{"a": "\\x41"}',
    "a cut escape": b'{"a": "\\u12"}',
    "half a pair": b'{"a": "\\ud83d"}',
    "half a pair as a name": b'{"\\ude00": 1}',
    "a pair the wrong way round": b'{"a": "\\ude00\\ud83d"}',
    "a surrogate in UTF-8": b'{"a": "\xed\xa0\x80"}',
    "Latin-1": '{"a": "ü"}'.encode("latin-1"),
    "an overlong slash": b'{"a": "\xc0\xaf"}',
    "two byte order marks": b"\xef\xbb\xbf" * 2 + b"{}",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "YAML": b"systemName: archive\nimages: []\n",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "a form": b"systemName=archive&images=",
    "a zipped body": gzip.compress(b"{}"),
    "brackets without end": b"[" * 200_000,
    "objects without end": b'{"a":' * 200_000,
    "101 levels": b"[" * 101 + b"]" * 101,
}
NOT_STORABLE = {
    "a name twice": (b'{"a": {"b": 1, "b": 2}}', "a.b"),
    "U+0000": (b'{"a": ["x\\u0000y"]}', "a.0"),
    "U+0000 in a name": (b'{"a": {"x\\u0000": 1}}', "a.x\\u0000"),
    "a number beyond all bounds": (b'{"a": 1e400}', "a"),
    "a number below all bounds": (b'{"a": [-1e400]}', "a.0"),
    "an integer of 65 bits": (b'{"a": 18446744073709551616}', "a"),
    "an integer of 4000 digits": (b'{"a": %s}' % (b"9" * 4000), "a"),
}
NO_OBJECT = [b"null", b"true", b"0", b'"text"', b"[]", b"[{}]", b"[[]]"]


@for_each("endpoint", TAKE_BODIES, ids=by_path)
def test_what_is_no_json_is_refused(caller: Caller, endpoint: Endpoint) -> None:
    """GEN-06"""
    for what, body in NO_JSON.items():
        details = refused(send(caller, endpoint, body), 400)
        assert "message" in details or body == b"", what
    nothing_happened()


@for_each("endpoint", TAKE_BODIES, ids=by_path)
def test_what_cannot_be_stored_is_refused_by_its_path(caller: Caller, endpoint: Endpoint) -> None:
    """GEN-06"""
    for what, (body, path) in NOT_STORABLE.items():
        assert list(refused(send(caller, endpoint, body), 400)) == [path], what
    nothing_happened()


@for_each("endpoint", TAKE_BODIES, ids=by_path)
def test_what_is_no_object_is_refused(caller: Caller, endpoint: Endpoint) -> None:
    for body in NO_OBJECT:
        assert refused(send(caller, endpoint, body), 400) == {"body": "Invalid type: expected object"}
    nothing_happened()


@for_each("endpoint", TAKE_BODIES, ids=by_path)
def test_an_unknown_property_is_refused_by_its_path(caller: Caller, endpoint: Endpoint) -> None:
    """ERR-09: names that mean something in some language mean nothing here."""
    for name in ("flag", "__proto__", "constructor", "", " ", "a.b", "$ref", "İ", "x" * 5000):
        body = FINE[endpoint.path] | {name: {}}
        assert set(refused(send(caller, endpoint, json.dumps(body).encode()), 400).values()) == {
            "Additional properties not allowed"
        }
    nothing_happened()


@for_each("endpoint", TAKE_BODIES, ids=by_path)
def test_thousands_of_problems_make_a_bounded_answer(caller: Caller, endpoint: Endpoint) -> None:
    """ERR-06"""
    many = {f"property{number}": number for number in range(20_000)}
    assert 0 < len(refused(send(caller, endpoint, json.dumps(many).encode()), 400)) <= 1010
    nothing_happened()


@for_each("endpoint", TAKE_BODIES, ids=by_path)
def test_what_is_said_to_be_something_else_is_refused(caller: Caller, endpoint: Endpoint) -> None:
    """GEN-02, GEN-03"""
    body = json.dumps(FINE[endpoint.path]).encode()
    for kind in (
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "image/png",
        "nonsense",
        ";;;",
        "*",
    ):
        assert "message" in refused(send(caller, endpoint, body, content_type=kind), 415), kind
    nothing_happened()


@for_each("endpoint", TAKE_BODIES, ids=by_path)
def test_what_is_compressed_wrongly_is_refused(caller: Caller, endpoint: Endpoint) -> None:
    body = gzip.compress(json.dumps(FINE[endpoint.path]).encode())
    bomb = gzip.compress(b" " * 3_000_000)
    for encoding, sent, status in (
        ("br", body, 415), ("gzip", b"{}", 400), ("gzip", body[:-1], 400), ("gzip", body + b"x", 400),
        ("gzip", bomb, 413),
    ):  # fmt: skip
        assert "message" in refused(send(caller, endpoint, sent, **{"Content-Encoding": encoding}), status)
    nothing_happened()


@for_each("endpoint", [endpoint for endpoint in TAKE_BODIES if endpoint.path.startswith("import/")], ids=by_path)
def test_an_idempotency_key_that_is_none_is_refused(caller: Caller, endpoint: Endpoint) -> None:
    for key in ("x" * 256, "ключ", "a\x01b", "\x80"):
        answer = send(caller, endpoint, json.dumps(FINE[endpoint.path]).encode(), **{"Idempotency-Key": key})
        assert list(refused(answer, 400)) == ["Idempotency-Key"]
    nothing_happened()


@for_each("endpoint", TAKE_BODIES, ids=by_path)
def test_a_header_does_not_change_the_method(caller: Caller, endpoint: Endpoint) -> None:
    answer = send(caller, endpoint, b"{}", **{"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "GET"})
    assert "Missing required property" in str(refused(answer, 400))


# --- Queries and paths -----------------------------------------------------------------------------------------------


def get(caller: Caller, url: str) -> Any:
    return caller.client.get(url, headers={"Authorization": f"Bearer {caller.token}"})


def patch(caller: Caller, url: str, body: bytes) -> Any:
    headers = {"Authorization": f"Bearer {caller.token}"}
    return caller.client.patch(url, body, content_type="application/json", headers=headers)


@for_each("endpoint", TAKE_QUERIES, ids=by_path)
def test_an_unknown_query_parameter_is_refused_by_its_name(caller: Caller, endpoint: Endpoint) -> None:
    """ERR-09: a typed mistake is not swallowed."""
    for name in ("plan", "limit[]", "ids[x]", "__proto__", "LIMIT", "access_token", "'"):
        assert name in refused(get(caller, endpoint.url(query=f"{name}=1")), 400)


@for_each("endpoint", TAKE_QUERIES, ids=by_path)
def test_bytes_that_are_no_text_are_refused_in_a_query(caller: Caller, endpoint: Endpoint) -> None:
    name = endpoint.query.partition("=")[0] or "limit"
    for value in ("%00", "a%00b", "%ff%fe", "%ed%a0%80", "%c0%af", "%f5%80%80%80"):
        url = endpoint.url().partition("?")[0] + f"?{name}={value}"
        assert name in refused(get(caller, url), 400)


@for_each("endpoint", [endpoint for endpoint in TAKE_QUERIES if endpoint.query], ids=by_path)
def test_a_parameter_that_comes_twice_is_refused(caller: Caller, endpoint: Endpoint) -> None:
    """It is ambiguous which of them counts."""
    assert list(refused(get(caller, endpoint.url(query=endpoint.query)), 400)) == [endpoint.query.partition("=")[0]]


PAGED = [endpoint for endpoint in ENDPOINTS if endpoint.path.endswith(("References", "latestPublications"))]
NO_AMOUNTS = ["-1", "1.5", "1e1", "0x10", "+1", "abc", "NaN", "", "%20", "%D9%A1", "9223372036854775808", "9" * 400]


@for_each("endpoint", PAGED, ids=by_path)
def test_a_page_that_cannot_be_is_refused_by_its_parameter(caller: Caller, endpoint: Endpoint) -> None:
    """REF-15: negative amounts and those over 64 bits are errors to databases."""
    for name in ("limit", "offset"):
        for amount in NO_AMOUNTS:
            assert list(refused(get(caller, endpoint.url(query=f"{name}={amount}")), 400)) == [name], amount


NO_CURSORS = [
    "",
    "x",
    "e30=",
    "eyJhIjpbXX0=",
    "eyJhIjoiYiJ9",
    "eyJhIjpbMWU0MDBdfQ==",
    "eyJhIjpbLTFdfQ==",
    "%F0%9F%98%80",
]


@for_each("endpoint", [endpoint for endpoint in PAGED if endpoint.path.endswith("References")], ids=by_path)
def test_a_cursor_that_was_not_given_out_is_refused(caller: Caller, endpoint: Endpoint) -> None:
    """VER-06"""
    for cursor in NO_CURSORS:
        url = endpoint.url(query=f"after={cursor}").replace(f"/{endpoint.version}/", "/2026-01/")
        assert list(refused(get(caller, url), 400)) == ["after"], cursor


STRANGE_IDS = [
    "no-such-id", "null", "undefined", "-1", "0", "99999999999999999999", "%20", "*", "__proto__", "import", "İ", "😀",
    "%00", "a%00b", "a%2Fb", "%ff%fe", "%ed%a0%80", "%E2%80%AE", "' OR '1'='1", "{{7*7}}", "${jndi:ldap://127.0.0.1/}",
    "%0d%0aX-Injected:1", "..%2f..%2fetc%2fpasswd", "%252e%252e", "C:%5Cx", "x" * 3000,
]  # fmt: skip


@for_each("endpoint", TAKE_IDS, ids=by_path)
def test_an_id_that_names_nothing_finds_nothing(caller: Caller, endpoint: Endpoint) -> None:
    """REF-18: an unknown target without links is no error."""
    for strange in STRANGE_IDS:
        answer = get(caller, endpoint.url(strange))
        assert "X-Injected" not in answer.headers
        if answer.status_code == 200:
            assert endpoint.path.endswith("References"), strange
            assert answer.json() == [], strange
        else:
            refused(answer, 404)


NO_NUMBERS = ["0", "-1", "1.5", "abc", "%D9%A1", "1e3", "9223372036854775808", "9" * 1000, "%00", "1%2F2", ""]


@for_each("endpoint", [endpoint for endpoint in ENDPOINTS if "/1/" in endpoint.path], ids=by_path)
def test_a_number_that_no_document_has_finds_nothing(caller: Caller, endpoint: Endpoint) -> None:
    body = json.dumps(FINE.get(endpoint.path, {})).encode()
    for number in NO_NUMBERS:
        url = endpoint.url().replace("/1/", f"/{number}/")
        answer = get(caller, url) if "GET" in endpoint.methods else patch(caller, url, body)
        if answer.status_code != 200 or answer.json() != []:
            refused(answer, 404)


@for_each("endpoint", ENDPOINTS, ids=by_path)
def test_a_path_that_is_spelled_differently_is_another_path(caller: Caller, endpoint: Endpoint) -> None:
    """ERR-07, SDK-02, VER-03: and is never redirected, for a redirected POST loses its body."""
    url = endpoint.url().partition("?")[0]
    versions = [url.replace(f"/{endpoint.version}/", f"/{other}/") for other in ("v0", "V1", "2025-04", "%00", "v1%2F")]
    for other in (*versions, url.replace("/api/", "//api/"), url.replace("/api/", "/API/"), url.swapcase()):
        for method in ("GET", endpoint.methods[-1]):
            answer = caller.client.generic(method, other, b"{}", headers={"Authorization": f"Bearer {caller.token}"})
            assert list(refused(answer, 404)) == ["url"]


# --- Methods and tokens ----------------------------------------------------------------------------------------------

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "SEARCH", "X")


@for_each("endpoint", ENDPOINTS, ids=by_path)
def test_a_method_that_an_endpoint_does_not_have_is_not_allowed(caller: Caller, endpoint: Endpoint) -> None:
    """GEN-08: before the token is checked."""
    allowed = {*endpoint.methods, *(["HEAD"] if "GET" in endpoint.methods else [])}
    for method in set(METHODS) - allowed:
        answer = caller.client.generic(method, endpoint.url(), b"{}")
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) == allowed
        if method != "HEAD":  # whose answer has no body
            refused(answer, 405)
    nothing_happened()


NO_TOKENS = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer null",
    "Basic eDp5",
    "Bearer é",
    "Bearer %00",
    'Bearer "x"',
    "Bearer " + "x" * 7000,
]


@for_each("endpoint", [endpoint for endpoint in ENDPOINTS if endpoint.token], ids=by_path)
def test_malformed_tokens_are_refused(caller: Caller, endpoint: Endpoint, settings: Any) -> None:
    """AUTH-01, AUTH-03: not in the query and not in a cookie, either. (Who guesses often: test_token_guesses.py.)"""
    settings.WRONG_TOKENS_PER_MINUTE = 0
    client = Client()
    client.cookies["access_token"] = caller.token
    for method in endpoint.methods:
        for header in (*NO_TOKENS, caller.token, f"Bearer {caller.token[:-1]}", f"Bearer {caller.token.swapcase()}"):
            url = endpoint.url(query=f"access_token={caller.token}")
            answer = client.generic(method, url, b"{}", headers={"Authorization": header})
            assert list(refused(answer, 401)) == ["access_token"]
            assert answer.headers["WWW-Authenticate"] == "Bearer"
    nothing_happened()
