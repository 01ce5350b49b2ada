"""The whole service as in production: web, two Celery workers on Redis, PostgreSQL, S3; one worker is killed midway.

Nothing is driven from inside: the batch is posted over HTTP, and what came of it is read over HTTP and in the bucket.
"""

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from devtools.servers import Service, free_port
from imports.models import ImportItem
from media_library.models import MediaEntry
from tests import images
from tests.api_client import Caller, image_item, make_project
from tests.origin import Origin, Reply
from tests.s3 import Bucket
from tests.walks.conftest import Start, celery_worker, wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
PHOTOS = Path(__file__).parents[2] / "demo" / "photos"


def test_a_batch_survives_a_killed_worker(transactional_db: None, start: Start, s3: Bucket, origin: Origin) -> None:
    """JOB-23, FLT-1: five photographs and forty pictures; every one exactly once, no file too many, one webhook."""
    caller = Caller(make_project("walk"))
    port = free_port()
    start("gunicorn", "--config", "config/gunicorn.py", "--bind", f"127.0.0.1:{port}", "config.wsgi:application")
    victim = celery_worker(start, "victim")
    start("celery", "-A", "config", "beat", "--loglevel", "ERROR")
    api = f"http://127.0.0.1:{port}/api/v1"
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {caller.token}"

    def healthy() -> bool:
        try:
            return session.get(f"{api}/health", timeout=10).ok
        except requests.RequestException:
            return False

    wait_until(healthy, "the web server answers")
    photos = [
        image_item(origin.reply(f"/{photo.name}", Reply(photo.read_bytes(), wait=0.05)), id=photo.name)
        for photo in sorted(PHOTOS.glob("*.[jp][pn]g"))
    ]
    slow = [
        image_item(origin.reply(f"/{n}.png", Reply(images.png(images.picture(n + 1, 3)), wait=0.3))) for n in range(40)
    ]
    batch = {"systemName": "walk", "images": photos + slow, "webhook": origin.url("/hook")}
    answer = session.post(f"{api}/import/images", json=batch, timeout=10)
    assert answer.status_code == 200
    job = answer.json()["id"]

    wait_until(lambda: ImportItem.objects.filter(claimed=True).exists(), "the first worker has begun")
    celery_worker(start, "heir")
    wait_until(lambda: MediaEntry.objects.count() >= 6, "something is done")
    wait_until(lambda: ImportItem.objects.filter(claimed=True).exists(), "somebody is in the middle of a chunk")
    os.killpg(victim.pid, signal.SIGKILL)
    victim.wait()

    status: dict[str, Any] = {}

    def finished() -> bool:
        status.update(session.get(f"{api}/import/images/status?id={job}", timeout=10).json())
        return bool(status["finished"])

    wait_until(finished, "the job is finished")
    assert [row["status"] for row in status["images"]] == ["success"] * 45
    assert len({row["image"]["mediaId"] for row in status["images"]}) == 45
    assert MediaEntry.objects.count() == 45
    bucket_keys = s3.keys()
    stored = {key.removeprefix(f"{s3.prefix}/") for key in bucket_keys}
    assert stored == set(MediaEntry.objects.values_list("asset_key", flat=True)), "no orphan, nothing missing"
    rocket = MediaEntry.objects.get(external_id="rocket.jpg")
    assert s3.content(rocket.asset_key) == (PHOTOS / "rocket.jpg").read_bytes()
    wait_until(lambda: len(origin.webhooks) >= 1, "the webhook arrives")
    time.sleep(1.5)
    assert [hook.json()["overview"]["details"]["success"] for hook in origin.webhooks] == [45]


def test_an_emptied_broker_loses_nothing(
    transactional_db: None, start: Start, redis_server: Service, origin: Origin
) -> None:
    """FLT-5: the notification is lost; the sweep notifies again."""
    caller = Caller(make_project("walk"))
    job = caller.import_images(image_item(origin.reply("/a", Reply(images.png()))))  # no notification was sent
    celery_worker(start, "late")
    start("celery", "-A", "config", "beat", "--loglevel", "ERROR")
    wait_until(lambda: bool(caller.status(job)["finished"]), "the sweep has notified the worker", seconds=60)
    assert caller.status(job)["images"][0]["status"] == "success"
