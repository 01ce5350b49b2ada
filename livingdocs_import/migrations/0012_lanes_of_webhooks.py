from typing import Any

from django.db import migrations, models
from django.db.models import Q

from livingdocs_import.webhooks.lanes import lane_of

AT_ONCE = 1000


def fill(apps: Any, _editor: Any) -> None:
    """The lanes of what is still to be sent; what has been sent needs none."""
    deliveries = apps.get_model("livingdocs_import", "WebhookDelivery").objects
    waiting = deliveries.filter(due_at__isnull=False, lane="").only("project_id", "url", "webhook").order_by("pk")
    while rows := list(waiting[:AT_ONCE]):
        for row in rows:
            row.lane = lane_of(row.project_id, row.url, row.webhook)
        deliveries.bulk_update(rows, ["lane"])


class Migration(migrations.Migration):
    """Each webhook of each project waits in a lane of its own, so that the others are found beside a long one."""

    dependencies = [("livingdocs_import", "0011_project_webhooks")]

    operations = [
        migrations.AddField(
            "webhookdelivery", "lane", models.CharField(blank=True, db_default="", default="", max_length=400)
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            "webhookdelivery",
            models.Index(fields=["lane", "due_at"], name="delivery_lane", condition=Q(due_at__isnull=False)),
        ),
    ]
