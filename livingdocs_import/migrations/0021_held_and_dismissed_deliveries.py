from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from livingdocs_import.db.operations import AddCheckOnline, AddIndexOnline


def forget(apps: Any, _editor: Any) -> None:
    """The reverse: rows may be of projects that were deleted meanwhile; 0020 copies what is known now."""
    apps.get_model("livingdocs_import", "ProjectWebhook").objects.all().delete()


class Migration(migrations.Migration):
    """Senders of the previous version read and write the table of `ProjectWebhook` until they end: it stays, without its
    foreign key, which would keep projects from being deleted. The next release drops it."""

    atomic = False

    dependencies = [("livingdocs_import", "0020_states_of_receivers")]

    operations = [
        AddIndexOnline(
            model_name="webhookdelivery",
            index=models.Index(fields=["lane", "id"], name="delivery_ended", condition=Q(due_at__isnull=True)),
        ),
        AddIndexOnline(
            model_name="webhookdelivery",
            index=models.Index(fields=["lane", "id"], name="delivery_held", condition=Q(state="held")),
        ),
        AddCheckOnline(
            model_name="webhookdelivery",
            constraint=models.CheckConstraint(
                name="dismissed_ones_were_given_up", condition=Q(dismissed_at__isnull=True) | Q(state="given up")
            ),
        ),
        migrations.AlterField(
            "projectwebhook",
            "project",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="webhooks",
                to="livingdocs_import.project",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="ProjectWebhook")]),
    ]
