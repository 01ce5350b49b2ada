"""Housekeeping is never delayed: with real processes, without beat, beside slow downloads and hanging receivers."""

import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from imports.models import ImportItem, LastSweep
from livingdocs_import.models import WebhookAttempt, WebhookDelivery, WorkerProcess
from tests import images
from tests.api_client import Caller, image_item, make_project
from tests.origin import Origin, Reply
from tests.queued_webhooks import queued
from tests.walks.conftest import Start, celery_worker, wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]


def status() -> str:
    out = StringIO()
    call_command("status", stdout=out)
    return out.getvalue()


def test_second_tries_of_webhooks_are_on_time_beside_slow_downloads_and_without_beat(
    transactional_db: None, start: Start, origin: Origin
) -> None:
    caller = Caller(make_project("walk"))
    slow = origin.reply("/slow", Reply(images.png(), piece=1, pause=0.5, times=100))
    for _ in range(3):
        caller.import_images(*[image_item(f"{slow}?{n}") for n in range(6)])
    origin.reply("/hook", Reply(status=503), Reply(b"ok"))
    celery_worker(start, "imports", queues="imports", IMPORT_CHUNK_SECONDS="30", FETCH_TOTAL_SECONDS="60")
    celery_worker(start, "webhooks", queues="webhooks")
    wait_until(lambda: bool(origin.asked("/slow")), "the import worker is busy")
    queued(caller, origin.url("/hook"))
    wait_until(lambda: WebhookAttempt.objects.exists(), "nobody was notified, and the first try was made")
    due_at = WebhookDelivery.objects.get().due_at
    wait_until(lambda: len(origin.webhooks) == 2, "the second try")
    assert due_at is None or timezone.now() - due_at < timedelta(seconds=15)
    assert ImportItem.objects.filter(claimed=True).exists(), "the import worker is busy still"


def test_when_the_import_workers_are_dead_the_status_says_so_and_nothing_else(
    transactional_db: None, start: Start, origin: Origin
) -> None:
    importer = celery_worker(start, "imports", queues="imports")
    celery_worker(start, "webhooks", queues="webhooks")
    wait_until(lambda: WorkerProcess.objects.count() == 2, "both have left a sign of life")
    wait_until(lambda: LastSweep.objects.exists(), "one has done a round")
    assert "import workers: 1, last seen" in status()
    os.killpg(importer.pid, signal.SIGKILL)
    importer.wait()
    WorkerProcess.objects.filter(imports=True).update(seen_at=F("seen_at") - timedelta(minutes=2))
    first = LastSweep.objects.get(pk=LastSweep.NOTIFYING).at
    wait_until(lambda: LastSweep.objects.get(pk=LastSweep.NOTIFYING).at > first, "rounds go on")
    with pytest.raises(CommandError, match=r"^import workers: none seen for 2 min( \d+ s)?: see"):
        status()


@pytest.fixture
def everywhere() -> Iterator[Origin]:
    """A server that listens at all addresses of loopback."""
    with Origin("0.0.0.0") as server:
        server.host = "127.0.0.1"
        yield server


def test_450_unknown_receivers_that_hang_do_not_delay_one_that_answers(
    transactional_db: None, start: Start, everywhere: Origin
) -> None:
    """What is known of that one was learned by a process that is gone."""
    caller = Caller(make_project("walk"))
    port = everywhere.port
    allowed = {"FETCH_ALLOWED_NETWORKS": "127.0.0.0/8", "FETCH_ALLOWED_PORTS": str(port)}
    first = celery_worker(start, "first", queues="webhooks", **allowed)
    queued(caller, everywhere.url("/quick"))
    wait_until(lambda: WebhookAttempt.objects.exists(), "it is known")
    first.terminate()
    first.wait()
    everywhere.reply("/hangs", Reply(wait=60))
    queued(caller, *[f"http://127.6.{n // 250}.{n % 250 + 1}:{port}/hangs" for n in range(450)])
    celery_worker(start, "second", queues="webhooks", **allowed)
    wait_until(lambda: bool(everywhere.asked("/hangs")), "they hang")
    time.sleep(1)
    queued(caller, everywhere.url("/quick"))
    begun = time.monotonic()
    wait_until(lambda: len(everywhere.asked("/quick")) == 2, "the one that answers gets its own")
    assert time.monotonic() - begun < 10
