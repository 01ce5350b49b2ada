"""Somebody rang: the courier carries out what is due."""

from celery import shared_task
from django.conf import settings

from livingdocs_import import delivery


@shared_task(queue="webhooks")
def deliver_webhooks() -> None:
    delivery.deliver_due()
    if delivery.anything_due():
        ring_courier()


def ring_courier(*, delay: float = 1.2) -> None:
    """Wake the courier, a moment after a new message is due; without a broker the worker loop looks by itself."""
    if settings.CELERY_BROKER_URL:
        deliver_webhooks.apply_async(countdown=delay, expires=60)
