"""Celery's tasks for imports, and the housekeeping thread of each worker process."""

from functools import partial
from typing import Any

from celery import current_app, shared_task
from celery.signals import worker_process_init

from imports import housekeeping, housekeeping_rounds
from imports.claiming.notification import TASK, notify_import_workers
from imports.worker import Worker
from livingdocs_import.per_process import PerProcess
from livingdocs_import.webhooks.notification import notify_webhook_workers

worker = PerProcess(Worker)  # created by the first task, after the fork


@shared_task(name=TASK, queue="imports")
def work() -> None:
    if worker().run():
        notify_import_workers()


@shared_task(queue="imports")
def sweep() -> None:
    """Run the housekeeping of the worker processes, if none of them has done so lately."""
    housekeeping_rounds.do_rounds(notify)


@worker_process_init.connect
def start_housekeeper(**_: Any) -> None:
    """Start the housekeeping thread of a worker process, for imports, webhooks or both."""
    queues = current_app.amqp.queues.consume_from
    housekeeping_rounds.Housekeeper(notify, imports="imports" in queues, webhooks="webhooks" in queues).start()


def notify() -> None:
    """Notify the workers of any due work."""
    housekeeping.notify(
        notify_imports=notify_import_workers, notify_webhooks=partial(notify_webhook_workers, delay=0.0)
    )
