"""Somebody rang: workers draw from the open jobs."""

from math import ceil

from celery import shared_task
from django.conf import settings

from imports import maintenance, runner

MOST_RINGS = 8  # workers that one batch wakes at once; a ring that finds nothing to do costs little


@shared_task(queue="imports")
def work() -> None:
    if runner.work(seconds=runner.SHIFT_SECONDS):
        ring_workers()


@shared_task(queue="imports")
def sweep() -> None:
    maintenance.sweep(ring=ring_workers)


def ring_workers(items: int = 1) -> None:
    """Wake as many workers as so many items may keep busy; without a broker the worker loop looks by itself."""
    if settings.CELERY_BROKER_URL:
        for _ in range(min(MOST_RINGS, ceil(items / settings.IMPORT_CHUNK))):
            work.apply_async(expires=60)
