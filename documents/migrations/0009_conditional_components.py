from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """When a component of a publication begins or ends to be shown; of those that are there nobody is told."""

    dependencies = [("documents", "0008_commands_and_schedules")]

    operations = [
        migrations.AddField("publication", "changes_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "publication",
            models.Index(
                fields=["changes_at"], name="publication_changes_due", condition=Q(changes_at__isnull=False)
            ),
        ),
    ]
