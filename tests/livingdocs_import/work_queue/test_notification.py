"""A failed notification of workers is no reason to refuse a stored request (FLT-5)."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from celery import Celery
from django.db import transaction

from config.celery import app as own_app
from devtools.servers import free_port
from imports.models import ImportJob
from livingdocs_import.models import WebhookDelivery
from livingdocs_import.work_queue import notification
from tests.api_client import Caller, image_item

BROKEN = {
    "no such transport": "nowhere://127.0.0.1/0",
    "a transport whose library is not installed": "qpid://127.0.0.1/0",
    "nobody listens": "redis://127.0.0.1:{port}/0",
    "not even a URL": "redis://127.0.0.1:port/0",
}


@pytest.fixture(params=BROKEN.values(), ids=BROKEN.keys())
def broken_broker(request: Any, settings: Any) -> Iterator[None]:
    """A broker that cannot be used. Celery reads its settings once, so this is an app of its own."""
    settings.CELERY_BROKER_URL = request.param.format(port=free_port())
    app = Celery("broken")
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.set_current()
    yield
    own_app.set_current()


@pytest.mark.django_db(transaction=True)
def test_a_post_is_accepted_although_the_workers_cannot_be_notified(
    times: Caller, broken_broker: None, caplog: pytest.LogCaptureFixture
) -> None:
    answer = times.post("import/images", {"systemName": "s", "images": [image_item("https://pictures.example/a")] * 60})
    assert answer.status_code == 200
    assert answer.json() == {"id": ImportJob.objects.get().public_id}
    assert [record.message for record in caplog.records] == ["workers could not be notified; the next sweep does it"]


@pytest.mark.django_db(transaction=True)
def test_a_job_that_ends_at_once_is_accepted_with_its_webhook(times: Caller, broken_broker: None) -> None:
    answer = times.post("import/images", {"systemName": "s", "images": [], "webhook": "https://hook.example/"})
    assert answer.status_code == 200
    assert WebhookDelivery.objects.filter(state="pending").count() == 1


@pytest.mark.django_db(transaction=True)
def test_whatever_is_raised_goes_no_further_and_the_others_are_still_called() -> None:
    def fail(error: type[Exception]) -> None:
        raise error

    called: list[object] = []
    with transaction.atomic():
        for error in (ImportError, KeyError, RuntimeError, OSError, MemoryError, RecursionError):
            notification.after_commit(partial(fail, error))
        notification.after_commit(called.append, "next")
        assert called == []
    assert called == ["next"]


@pytest.mark.django_db(transaction=True)
def test_a_rollback_notifies_no_worker() -> None:
    called: list[object] = []
    with transaction.atomic():
        notification.after_commit(called.append, "never")
        transaction.set_rollback(True)
    assert called == []
