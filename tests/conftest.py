"""Fixtures: two projects, a storage of the test's own, workers that run on demand."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from imports.worker import Worker
from livingdocs_import.models import WebhookDelivery
from livingdocs_import.project_config import store
from livingdocs_import.webhooks.dispatcher import Dispatcher
from media_library.storage.health import storage_health
from tests.api_client import Caller, make_project
from tests.archive import Archive
from tests.browser import browser, chromium
from tests.contract import note_webhook, violations
from tests.newsroom import Newsroom
from tests.origin import Canary, Origin
from tests.s3 import s3, s3_server
from tests.services import redis_server
from tests.subscribers import Subscriber

__all__ = ["browser", "chromium", "redis_server", "s3", "s3_server"]  # fixtures that live elsewhere


admin.autodiscover()  # as the web server does with its URLs: tests are parametrized by its classes

# A background run may ignore these signals; processes of tests must not inherit that.
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, lambda *_: None)


@pytest.fixture(autouse=True)
def _own_stage(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Files go to a folder of the test's own, and nothing that was opened for another test is used."""
    settings.DATA_DIR = tmp_path
    settings.ASSET_STORAGE = f"file://{tmp_path}/assets"
    settings.PUBLIC_URL = "http://testserver"
    cache.clear()
    with store.compiled.fresh(), storage_health.fresh():  # a number may have been another project's in the test before
        yield


@pytest.fixture(autouse=True)
def _answers_are_as_described() -> Iterator[None]:
    """Whatever the API has answered, through the test's client, is what its OpenAPI document says."""
    violations.clear()
    yield
    if violations:
        pytest.fail("not as OpenAPI describes it:\n" + "\n".join(violations[:10]))


@pytest.fixture
def origin(settings: Any) -> Iterator[Origin]:
    """The outside world: a real HTTP server that serves files, misbehaves on request and collects webhooks."""
    with Origin() as server:
        settings.FETCH_ALLOWED_NETWORKS = [server.address]
        yield server
        for hook in server.webhooks:
            with contextlib.suppress(ValueError):  # not JSON: no webhook of ours
                note_webhook(hook.headers, hook.json())


@pytest.fixture
def canary() -> Iterator[Canary]:
    """A listener that must never see a connection."""
    listener = Canary()
    yield listener
    listener.close()
    assert listener.connections == 0, "somebody connected to the canary"


@pytest.fixture
def times(db: None) -> Caller:
    """The project most tests are about, with a token that may read and write."""
    return Caller(make_project("times"))


@pytest.fixture
def herald(db: None) -> Caller:
    """Another project, which must see nothing of the first one."""
    return Caller(make_project("herald"))


@pytest.fixture
def dispatcher() -> Dispatcher:
    """The dispatcher of the test's process."""
    return Dispatcher()


@pytest.fixture
def run_workers(db: None, dispatcher: Dispatcher) -> Callable[[], None]:
    """Carry out everything that is due, and what becomes due by waiting: imports first, then webhooks."""

    worker: list[Worker] = []  # made when it is first needed: the settings are the test's own by then

    def run() -> None:
        if not worker:
            worker.append(Worker())
        worker[0].run_until_idle()
        WebhookDelivery.objects.filter(state="pending", attempts=0).update(due_at=timezone.now())
        dispatcher.deliver_due()

    return run


@pytest.fixture
def newsroom(times: Caller, run_workers: Callable[[], None]) -> Newsroom:
    """The first project, importing documents and waiting until it is done."""
    return Newsroom(times, run_workers)


@pytest.fixture
def archive(newsroom: Newsroom) -> Archive:
    """What the first project has published, searched; some metadata of its articles is indexed."""
    searched = Archive(newsroom)
    searched.configure()
    return searched


@pytest.fixture
def subscriber(times: Caller, origin: Origin, run_workers: Callable[[], None]) -> Subscriber:
    """A receiver of the first project's webhooks."""
    return Subscriber(times, origin, run_workers)


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Tests about locks need a database that has them."""
    if connection.vendor != "postgresql":
        for item in items:
            if "postgres" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: run by `make test` when one can be reached"))
