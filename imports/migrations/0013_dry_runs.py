import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import livingdocs_import.db.json_field


class Migration(migrations.Migration):
    """Jobs may be dry runs.

    Stop all programs before, as for the renamed columns of this release (docs/guides/upgrade.md): workers of the previous
    version do not know the column, and would really import a dry run. Cancel open dry runs before going back.
    """

    dependencies = [("imports", "0012_count_failures")]

    operations = [
        migrations.AddField("importjob", "dry_run", models.BooleanField(default=False, db_default=False)),
        migrations.AddField("importjob", "probe", models.PositiveSmallIntegerField(default=0, db_default=0)),
        migrations.AddConstraint(
            "importjob",
            models.CheckConstraint(name="only_dry_runs_probe", condition=Q(dry_run=True) | Q(probe=0)),
        ),
        migrations.CreateModel(
            name="PlannedState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="planned_states",
                        to="imports.importjob",
                    ),
                ),
                ("key", models.CharField(max_length=64)),
                ("state", livingdocs_import.db.json_field.CompactJSON(null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["job", "key"], name="one_planned_state_per_key")],
            },
        ),
    ]
