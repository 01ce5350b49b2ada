"""Notify the workers that send webhooks. What they run is not imported: most processes only send such messages."""

from celery import current_app
from django.conf import settings

TASK = "livingdocs_import.webhooks.tasks.deliver_webhooks"


def notify_webhook_workers(*, delay: float = 1.2) -> None:
    """Notify a worker, just after a new delivery is due; without a broker the worker polls the database."""
    if settings.CELERY_BROKER_URL:
        current_app.send_task(TASK, queue="webhooks", countdown=delay, expires=60)
