"""Celery's task that sends due webhooks."""

from celery import shared_task
from django.conf import settings

from livingdocs_import.per_process import PerProcess
from livingdocs_import.webhooks.dispatcher import Dispatcher, anything_due

dispatcher = PerProcess(Dispatcher)


@shared_task(queue="webhooks")
def deliver_webhooks() -> None:
    dispatcher().deliver_due()
    if anything_due():
        notify_webhook_workers()


@shared_task(name="livingdocs_import.tasks.deliver_webhooks", queue="webhooks")
def deliver_webhooks_by_its_old_name() -> None:
    """For messages sent by the previous version; to be removed in the next one."""
    deliver_webhooks()


def notify_webhook_workers(*, delay: float = 1.2) -> None:
    """Notify a worker, just after a new delivery is due; without a broker the worker polls the database."""
    if settings.CELERY_BROKER_URL:
        deliver_webhooks.apply_async(countdown=delay, expires=60)
