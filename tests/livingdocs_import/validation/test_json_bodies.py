"""Strict JSON: what cannot be understood or stored is refused with its path, never silently changed."""

import contextlib
import gzip
import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from imports.models import ImportJob
from livingdocs_import import errors
from livingdocs_import.timestamps import stored_timestamp
from livingdocs_import.validation.limits import MAX_VALUES
from livingdocs_import.validation.strict_json import read_json
from tests.api_client import Caller


def refusal(body: bytes) -> dict[str, Any]:
    with pytest.raises(errors.Invalid) as caught:
        read_json(body)
    return caught.value.details


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"{", b"[1,]", b'{"a":1,}', b"{'a':1}", b'{"a":1} {"a":2}', b"nul", b"NaN", b"[Infinity]", b"// c\n{}",
     b"\xff\xfe{}", b'"\xed\xa0\x80"', b'"\\ud800"', b'{"\\udc00":1}', b'"a\x00b"', b"[1 2]", b"01", b"\xfe\xff{}"],
)  # fmt: skip
def test_what_is_not_json_is_refused(body: bytes) -> None:
    assert "message" in refusal(body)


def test_a_malformed_body_is_a_400_in_the_envelope(times: Caller) -> None:
    """GEN-06"""
    answer = times.post("import/images", b'{"systemName": "x",')
    assert (answer.status_code, answer.json()["error"]) == (400, "Bad Request")
    assert "JSON" in answer.json()["error_details"]["message"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"a":1,"a":2}', "a"),
        (b'{"images":[{"id":"x","metadata":{"t":1,"t":1}}]}', "images.0.metadata.t"),
        (b'[[{"\\u0061":1,"a":2}]]', "0.0.a"),
    ],
)
def test_a_duplicate_key_is_named_by_its_path(body: bytes, path: str) -> None:
    assert refusal(body) == {path: "Duplicate key"}


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        (b'{"a":["x","y\\u0000z"]}', {"a.1": "must NOT contain U+0000"}),
        (b'{"a":{"b\\u0000":1}}', {"a.b\\u0000": "must NOT contain U+0000"}),
        (b'"\\u0000"', {"body": "must NOT contain U+0000"}),
        (b'{"a":1e400,"b":-1e999}', {"a": "must be a finite number", "b": "must be a finite number"}),
        (b'{"a":' + b"9" * 400 + b".5}", {"a": "must be a finite number"}),
        (b'{"a":9223372036854775808}', {"a": "must be an integer of at most 64 bits"}),
    ],
)
def test_what_no_database_could_store_is_named_by_its_path(body: bytes, problems: dict[str, str]) -> None:
    assert refusal(body) == problems


@pytest.mark.parametrize(
    "body", [b'"\\\\u0000"', b"[1e10, 1E+22, 123456789012345678]", b'"1e999"', b"-9223372036854775808"]
)
def test_what_only_looks_like_it_is_taken(body: bytes) -> None:
    assert read_json(body) == json.loads(body)


def test_a_hundred_levels_are_taken_and_one_more_is_not() -> None:
    assert read_json(b"[" * 100 + b"]" * 100)
    assert refusal(b"[" * 101 + b"]" * 101) == {"message": "The request body is nested deeper than 100 levels"}
    assert refusal(b'{"a":' * 101 + b"1" + b"}" * 101) == {
        "message": "The request body is nested deeper than 100 levels"
    }


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_very_deep_bodies_are_refused_like_any_other(depth: int) -> None:
    assert refusal(b"[" * depth)
    assert refusal(b'{"a":' * depth)


def test_a_body_of_very_many_values_is_too_large(times: Caller) -> None:
    answer = times.post("import/images", b'{"images":[' + b"1," * MAX_VALUES + b"1]}")
    assert (answer.status_code, answer.json()["error"]) == (413, "Payload Too Large")
    assert answer.json()["error_details"] == {"message": f"The request body has more than {MAX_VALUES} values"}


@pytest.mark.parametrize("number", [b"9223372036854775808", b"1e400"])
@pytest.mark.parametrize("before", range(0, 24, 3))
def test_a_number_that_is_too_big_is_found_wherever_it_stands(number: bytes, before: int) -> None:
    """The body is looked at in pieces of 64 KiB."""
    assert "0" in refusal(b" " * (64 * 1024 - before) + b"[" + number + b"]")
    assert "1" in refusal(b"[1" + b"1" * 10 + b" " * (64 * 1024 - before) + b"," + number + b"]")


def test_brackets_within_strings_are_not_levels() -> None:
    text = "[{" * 5000 + '"' + "\\"
    assert read_json(json.dumps({"a": text}).encode()) == {"a": text}


STORABLE = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | STORABLE
)


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(STORABLE, inner)))
def test_what_can_be_stored_comes_through_unchanged(value: Any) -> None:
    assert read_json(json.dumps(value).encode()) == value
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Nothing but Invalid ever comes out."""
    with contextlib.suppress(errors.Invalid):
        json.dumps(read_json(body))


def test_a_body_over_the_limit_is_too_large(times: Caller, settings: Any) -> None:
    """GEN-07"""
    settings.API_MAX_BODY_BYTES = 1000
    answer = times.post("import/images", {"systemName": "x" * 1000, "images": []})
    assert (answer.status_code, answer.json()["error"]) == (413, "Payload Too Large")


def test_the_token_is_asked_for_before_the_size(client: Client, db: None, settings: Any) -> None:
    settings.API_MAX_BODY_BYTES = 10
    assert client.post("/api/v1/import/images", data=b"x" * 100, content_type="application/json").status_code == 401


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json; charset=utf-8", 200),
        ("application/json", 200),
        ("Application/JSON;charset=utf-16", 200),
        ("application/vnd.api+json", 200),
        ("application/x-www-form-urlencoded", 200),  # curl's default
        ("application/octet-stream", 200),
        ("", 200),
        ("text/plain", 415),
        ("application/xml", 415),
        ("multipart/form-data", 415),
        (";;;===", 415),
    ],
)
def test_the_body_is_json_unless_the_content_type_says_otherwise(times: Caller, content_type: str, status: int) -> None:
    """GEN-02, GEN-03"""
    answer = times.client.generic(
        "POST",
        "/api/v1/import/images",
        b'{"systemName": "x", "images": []}',
        content_type=content_type,
        headers={"Authorization": f"Bearer {times.token}"},
    )
    assert answer.status_code == status


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "application/octet-stream; a=b"])
@pytest.mark.parametrize("body", [b"systemName=x&images=", b'{"systemName": "x"', b"\x1f\x8b"])
def test_a_form_gets_the_reason_of_its_refusal(times: Caller, content_type: str, body: bytes) -> None:
    answer = times.client.post(
        "/api/v1/import/images", body, content_type=content_type, headers={"Authorization": f"Bearer {times.token}"}
    )
    message = answer.json()["error_details"]["message"]
    kind = content_type.partition(";")[0]
    assert answer.status_code == 415
    assert message.startswith(f'Unsupported media type "{kind}" in request, and the body is not valid JSON: ')


@pytest.mark.parametrize("body", [b'{"a": 1, "a": 2}', b'{"a": "\\u0000"}', b"[" * 101, b""])
def test_invalid_json_requests_get_their_problems_whatever_the_type(times: Caller, body: bytes) -> None:
    answer = times.client.post(
        "/api/v1/import/images",
        body,
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": f"Bearer {times.token}"},
    )
    assert answer.status_code == 400


def test_a_byte_order_mark_is_passed_over(times: Caller) -> None:
    """As programs on Windows write it in front of a file."""
    body = b"\xef\xbb\xbf" + b'{"systemName": "x", "images": []}'
    assert times.post("import/images", body).status_code == 200
    assert read_json(body) == {"systemName": "x", "images": []}
    for strange in (b"\xef\xbb\xbf" * 2 + b"{}", b"\xef\xbb{}", b"{}\xef\xbb\xbf", "{}".encode("utf-16")):
        with pytest.raises(errors.Invalid, match="not valid JSON"):
            read_json(strange)
    with pytest.raises(errors.Invalid, match="empty"):
        read_json(b"\xef\xbb\xbf ")


@pytest.mark.parametrize("encoding", ["br", "deflate", "identity, gzip", "gzip, gzip", "ZSTD", "nonsense"])
def test_a_body_in_an_encoding_that_is_not_understood_is_refused_by_name(times: Caller, encoding: str) -> None:
    """A compressed body is not malformed JSON: its sender learns what to change."""
    body = gzip.compress(b'{"systemName": "x", "images": []}')
    answer = times.post("import/images", body, **{"Content-Encoding": encoding})
    message = f'Unsupported content encoding "{encoding}" in request.'
    assert answer.json() == {
        "status": 415, "error": "Unsupported Media Type", "error_details": {"message": message}
    }  # fmt: skip
    assert (answer.status_code, answer.headers["Accept-Encoding"]) == (415, "gzip, identity")
    assert not ImportJob.objects.exists()


@pytest.mark.parametrize("encoding", ["identity", "Identity", ""])
def test_a_body_that_is_said_to_be_as_it_is_is_taken(times: Caller, encoding: str) -> None:
    body = {"systemName": "x", "images": []}
    assert times.post("import/images", body, **{"Content-Encoding": encoding}).status_code == 200


def test_the_token_is_asked_for_before_the_encoding(client: Client, db: None) -> None:
    headers = {"Content-Encoding": "gzip"}
    answer = client.post("/api/v1/import/images", data=b"x", content_type="application/json", headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/xml", "application/vnd.api+json", "nonsense"])
def test_the_answer_is_json_whatever_is_accepted(times: Caller, accept: str) -> None:
    answer = times.client.get(
        "/api/v1/mediaLibrary/x", headers={"Authorization": f"Bearer {times.token}", "Accept": accept}
    )
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json; charset=utf-8")


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("2020-12-27 09:19:00.928123+00", "2020-12-27T09:19:00.928Z"),
        ("2020-12-27 09:19:00.9+00", "2020-12-27T09:19:00.900Z"),
        ("2020-12-27 09:19:00+00", "2020-12-27T09:19:00.000Z"),
        ("2020-12-27 09:19:00.928123", "2020-12-27T09:19:00.928Z"),  # SQLite
        ("2020-12-27 09:19:00.5+01", "2020-12-27T08:19:00.500Z"),
        ("2020-12-27 09:19:00.5-05:30", "2020-12-27T14:49:00.500Z"),
    ],
)
def test_a_stored_moment_is_shown_in_utc_and_milliseconds(stored: str, shown: str) -> None:
    """GEN-05"""
    assert stored_timestamp(stored) == shown
