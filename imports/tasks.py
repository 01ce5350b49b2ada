"""Somebody rang: workers draw from the open jobs."""

from celery import shared_task
from django.conf import settings

from imports import maintenance, runner


@shared_task(queue="imports")
def work() -> None:
    if runner.work(seconds=runner.SHIFT_SECONDS):
        ring_workers()


@shared_task(queue="imports")
def sweep() -> None:
    maintenance.sweep(ring=ring_workers)


def ring_workers() -> None:
    """Wake a worker; without a broker the worker loop looks by itself."""
    if settings.CELERY_BROKER_URL:
        work.apply_async(expires=60)
