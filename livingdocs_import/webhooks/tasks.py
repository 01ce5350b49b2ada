"""Celery's task that sends due webhooks."""

from celery import shared_task

from livingdocs_import.per_process import PerProcess
from livingdocs_import.webhooks.dispatcher import Dispatcher, anything_due
from livingdocs_import.webhooks.notification import TASK, notify_webhook_workers

dispatcher = PerProcess(Dispatcher)


@shared_task(name=TASK, queue="webhooks")
def deliver_webhooks() -> None:
    dispatcher().deliver_due()
    if anything_due():
        notify_webhook_workers()


@shared_task(name="livingdocs_import.tasks.deliver_webhooks", queue="webhooks")
def deliver_webhooks_by_its_old_name() -> None:
    """For messages sent by the previous version; to be removed in the next one."""
    deliver_webhooks()
