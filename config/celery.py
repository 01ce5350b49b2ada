"""The Celery app. Messages only wake workers: the rows in the database are the queue."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init, worker_shutting_down

from livingdocs_import.server import gc_tuning
from livingdocs_import.work_queue import shutdown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("livingdocs_import")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["livingdocs_import.webhooks"])  # a package inside an app: Celery only discovers apps


@worker_process_init.connect
def relax_collector(**_: Any) -> None:
    """For each worker process, after its start."""
    gc_tuning.relax()


@worker_shutting_down.connect
def ask_children_to_stop(**_: Any) -> None:
    """SIGTERM reaches the main process, which asks its children to stop in the middle of their chunks (FLT-3)."""
    shutdown.ask()
