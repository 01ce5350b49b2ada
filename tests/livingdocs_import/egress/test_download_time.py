"""Slow servers: every download ends in time, however the server manages to be slow."""

import socket
import time
from io import BytesIO
from typing import Any

import pytest

from livingdocs_import.egress.download import BUFFER, DownloadPace, Fetcher
from livingdocs_import.egress.errors import NoAnswer, NoConnection, PermanentHTTPError
from tests.origin import Origin, Reply

MB = 1024 * 1024
JPEG = bytes(range(256)) * 1300


def seconds_until_no_answer(fetcher: Fetcher, url: str) -> float:
    started = time.monotonic()
    with pytest.raises(NoAnswer) as failure:
        fetcher.fetch(url, BytesIO(), max_bytes=MB)
    assert (failure.value.detail, failure.value.transient) == ("the server did not answer in time", True)
    return time.monotonic() - started


def test_a_slow_download_within_its_time_succeeds(origin: Origin, make_fetcher: Any) -> None:
    url = origin.reply("/a", Reply(b"abcdef", piece=1, pause=0.05))
    assert make_fetcher(read_seconds=2, total_seconds=5).fetch(url, BytesIO(), max_bytes=MB).size == 6


def test_a_refusal_is_not_held_up_by_its_body(origin: Origin, make_fetcher: Any) -> None:
    url = origin.reply("/a", Reply(JPEG, 404, stop_after=10, ending="stall"))
    started = time.monotonic()
    with pytest.raises(PermanentHTTPError):
        make_fetcher(read_seconds=9, total_seconds=9).fetch(url, BytesIO(), max_bytes=MB)
    assert time.monotonic() - started < 4


def test_without_time_left_no_request_is_made(origin: Origin, make_fetcher: Any) -> None:
    seconds_until_no_answer(make_fetcher(total_seconds=0), origin.url("/a"))
    assert origin.connections == 0


def test_a_closed_port_is_could_not_connect(make_fetcher: Any) -> None:
    """IMG-18"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(NoConnection, match="could not connect"):
        make_fetcher(allowed=(address,)).fetch(f"http://{address}/", BytesIO(), max_bytes=MB)


def test_an_unknown_name_is_could_not_connect(make_fetcher: Any) -> None:
    """IMG-18"""

    def resolve(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(NoConnection, match="could not connect"):
        make_fetcher(connector={"resolve": resolve}).fetch("http://unknown.test/", BytesIO(), max_bytes=MB)


# --- Large files -----------------------------------------------------------------------------------------------------

LARGE = bytes(4 * BUFFER)


def test_a_large_file_that_comes_steadily_may_take_longer_than_others(origin: Origin, make_fetcher: Any) -> None:
    url = origin.reply("/a", Reply(LARGE, piece=BUFFER // 4, pause=0.05))
    fetcher = make_fetcher(read_seconds=2, total_seconds=0.3)
    assert seconds_until_no_answer(fetcher, url) < 4
    assert fetcher.fetch(url, BytesIO(), max_bytes=2 * MB, pace=DownloadPace(20, 100_000)).size == len(LARGE)


def test_a_large_file_that_comes_slower_than_its_pace_is_given_up(origin: Origin, make_fetcher: Any) -> None:
    """After the time that any download may take."""
    url = origin.reply("/a", Reply(LARGE, piece=2_000, pause=0.05))
    fetcher = make_fetcher(read_seconds=2, total_seconds=0.5)
    started = time.monotonic()
    with pytest.raises(NoAnswer):
        fetcher.fetch(url, BytesIO(), max_bytes=2 * MB, pace=DownloadPace(60, 400_000))
    assert time.monotonic() - started < 4


def test_a_large_file_has_an_end_to_its_time_as_well(origin: Origin, make_fetcher: Any) -> None:
    url = origin.reply("/a", Reply(LARGE, piece=BUFFER // 4, pause=0.1))
    fetcher = make_fetcher(read_seconds=2, total_seconds=0.2)
    started = time.monotonic()
    with pytest.raises(NoAnswer):
        fetcher.fetch(url, BytesIO(), max_bytes=2 * MB, pace=DownloadPace(0.8, 1_000))
    assert 0.7 < time.monotonic() - started < 4


def test_a_pace_gives_no_more_time_to_what_comes_before_the_body(origin: Origin, make_fetcher: Any) -> None:
    url = origin.reply("/a", Reply(LARGE, drip_head=0.05))
    fetcher = make_fetcher(read_seconds=2, total_seconds=0.5)
    started = time.monotonic()
    with pytest.raises(NoAnswer):
        fetcher.fetch(url, BytesIO(), max_bytes=2 * MB, pace=DownloadPace(60, 1_000_000))
    assert time.monotonic() - started < 4
