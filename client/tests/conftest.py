"""A service that runs for all tests of a process, a web server whose files it fetches, and a client of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.checkout import ROOT
from livingdocs_import_client import Client
from running_service import Service, running_service
from tests import images
from tests.origin import Origin, Reply
from tests.s3 import s3_server

__all__ = ["s3_server"]  # a fixture that lives elsewhere
SECONDS = 300  # the first test of a process waits for the service to start, too


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests that need the service time for it, on a machine that is busy with others."""
    for item in items:
        if "service" in getattr(item, "fixturenames", ()) and item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.fixture(scope="session")
def origin() -> Iterator[Origin]:
    """A web server that has a picture, videos and files; it collects webhooks, too."""
    with Origin() as server:
        server.reply("/cat.jpg", Reply(images.jpeg(), content_type="image/jpeg"))
        server.serve_folder("/videos", ROOT / "demo" / "videos")
        server.serve_folder("/files", ROOT / "demo" / "files")
        yield server


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, origin: Origin, s3_server: str) -> Iterator[Service]:
    """The service, which may fetch from the web server and from the bucket."""
    allowed = f"{origin.address},{s3_server.removeprefix('http://')}"
    with running_service(tmp_path_factory.mktemp("service"), allowed) as service:
        yield service


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    with Client(service.url, service.token) as client:
        yield client


@pytest.fixture
def rows(tmp_path: Path, origin: Origin) -> Path:
    """A file with three images, the last of which does not exist."""
    file = tmp_path / "rows.ndjson"
    items = [
        {"url": origin.url(path), "id": f"{tmp_path}-{n}", "fileName": f"Cat {n}", "metadata": {}}
        for n, path in enumerate(("/cat.jpg", "/cat.jpg", "/no-cat.jpg"))
    ]
    file.write_text("".join(f"{json.dumps(item)}\n" for item in items))
    return file
