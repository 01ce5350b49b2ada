"""Bodies and answers as they are on the wire."""

import gzip
import os

import pytest

from livingdocs_import_client import Problem, UnexpectedAnswer
from livingdocs_import_client.messages import Request, Response, compressed, problems_in
from livingdocs_import_client.service import base_url


def test_a_body_is_compressed_where_that_helps() -> None:
    body = b",".join(b'{"id":"%d","url":"https://example.org/%d.jpg"}' % (n, n * 7919) for n in range(1000))
    request = compressed(Request("POST", "https://x", {"A": "b"}, body))
    assert request.headers == {"A": "b", "Content-Encoding": "gzip"}
    assert gzip.decompress(request.body) == body
    assert len(request.body) < len(body) / 3


@pytest.mark.parametrize("body", [b"", b"{}", os.urandom(4096)])
def test_a_body_that_would_not_shrink_goes_as_it_is(body: bytes) -> None:
    request = Request("POST", "https://x", {}, body)
    assert compressed(request) == request


def test_a_body_that_the_service_would_take_for_a_bomb_goes_as_it_is() -> None:
    request = Request("POST", "https://x", {}, b"0," * 1_000_000)
    assert compressed(request) == request


def test_problems_are_read_in_all_shapes() -> None:
    assert problems_in({"images.0.url": "bad"}) == (Problem("images.0.url", "bad"),)
    assert problems_in({"name": "Conflict", "message": "no"}) == (Problem("", "no"),)
    nested = {"message": "two", "errors": [{"path": "a.b", "message": "x"}, {"metadataProperty": "t", "message": "y"}]}
    assert problems_in(nested) == (Problem("a.b", "x"), Problem("t", "y"))
    assert problems_in({"message": "one", "errors": []}) == (Problem("", "one"),)
    assert problems_in(None) == problems_in("x") == ()


def test_what_is_no_json_is_quoted() -> None:
    with pytest.raises(UnexpectedAnswer, match="expected JSON with status 200, got: '<html>'"):
        Response(200, {}, b"<html>").json()


@pytest.mark.parametrize(
    "url", ["import.example.org", "ftp://x", "https://x/api/v1", "https://x/api/", "https://x?a=b"]
)
def test_an_address_that_cannot_be_right_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"address"):
        base_url(url)


def test_a_service_may_lie_below_a_path() -> None:
    assert base_url("https://example.org/import/") == "https://example.org/import"
