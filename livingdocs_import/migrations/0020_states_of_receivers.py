"""What is known about the receivers of projects' webhooks moves to the rows of receivers."""

from typing import Any

from django.db import migrations
from django.utils import timezone

from livingdocs_import.webhooks.concurrency import receiver_name
from livingdocs_import.webhooks.lanes import lane_of

SAME = ("url", "failing_since", "failures", "exhausted_at", "switched_off_at")


def copy(apps: Any, _editor: Any) -> None:
    """A row for each webhook that has failed: few."""
    receivers = apps.get_model("livingdocs_import", "ProjectReceiver").objects
    for old in apps.get_model("livingdocs_import", "ProjectWebhook").objects.order_by("pk").iterator():
        fields = {name: getattr(old, name) for name in SAME} | {"name": receiver_name(old.url), "webhook": old.handle}
        fields |= {"last_attempt_at": old.failing_since or timezone.now(), "project_id": old.project_id}
        receivers.get_or_create(lane=lane_of(old.project_id, old.url, old.handle), defaults=fields)


def copy_back(apps: Any, _editor: Any) -> None:
    """The reverse; the previous version knows no held deliveries: they are given up."""
    webhooks = apps.get_model("livingdocs_import", "ProjectWebhook").objects
    for row in apps.get_model("livingdocs_import", "ProjectReceiver").objects.exclude(webhook="").order_by("pk"):
        fields = {name: getattr(row, name) for name in SAME}
        webhooks.update_or_create(project_id=row.project_id, handle=row.webhook, defaults=fields)
    deliveries = apps.get_model("livingdocs_import", "WebhookDelivery").objects
    deliveries.filter(state="held").update(state="given up", ended_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("livingdocs_import", "0019_receivers_of_projects")]

    operations = [migrations.RunPython(copy, copy_back)]
