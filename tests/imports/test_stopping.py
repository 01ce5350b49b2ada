"""Asked to stop: nothing new is begun, what is in hand gets a few seconds, the rest is given back (F3)."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from imports import runner
from imports.models import ImportItem
from livingdocs_import import stopping
from tests import images
from tests.cast import Caller, image_item
from tests.origin import Origin, Reply


@pytest.fixture(autouse=True)
def _nobody_has_asked() -> Iterator[None]:
    yield
    stopping._asked_at[:] = bytes(len(stopping._asked_at))


def item_states() -> list[tuple[str, bool, int]]:
    rows = ImportItem.objects.order_by("position")
    return [(item.outcome, item.held, item.attempts) for item in rows]


def test_a_worker_that_is_asked_to_stop_draws_nothing_more(times: Caller, origin: Origin) -> None:
    times.import_images(image_item(origin.url("/a")))
    stopping.ask()
    assert runner.work(seconds=60) is True, "somebody else should go on"
    assert item_states() == [("open", False, 0)]
    assert origin.requests == []


def test_items_that_are_not_begun_are_given_back_at_once(times: Caller, settings: Any, origin: Origin) -> None:
    times.import_images(*[image_item(origin.url("/a")) for _ in range(3)])
    stopping.ask()
    assert runner.run_chunk()
    assert item_states() == [("open", False, 0)] * 3
    assert origin.requests == []


def test_a_download_that_ends_soon_is_kept_and_one_that_does_not_is_cut(
    times: Caller, settings: Any, origin: Origin
) -> None:
    settings.WORKER_STOP_SECONDS = 0.8
    soon = origin.reply("/soon", Reply(images.png(), wait=0.3))
    endless = origin.reply("/endless", Reply(images.png(), piece=1, pause=0.1, times=100))
    times.import_images(image_item(soon), image_item(endless))
    threading.Timer(0.2, stopping.ask).start()
    started = time.monotonic()
    runner.run_chunk()
    assert time.monotonic() - started < 5
    assert item_states() == [("success", False, 1), ("open", False, 0)]


def test_a_failure_before_the_time_is_over_still_counts(times: Caller, settings: Any, origin: Origin) -> None:
    times.import_images(image_item(origin.reply("/a", Reply(status=503, wait=0.3))))
    threading.Timer(0.1, stopping.ask).start()
    runner.run_chunk()
    assert item_states() == [("open", False, 1)]
