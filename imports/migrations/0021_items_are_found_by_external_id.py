from django.db import migrations, models

from livingdocs_import.db.operations import AddIndexOnline


class Migration(migrations.Migration):
    """Find items by their external ids over all jobs."""

    atomic = False
    dependencies = [("imports", "0020_plan_indexes")]
    operations = [
        AddIndexOnline(
            "importitem",
            models.Index(fields=["external_id"], name="item_external_id", opclasses=["varchar_pattern_ops"]),
        )
    ]
