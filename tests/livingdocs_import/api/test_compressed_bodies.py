"""Bodies that are sent compressed: inflated within the limits of every body, and of a bomb no more than shows it."""

import gzip
import json
import random
import tracemalloc
import zlib
from typing import Any

import pytest

from imports.models import ImportItem, ImportJob
from livingdocs_import import errors
from livingdocs_import.api import big_bodies
from livingdocs_import.api.parsers import StrictJSONParser
from livingdocs_import.content_encoding import MAX_MEMBERS
from livingdocs_import.validation.limits import FREE_INFLATION, MAX_INFLATION
from tests.api_client import Caller, image_item

BODY = {"systemName": "archive", "images": []}
PLAIN = json.dumps(BODY).encode()
NOT_GZIP = "The request body is not valid gzip"
MB = 1 << 20


def send(caller: Caller, content: bytes, encoding: str = "gzip", **headers: str) -> Any:
    return caller.post("import/images", content, Content_Encoding=encoding, **headers)


class Sent:
    """A request as the parser knows it."""

    def __init__(self, content: bytes) -> None:
        self.META = {"CONTENT_LENGTH": str(len(content)), "HTTP_CONTENT_ENCODING": "gzip"}
        self._content, self._position = content, 0

    def read(self, size: int) -> bytes:
        begin, self._position = self._position, self._position + size
        return self._content[begin : self._position]


def refusal(content: bytes) -> errors.ApiError:
    with pytest.raises(errors.ApiError) as refused:
        StrictJSONParser().parse(Sent(content))
    return refused.value


# --- What is taken ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", " x-gzip "])
def test_a_compressed_body_is_as_good_as_a_plain_one(times: Caller, encoding: str) -> None:
    items = [image_item(f"https://pictures.example/{number}.jpg") for number in range(50)]
    body = json.dumps({"systemName": "archive", "images": items}).encode()
    assert send(times, gzip.compress(body), encoding).status_code == 200
    assert ImportItem.objects.count() == 50


def test_it_may_consist_of_several_members(times: Caller) -> None:
    """As `pigz` and `cat a.gz b.gz` make them."""
    assert send(times, gzip.compress(PLAIN[:9]) + gzip.compress(b"") + gzip.compress(PLAIN[9:])).status_code == 200


def test_every_kind_of_body_may_be_compressed(times: Caller) -> None:
    asset = {"key": "a.jpg", "url": "https://cdn.example/a.jpg", "size": 1, "width": 1, "height": 1}
    entry = {"id": "it", "mediaType": "image", "asset": asset | {"filename": "a.jpg", "mimeType": "image/jpeg"}}
    entries = {"mediaLibraryEntries": [entry | {"metadata": {"title": "It"}}]}
    answer = times.post("import/mediaLibrary", gzip.compress(json.dumps(entries).encode()), Content_Encoding="gzip")
    assert answer.json()["mediaLibraryEntries"][0]["ok"], answer.json()
    patches = {"patches": [{"operation": "setMetadataProperty", "propertyName": "title", "value": "New"}]}
    packed = gzip.compress(b"\xef\xbb\xbf" + json.dumps(patches).encode())
    assert times.patch("mediaLibrary/it", packed, **{"Content-Encoding": "gzip"}).status_code == 200


def test_the_same_body_is_the_same_request_however_it_was_sent(times: Caller) -> None:
    first = times.post("import/images", PLAIN, Idempotency_Key="k")
    assert send(times, gzip.compress(PLAIN), Idempotency_Key="k").json() == first.json()


def test_a_full_batch_fits(settings: Any) -> None:
    """64 MB of JSON, 5 MB on the wire."""
    rng = random.Random(1)
    items = [{"id": f"{rng.getrandbits(64):x}", "text": f"{rng.getrandbits(24):x} " * 600} for _ in range(1000)]
    body = json.dumps({"items": items * 15}).encode()[: 64 * MB]
    body = body[: body.rindex(b"}, {")] + b"}]}"
    assert 60 * MB < len(body) <= settings.API_MAX_BODY_BYTES
    assert len(StrictJSONParser().parse(Sent(gzip.compress(body, 1)))["items"]) > 10_000


# --- What is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"", b"x", PLAIN, gzip.compress(PLAIN)[:-1], gzip.compress(PLAIN)[:-8] + b"\0" * 8, gzip.compress(PLAIN) + b"\0",
     b"\x1f\x8b", zlib.compress(PLAIN)],
    ids=["nothing", "a byte", "plain", "cut short", "a wrong checksum", "more behind it", "a head", "zlib"],
)  # fmt: skip
def test_a_broken_stream_is_a_bad_request(times: Caller, content: bytes) -> None:
    answer = send(times, content)
    assert answer.status_code == 400
    if content:
        assert answer.json()["error_details"]["message"].startswith(NOT_GZIP)
    assert not ImportJob.objects.exists()


def test_what_inflates_beyond_the_limit_is_too_large(times: Caller, settings: Any) -> None:
    """GEN-07"""
    settings.API_MAX_BODY_BYTES = 1000
    packed = gzip.compress(json.dumps({"systemName": "x" * 1000, "images": []}).encode())
    assert len(packed) < 1000
    answer = send(times, packed)
    assert (answer.status_code, answer.json()["error_details"]["message"]) == (
        413, "The request body is larger than 1000 bytes",
    )  # fmt: skip


def test_a_bomb_is_recognised_by_its_ratio(times: Caller) -> None:
    bomb = gzip.compress(b"[" + b" " * 32 * MB + b"]")
    assert len(bomb) < 40_000
    answer = send(times, bomb)
    message = f"The request body inflates to more than {MAX_INFLATION} times its size"
    assert (answer.status_code, answer.json()["error_details"]) == (413, {"message": message})


def test_a_small_body_may_inflate_as_it_likes() -> None:
    small = b"[" + b" " * (FREE_INFLATION - 2) + b"]"
    assert StrictJSONParser().parse(Sent(gzip.compress(small))) == []


def test_a_bomb_costs_no_more_memory_than_shows_it(settings: Any) -> None:
    bomb = gzip.compress(b" " * 60 * MB)
    bomb_in_bomb = bomb * 30
    for content, most in ((bomb, 16 * MB), (bomb_in_bomb, 2 * settings.API_MAX_BODY_BYTES)):
        tracemalloc.start()
        try:
            assert isinstance(refusal(content), errors.TooCompressed | errors.PayloadTooLarge)
            assert tracemalloc.get_traced_memory()[1] < most
        finally:
            tracemalloc.stop()


def test_very_many_members_are_not_a_usual_gzip() -> None:
    assert str(refusal(gzip.compress(b"") * (MAX_MEMBERS + 1))).count(NOT_GZIP) == 1


def test_what_is_announced_as_too_long_is_not_even_read(times: Caller, settings: Any) -> None:
    settings.API_MAX_BODY_BYTES = 10
    assert send(times, gzip.compress(PLAIN)).status_code == 413


def test_a_body_that_inflates_to_a_big_one_waits_for_its_turn(times: Caller, settings: Any) -> None:
    settings.API_BIG_BODY_BYTES = len(PLAIN) - 1
    settings.API_BIG_BODY_WAIT_SECONDS = 0.01
    with big_bodies.slot():
        assert send(times, gzip.compress(PLAIN)).status_code == 503
    assert send(times, gzip.compress(PLAIN)).status_code == 200
    assert send(times, gzip.compress(PLAIN)).status_code == 200, "the slot was released"


def test_the_token_is_asked_for_first(times: Caller) -> None:
    answer = times.client.post(
        "/api/v1/import/images", b"nonsense", content_type="application/json", headers={"Content-Encoding": "gzip"}
    )
    assert answer.status_code == 401
