"""Graceful stop: nothing new is begun, running work gets a few seconds, the rest is released (FLT-3)."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from imports.worker import Worker
from livingdocs_import.work_queue import shutdown
from tests import images
from tests.api_client import Caller, image_item
from tests.origin import Origin, Reply
from tests.workers import item_states


def stop_when_asked(origin: Origin) -> None:
    """Ask the worker to stop as soon as it has asked the origin for something."""

    def wait() -> None:
        until = time.monotonic() + 20
        while not origin.requests and time.monotonic() < until:
            time.sleep(0.01)
        shutdown.ask()

    threading.Thread(target=wait).start()


@pytest.fixture(autouse=True)
def _nobody_has_asked() -> Iterator[None]:
    yield
    shutdown.withdraw()


def test_a_worker_that_is_asked_to_stop_draws_nothing_more(times: Caller, origin: Origin) -> None:
    times.import_images(image_item(origin.url("/a")))
    shutdown.ask()
    assert Worker().run(seconds=60) is True, "somebody else should go on"
    assert item_states() == [("open", False, 0, 0)]
    assert origin.requests == []


def test_items_that_are_not_begun_are_released_at_once(times: Caller, settings: Any, origin: Origin) -> None:
    """One host gets six requests at the same time; the others wait in the worker's hand."""
    settings.WORKER_STOP_SECONDS = 5.0
    slow = origin.reply("/a", Reply(images.png(images.picture(1, 1)), wait=0.3))
    times.import_images(*[image_item(slow) for _ in range(12)])
    stop_when_asked(origin)
    Worker().run(seconds=60)
    states = item_states()
    assert states.count(("success", False, 0, 0)) == len(origin.asked("/a")) < 12
    assert set(states) == {("success", False, 0, 0), ("open", False, 0, 0)}


def test_a_download_that_ends_soon_is_kept_and_one_that_does_not_is_cut(
    times: Caller, settings: Any, origin: Origin
) -> None:
    settings.WORKER_STOP_SECONDS = 2.0
    soon = origin.reply("/soon", Reply(images.png(), wait=0.3))
    endless = origin.reply("/endless", Reply(images.png(), piece=1, pause=0.1, times=10_000))
    times.import_images(image_item(soon), image_item(endless))
    stop_when_asked(origin)
    started = time.monotonic()
    Worker().run(seconds=60)
    assert time.monotonic() - started < 15
    assert item_states() == [("success", False, 0, 0), ("open", False, 0, 0)]


def test_a_failure_before_the_time_is_over_still_counts(times: Caller, settings: Any, origin: Origin) -> None:
    times.import_images(image_item(origin.reply("/a", Reply(status=503, wait=0.3))))
    stop_when_asked(origin)
    Worker().run(seconds=60)
    assert item_states() == [("open", False, 1, 0)]
