"""Deliveries of webhooks that are waiting, without anything that they are about."""

from datetime import timedelta

from django.utils import timezone

from livingdocs_import.models import WebhookDelivery
from livingdocs_import.webhooks.lanes import lane_of
from tests.api_client import Caller


def queued(caller: Caller, *urls: str, number: int = 1, minutes_ago: float = 0) -> None:
    """So many deliveries to each of these receivers."""
    due_at = timezone.now() - timedelta(minutes=minutes_ago)
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            project=caller.project,
            subject="s",
            url=url,
            lane=lane_of(caller.project.pk, url, ""),
            body="{}",
            due_at=due_at,
        )
        for url in urls
        for _ in range(number)
    )
