"""Notify the workers that carry out imports. What they run is not imported: most processes only send such messages."""

from math import ceil

from celery import current_app
from django.conf import settings

TASK = "imports.tasks.work"
MAX_FOR_ONE_BATCH = 8  # messages; a worker without work costs little


def notify_import_workers(items: int = 1) -> None:
    """Notify as many workers as this many items can keep busy; without a broker the worker polls the database."""
    if settings.CELERY_BROKER_URL:
        for _ in range(min(MAX_FOR_ONE_BATCH, ceil(items / settings.IMPORT_CHUNK))):
            current_app.send_task(TASK, queue="imports", expires=60)
