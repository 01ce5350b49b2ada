"""Jobs that wait for the hours of a host keep no worker busy and raise no alarm; other work continues."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports import housekeeping, services
from imports.claiming import host_brakes, host_hours
from imports.claiming.due_items import OpenJobs
from imports.models import ImportItem, ImportJob
from imports.monitoring import overview
from imports.worker import Worker
from imports.worker.shared_objects import Resources
from livingdocs_import.egress.endpoints import endpoint_of
from livingdocs_import.models import Project
from tests import images
from tests.api_client import Caller, image_item
from tests.imports.worker.test_silent_hosts import finished, run_until
from tests.origin import Origin, Reply

pytestmark = pytest.mark.django_db(transaction=True)
PICTURE = Reply(images.png(images.picture(1, 1)))
NIGHT = "https://night.example/"


def braked(url: str, *, begin: float = 2, end: float = 4) -> None:
    """The host may be asked from so many hours on, by UTC, until so many."""
    host, now = endpoint_of(url), datetime.now(UTC)
    start, stop = ((now + timedelta(hours=hour)).time() for hour in (begin, end))
    host_brakes.put(host, open_from=start, open_until=stop)


def waiting() -> set[str]:
    return set(ImportJob.objects.filter(pk__in=host_hours.jobs_out_of_hours()).values_list("public_id", flat=True))


def test_a_job_of_which_all_that_is_due_is_out_of_hours_is_left_alone(times: Caller) -> None:
    alone = times.import_images(image_item(NIGHT), image_item(NIGHT + "b"))
    mixed = times.import_images(image_item(NIGHT), image_item("https://a.example/"), image_item("https://z.example/"))
    assert waiting() == set()
    braked(NIGHT)
    assert waiting() == {alone}
    braked("https://a.example/")
    assert waiting() == {alone}
    braked("https://z.example/")
    assert waiting() == {alone, mixed}
    braked(NIGHT, begin=-1, end=1)
    assert waiting() == set()
    ImportItem.objects.filter(payload__contains="night").update(due_at=timezone.now() + timedelta(minutes=1))
    assert waiting() == {mixed}


def test_hours_are_those_of_the_jobs_project(times: Caller, herald: Caller) -> None:
    Project.objects.filter(pk=herald.project.pk).update(time_zone="Etc/GMT-3")  # three hours ahead of UTC
    braked(NIGHT)
    job = times.import_images(image_item(NIGHT))
    herald.import_images(image_item(NIGHT))
    assert waiting() == {job}


def test_a_worker_with_nothing_else_goes_home_at_once(times: Caller) -> None:
    for _ in range(5):
        times.import_images(image_item(NIGHT))
    braked(NIGHT)
    with CaptureQueriesContext(connection) as captured:
        assert Worker().run(seconds=5.0) is False
    assert len(captured) < 20
    notified: list[int] = []
    housekeeping.notify(notify_imports=lambda: notified.append(1), notify_webhooks=lambda: None)
    assert notified == []


def test_a_queue_of_such_jobs_is_not_stuck(times: Caller) -> None:
    """Waiting for the night must not raise an alarm."""
    times.import_images(image_item(NIGHT))
    ImportItem.objects.update(due_at=timezone.now() - timedelta(hours=5))
    assert overview(timezone.now()).imports.stuck
    braked(NIGHT)
    assert not overview(timezone.now()).imports.stuck
    with pytest.raises(CommandError) as error:  # there is no worker at all
        call_command("status", stdout=StringIO())
    assert "imports are stuck" not in str(error.value)


def test_they_begin_when_the_hours_do_and_others_never_wait(
    times: Caller, herald: Caller, origin: Origin, settings: Any
) -> None:
    with Origin() as other:
        settings.FETCH_ALLOWED_NETWORKS = [origin.address, other.address]
        night = times.import_images(image_item(origin.reply("/a", PICTURE)))
        day = herald.import_images(image_item(other.reply("/a", PICTURE)))
        braked(origin.url("/"))
        jobs = OpenJobs(host_hours.OutOfHours(look_seconds=0.2))
        worker = run_until(finished(herald, day), Worker(replace(Resources.from_settings(), jobs=jobs)))
    assert origin.requests == []
    braked(origin.url("/"), begin=-1, end=1)
    run_until(finished(times, night), worker)
    assert times.status(night)["images"][0]["status"] == "success"


def test_such_a_job_can_be_cancelled(times: Caller) -> None:
    job = times.import_images(image_item(NIGHT))
    braked(NIGHT)
    services.cancel_job(ImportJob.objects.get())
    assert times.status(job)["finished"] is True
    assert waiting() == set()
