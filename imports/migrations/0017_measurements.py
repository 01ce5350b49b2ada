import django.db.models.deletion
from django.db import migrations, models

KINDS = [("images", "Images"), ("videos", "Videos"), ("files", "Files"), ("documents", "Documents")]


class Migration(migrations.Migration):
    """Throughput, samples of the queues, and the bytes of a job.

    Workers of the previous version may run meanwhile: they leave the new column at its default, and their items are
    counted by the chore of the new version.
    """

    dependencies = [("imports", "0016_uncounted_failures"), ("livingdocs_import", "0013_rotated_tokens")]

    operations = [
        migrations.AddField("importjob", "bytes", models.PositiveBigIntegerField(db_default=0, default=0)),
        migrations.CreateModel(
            name="JobTally",
            fields=[
                (
                    "job",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="tally",
                        serialize=False,
                        to="imports.importjob",
                    ),
                ),
                ("at", models.DateTimeField()),
                ("success", models.PositiveIntegerField(default=0)),
                ("skipped", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
                ("bytes", models.PositiveBigIntegerField(default=0)),
                ("pace", models.FloatField(default=0.0)),
            ],
        ),
        migrations.CreateModel(
            name="QueueSample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("queue", models.CharField(choices=[("imports", "Imports"), ("webhooks", "Webhooks")], max_length=10)),
                ("at", models.DateTimeField()),
                ("depth", models.PositiveIntegerField()),
                ("oldest", models.PositiveIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["at", "queue"], name="one_sample_per_minute_and_queue")
                ],
            },
        ),
        migrations.CreateModel(
            name="Throughput",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("kind", models.CharField(choices=KINDS, max_length=10)),
                ("success", models.PositiveIntegerField(default=0)),
                ("skipped", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
                ("bytes", models.PositiveBigIntegerField(default=0)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="throughput",
                        to="livingdocs_import.project",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["hour", "project", "kind"], name="one_throughput_per_hour_and_kind"
                    )
                ],
            },
        ),
    ]
