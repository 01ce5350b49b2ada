"""A storage fails while a file is served: an error before the first byte, a broken connection after it (FLT-18)."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from media_library.models import MediaEntry
from media_library.storage.port import PIECE
from tests import images
from tests.api_client import Caller
from tests.media_library.faulty_s3 import FaultyS3, faulty_s3
from tests.media_library.stored_entries import fetch, imported, url_of
from tests.s3 import use_endpoint

CONTENT = os.urandom(3 * PIECE)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[FaultyS3]:
    with faulty_s3() as server:
        use_endpoint(monkeypatch, server.endpoint)
        settings.ASSET_STORAGE = server.url
        yield server


@pytest.fixture
def entry(broken: FaultyS3, times: Caller) -> MediaEntry:
    return imported(times.project, CONTENT)


@pytest.mark.parametrize(
    "faults",
    [{"HEAD": [500] * 9}, {"HEAD": ["html"]}, {"GET": [503] * 9}, {"GET": ["html"]}, {"GET": ["whole"]}],
    ids=str,
)
def test_a_failure_before_the_first_byte_is_an_error_that_is_not_cached(
    broken: FaultyS3, entry: MediaEntry, faults: dict[str, list[Any]]
) -> None:
    """FLT-18"""
    broken.faults = faults
    answer = fetch(url_of(entry), Range="bytes=5-10")
    assert (answer.status_code, answer.json()) == (503, {"status": 503, "error": "Service Unavailable"})
    assert answer["Cache-Control"] == "no-store"
    assert answer["Retry-After"] == "10"
    broken.faults = {}
    assert fetch(url_of(entry)).getvalue() == CONTENT


def test_a_failure_that_passes_is_not_noticed(broken: FaultyS3, entry: MediaEntry) -> None:
    broken.faults = {"HEAD": [503], "GET": [500]}
    assert fetch(url_of(entry)).getvalue() == CONTENT


@pytest.fixture
def web_server(broken: FaultyS3, tmp_path: Path) -> Iterator[tuple[str, int]]:
    """gunicorn, as it runs in production, in front of the broken storage; its host and port."""
    command = [sys.executable, "-m", "gunicorn", "tests.media_library.one_file_app", "--worker-class=gthread"]
    environment = os.environ | {
        "ASSET_STORAGE": broken.url,
        "DATA_DIR": str(tmp_path),
        "DEBUG": "true",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        subprocess.Popen(
            [*command, f"--bind=fd://{listener.fileno()}"],
            env=environment,
            pass_fds=[listener.fileno()],
            stderr=subprocess.DEVNULL,
        ) as server,
    ):
        yield listener.getsockname()
        server.terminate()


def test_a_body_that_cannot_be_finished_breaks_the_connection_off(
    broken: FaultyS3, web_server: tuple[str, int]
) -> None:
    """FLT-18: never a short 200 or 206 that looks whole; and the server goes on."""
    broken.objects[f"/{broken.bucket}/press/2026/a.jpeg"] = (CONTENT, {})
    connection = http.client.HTTPConnection(*web_server, timeout=30)

    def ask(**headers: str) -> http.client.HTTPResponse:
        connection.request("GET", f"/2026/a.jpeg?{len(CONTENT)}", headers=headers)
        return connection.getresponse()

    for headers, status, expected in (({}, 200, CONTENT), ({"Range": "bytes=9-300000"}, 206, CONTENT[9:300_001])):
        broken.faults = {"GET": ["half"]}
        answer = ask(**headers)
        assert answer.status == status
        with pytest.raises(http.client.IncompleteRead) as cut:
            answer.read()
        assert expected.startswith(cut.value.partial)
        connection.close()
        assert ask(**headers).read() == expected
    connection.close()


def test_a_rendition_of_an_original_that_breaks_off_is_an_error_and_nothing_is_kept(
    broken: FaultyS3, entry: MediaEntry
) -> None:
    broken.faults = {"GET": ["half"]}
    assert fetch(url_of(entry), "&w=64").status_code == 503
    assert list(broken.objects) == [f"/{broken.bucket}/press/{entry.asset_key}"]


def test_a_rendition_that_the_bucket_does_not_take_is_served_all_the_same(broken: FaultyS3, times: Caller) -> None:
    """FLT-16"""
    entry = imported(times.project, images.jpeg())
    broken.faults = {"PUT": [503] * 9}
    answer = fetch(url_of(entry), "&w=64")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert 0 < len(answer.getvalue()) < 10_000
    assert len(broken.objects) == 1
