"""Conditional requests, ranges and HEAD, as RFC 9110 has them."""

import os
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.http import http_date

from media_library.api.file_responses import byte_range, caching
from media_library.models import MediaEntry
from media_library.storage.port import PIECE
from tests.api_client import Caller
from tests.media_library.stored_entries import fetch, imported, url_of
from tests.s3 import Bucket

CONTENT = bytes(range(256)) * 4  # 1024 bytes


@pytest.fixture
def entry(times: Caller) -> MediaEntry:
    return imported(times.project, CONTENT)


def test_a_response_has_length_type_and_validators(entry: MediaEntry) -> None:
    """IMG-35"""
    answer = fetch(url_of(entry))
    assert answer.status_code == 200
    assert answer.getvalue() == CONTENT
    assert answer["Content-Length"] == "1024"
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["ETag"].startswith('"')
    assert answer["Last-Modified"].endswith("GMT")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_head_request_gets_the_same_headers_and_no_body(entry: MediaEntry) -> None:
    whole, head = fetch(url_of(entry)), Client().head(url_of(entry))
    assert head.status_code == 200
    assert head.getvalue() == b""
    assert {**whole.headers} == {**head.headers}


def test_a_client_that_has_the_file_gets_no_body(entry: MediaEntry) -> None:
    first = fetch(url_of(entry))
    for condition in (
        {"If_None_Match": first["ETag"]},
        {"If_None_Match": f'"other", W/{first["ETag"]}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": first["Last-Modified"]},
        {"If_None_Match": first["ETag"], "Range": "bytes=0-1"},
    ):
        answer = fetch(url_of(entry), **condition)
        assert (answer.status_code, answer.content) == (304, b""), condition
        for name in ("ETag", "Last-Modified", "Cache-Control"):
            assert answer[name] == first[name]


def test_a_client_that_has_another_file_gets_this_one(entry: MediaEntry) -> None:
    day = timedelta(days=1)
    for condition in (
        {"If_None_Match": '"other"'},
        {"If_Modified_Since": http_date((timezone.now() - day).timestamp())},
        {"If_Modified_Since": "yesterday"},
        {"If_None_Match": '"other"', "If_Modified_Since": http_date((timezone.now() + day).timestamp())},
    ):
        assert fetch(url_of(entry), **condition).getvalue() == CONTENT, condition


def test_a_precondition_that_fails_is_answered_in_the_envelope(entry: MediaEntry) -> None:
    answer = fetch(url_of(entry), If_Match='"other"')
    assert (answer.status_code, answer.json()["status"]) == (412, 412)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1), ("bytes=0-99", 0, 100), ("bytes=100-", 100, 1024), ("bytes=-24", 1000, 1024),
        ("bytes=0-", 0, 1024), ("bytes=1023-9999999", 1023, 1024), ("bytes=-9999", 0, 1024), ("Bytes = 1 - 2", 1, 3),
    ],
)  # fmt: skip
def test_a_range_is_sent_as_asked(entry: MediaEntry, asked: str, start: int, end: int) -> None:
    answer = fetch(url_of(entry), Range=asked)
    assert answer.status_code == 206
    assert answer.getvalue() == CONTENT[start:end]
    assert answer["Content-Range"] == f"bytes {start}-{end - 1}/1024"
    assert answer["Content-Length"] == str(end - start)


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_outside_the_file_is_refused_with_its_size(entry: MediaEntry, asked: str) -> None:
    answer = fetch(url_of(entry), Range=asked)
    assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */1024")
    assert answer.json()["status"] == 416


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-1,4-5", "bytes=5-2", "bytes=-", "bytes=", "lines=1-2", "bytes=a-b", "0-1", "bytes=1-2-3",
     f"bytes={'9' * 5000}-", "bytes=\u0661-\u0662"],
)  # fmt: skip
def test_other_ranges_are_answered_with_the_whole_file(entry: MediaEntry, asked: str) -> None:
    answer = fetch(url_of(entry), Range=asked)
    assert (answer.status_code, answer.getvalue()) == (200, CONTENT)


def test_a_range_of_a_file_that_has_changed_is_the_whole_file(entry: MediaEntry) -> None:
    first = fetch(url_of(entry))
    for condition in (first["ETag"], first["Last-Modified"]):
        assert fetch(url_of(entry), Range="bytes=0-9", If_Range=condition).status_code == 206
    for condition in ('"other"', f"W/{first['ETag']}", http_date(0), "nonsense"):
        answer = fetch(url_of(entry), Range="bytes=0-9", If_Range=condition)
        assert (answer.status_code, answer.getvalue()) == (200, CONTENT)


def test_all_of_it_holds_for_files_in_a_bucket(s3: Bucket, times: Caller) -> None:
    entry = imported(times.project, CONTENT)
    assert s3.keys() == [f"press/{entry.asset_key}"]
    first = fetch(url_of(entry))
    assert first.getvalue() == CONTENT
    assert fetch(url_of(entry), If_None_Match=first["ETag"]).status_code == 304
    assert fetch(url_of(entry), If_Modified_Since=first["Last-Modified"]).status_code == 304
    assert fetch(url_of(entry), Range="bytes=10-19").getvalue() == CONTENT[10:20]
    assert fetch(url_of(entry), Range="bytes=-5", If_Range=first["ETag"]).getvalue() == CONTENT[-5:]
    assert fetch(url_of(entry), Range="bytes=1024-").status_code == 416
    assert {**Client().head(url_of(entry)).headers} == {**first.headers}


def test_large_files_come_in_pieces_that_fit_together(times: Caller) -> None:
    content = os.urandom(3 * PIECE + 5)
    answer = fetch(url_of(imported(times.project, content)))
    pieces = list(answer.streaming_content)
    assert len(pieces) == 4
    assert b"".join(pieces) == content


def test_an_empty_file_is_delivered_empty(times: Caller) -> None:
    entry = imported(times.project, b"")
    for headers in ({}, {"Range": "bytes=0-"}):
        answer = fetch(url_of(entry), **headers)
        assert answer.status_code in {200, 416}
        assert answer.status_code == 416 or answer.getvalue() == b""


def test_ranges_of_any_kind_are_never_outside_the_file() -> None:
    for size in (0, 1, 10):
        for first in ["", *map(str, range(12))]:
            for last in ["", *map(str, range(12))]:
                span = byte_range(f"bytes={first}-{last}", size)
                assert span is None or 0 <= span[0] <= span[1] <= size


def test_a_file_that_time_will_withdraw_is_cached_until_then(settings: Any, times: Caller) -> None:
    """PAT-11: what is withdrawn at a known moment must not outlive it in a cache."""
    entry = imported(times.project, CONTENT, validity_changes_at=timezone.now() + timedelta(seconds=100))
    value = fetch(url_of(entry))["Cache-Control"]
    assert value.startswith("public, max-age=")
    assert 90 <= int(value.removeprefix("public, max-age=")) <= 100
    settings.ASSET_MAX_AGE_SECONDS = 60
    assert fetch(url_of(entry))["Cache-Control"] == "public, max-age=60"
    now = timezone.now()
    assert caching(max_age=60, public=True, until=now - timedelta(days=1), now=now) == "public, max-age=0"
