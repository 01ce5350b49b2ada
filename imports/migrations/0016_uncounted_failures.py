from django.db import migrations, models

from livingdocs_import.db.operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("imports", "0015_failures_reopened")]

    operations = [
        AddIndexOnline(
            model_name="importitem",
            index=models.Index(
                fields=["job"],
                name="item_uncounted_failure",
                condition=models.Q(outcome="failed", failed_at__isnull=True),
            ),
        ),
    ]
