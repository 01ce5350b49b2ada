"""Somebody rang: workers draw from the open jobs. And what each process of a Celery worker does besides."""

from functools import cache, partial
from math import ceil
from typing import Any

from celery import current_app, shared_task
from celery.signals import worker_process_init
from django.conf import settings

from imports import housekeeper, housekeeping
from imports.worker import Worker
from livingdocs_import.webhooks.tasks import ring_courier

MOST_RINGS = 8  # workers that one batch wakes at once; a ring that finds nothing to do costs little


@cache
def worker() -> Worker:
    """This process's worker: it is made by the first task, after the fork."""
    return Worker()


@shared_task(queue="imports")
def work() -> None:
    if worker().run():
        ring_workers()


@shared_task(queue="imports")
def sweep() -> None:
    """What the worker processes do by themselves, should none of them have done it lately."""
    housekeeper.do_rounds(notify)


@worker_process_init.connect
def keep_house(**_: Any) -> None:
    """Start the housekeeping thread of a process that does the work, for imports, webhooks or both."""
    queues = current_app.amqp.queues.consume_from
    housekeeper.Housekeeper(notify, imports="imports" in queues, webhooks="webhooks" in queues).start()


def ring_workers(items: int = 1) -> None:
    """Wake as many workers as so many items may keep busy; without a broker the worker loop looks by itself."""
    if settings.CELERY_BROKER_URL:
        for _ in range(min(MOST_RINGS, ceil(items / settings.IMPORT_CHUNK))):
            work.apply_async(expires=60)


def notify() -> None:
    """Wake workers for whatever is due."""
    housekeeping.notify(ring=ring_workers, courier=partial(ring_courier, delay=0.0))
