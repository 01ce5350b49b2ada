"""A deploy: a worker is asked to stop in the middle of a download that takes minutes; another one finishes (FLT-3)."""

import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from imports.models import ImportItem
from media_library.models import MediaEntry
from tests import images
from tests.api_client import Caller, image_item, make_project
from tests.origin import Origin, Reply
from tests.s3 import Bucket
from tests.walks.conftest import Start, celery_worker, wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
STOP_SECONDS = 3


def celery(start: Start, name: str) -> subprocess.Popen[bytes]:
    return celery_worker(start, name, IMPORT_WINDOW="1", WORKER_STOP_SECONDS=str(STOP_SECONDS))


def brokerless(start: Start, name: str) -> subprocess.Popen[bytes]:
    return start("django", "work", IMPORT_WINDOW="1", WORKER_STOP_SECONDS=str(STOP_SECONDS), CELERY_BROKER_URL="")


@pytest.mark.parametrize("worker", [celery, brokerless])
def test_a_worker_in_the_middle_of_a_slow_download_stops_in_time_and_another_one_finishes(
    transactional_db: None, worker: Callable[[Start, str], subprocess.Popen[bytes]], start: Start, s3: Bucket,
    origin: Origin,
) -> None:  # fmt: skip
    """The first time a byte comes every fifth of a second; items behind it wait, for there is one place."""
    caller = Caller(make_project("deploy"))
    slow = origin.reply("/slow", Reply(images.png(), piece=1, pause=0.2, times=100), Reply(images.png()))
    quick = [origin.reply(f"/{n}", Reply(images.png(images.picture(n + 1, 2)))) for n in range(5)]
    job = caller.import_images(*map(image_item, [slow, *quick]), webhook=origin.url("/hook"))

    old = worker(start, "old")
    wait_until(lambda: bool(origin.asked("/slow")), "the download has begun")
    time.sleep(0.5)
    asked = time.monotonic()
    old.send_signal(signal.SIGTERM)
    assert old.wait(timeout=60) == 0
    assert time.monotonic() - asked < STOP_SECONDS + 7

    items = ImportItem.objects.all()
    assert {(item.outcome, item.claimed, item.attempts) for item in items} == {("open", False, 0)}, (
        "given back, uncounted"
    )

    worker(start, "new")
    wait_until(lambda: bool(caller.status(job)["finished"]), "the job is finished")
    assert [row["status"] for row in caller.status(job)["images"]] == ["success"] * 6
    assert MediaEntry.objects.count() == 6
    assert len(s3.keys()) == 6
    assert len(origin.asked("/slow")) == 2
    assert [len(origin.asked(f"/{n}")) for n in range(5)] == [1] * 5
    wait_until(lambda: len(origin.webhooks) >= 1, "the webhook arrives")
    time.sleep(1)
    assert len(origin.webhooks) == 1
