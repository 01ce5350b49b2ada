"""Whether the storage can be used, and how much space is left, without asking it for each page."""

import socket
from pathlib import Path
from typing import Any

import pytest

from livingdocs_import.server.readiness import NO_ANSWER
from media_library import storage
from media_library.storage.health import StorageHealth
from tests.s3 import use_endpoint


def test_a_folder_reports_its_space(settings: Any) -> None:
    state = StorageHealth().state()
    assert state.error == ""
    assert 0 < (state.free or 0) <= (state.total or 0)
    assert state.milliseconds is not None


def test_a_storage_that_cannot_be_used_is_reported(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.ASSET_STORAGE = f"file://{tmp_path}/file/assets"
    assert "cannot be made" in StorageHealth().state().error


def test_it_is_asked_once_a_minute(settings: Any, tmp_path: Path) -> None:
    health = StorageHealth()
    first = health.state()
    assert first.error == ""
    (tmp_path / "file").write_text("")
    settings.ASSET_STORAGE = f"file://{tmp_path}/file/assets"
    assert health.state() is first


def test_a_bucket_reports_no_space(s3: Any) -> None:
    assert storage.assets().space() is None
    state = StorageHealth().state()
    assert (state.error, state.free, state.total) == ("", None, None)


def test_a_storage_that_hangs_delays_one_page_and_no_other(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts connections and never answers
        use_endpoint(monkeypatch, f"http://127.0.0.1:{silent.getsockname()[1]}")
        settings.ASSET_STORAGE = "s3://bucket/hangs"
        health = StorageHealth()
        first = health.state()
        assert first.error == NO_ANSWER, "it was not waited for"
        assert health.state() is first, "it was not asked again"
