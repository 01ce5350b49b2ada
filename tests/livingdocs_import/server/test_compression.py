"""Answers of the API are compressed where a setting says so, and nothing else ever is."""

import gzip
import json
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client

from tests.api_client import Caller, document_item
from tests.newsroom import Newsroom

MIDDLEWARE = "livingdocs_import.server.compression.CompressedJSON"


@pytest.fixture
def compressing(settings: Any) -> None:
    """As config.settings has it with API_GZIP_ANSWERS."""
    settings.MIDDLEWARE = [configured.MIDDLEWARE[0], MIDDLEWARE, *configured.MIDDLEWARE[1:]]


def entries(caller: Caller, number: int = 10) -> str:
    asset = {"key": "a.jpg", "url": "https://cdn.example/a.jpg", "size": 1, "width": 1, "height": 1}
    asset |= {"filename": "a.jpg", "mimeType": "image/jpeg"}
    body = [
        {"id": f"e-{n}", "mediaType": "image", "asset": asset, "metadata": {"title": "A cat"}} for n in range(number)
    ]
    caller.post("import/mediaLibrary", {"mediaLibraryEntries": body})
    return "mediaLibrary?ids=" + ",".join(str(entry["id"]) for entry in body)


def test_by_default_nothing_is_compressed(times: Caller) -> None:
    assert MIDDLEWARE not in configured.MIDDLEWARE
    assert "Content-Encoding" not in times.get(entries(times), **{"Accept-Encoding": "gzip"}).headers


@pytest.mark.usefixtures("compressing")
def test_json_is_compressed_for_clients_that_accept_it(times: Caller) -> None:
    path = entries(times)
    plain = times.get(path)
    answer = times.get(path, **{"Accept-Encoding": "br, gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content) == plain.content
    assert int(answer["Content-Length"]) == len(answer.content) < len(plain.content) / 2
    assert "accept-encoding" in plain["Vary"].lower() and "accept-encoding" in answer["Vary"].lower()  # noqa: PT018
    for refused in ("", "identity", "br", "gzip;q=0", "gzip; q=0.0, br"):
        assert "Content-Encoding" not in times.get(path, **{"Accept-Encoding": refused}).headers


@pytest.mark.usefixtures("compressing")
def test_the_entity_tag_is_the_same_either_way(times: Caller) -> None:
    """TRN-02"""
    path = entries(times)
    tag = times.get(path)["ETag"]
    assert times.get(path, **{"Accept-Encoding": "gzip"})["ETag"] == tag
    assert times.get(path, **{"Accept-Encoding": "gzip", "If-None-Match": tag}).status_code == 304


@pytest.mark.usefixtures("compressing")
def test_a_long_status_is_compressed_while_it_is_sent(newsroom: Newsroom) -> None:
    rows = newsroom.bring(*(document_item(metadata={"title": "x" * 900}) for _ in range(1200)))
    job = newsroom.caller.import_documents(*(document_item() for _ in range(3)))
    newsroom.run()
    assert len(rows) == 1200
    path = f"import/documents/status?id={job}"
    answer = newsroom.caller.get(path, **{"Accept-Encoding": "gzip"})
    assert json.loads(gzip.decompress(answer.content)) == newsroom.caller.get(path).json()


@pytest.mark.usefixtures("compressing")
def test_pages_and_files_are_not(client: Client, db: None) -> None:
    """A page of the admin has a token beside user input: its compressed length would reveal it."""
    page = client.get("/admin/login/", headers={"Accept-Encoding": "gzip"})
    assert len(page.content) > 1000
    assert "Content-Encoding" not in page.headers
    assert "Content-Encoding" not in client.get("/ready", headers={"Accept-Encoding": "gzip"}).headers
