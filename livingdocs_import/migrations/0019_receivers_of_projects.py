import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q

from livingdocs_import.db.json_field import CompactJSON


class Migration(migrations.Migration):
    """Each receiver of a project has a row; deliveries can be held, dismissed, and sent again with their history."""

    dependencies = [("livingdocs_import", "0018_operations")]

    operations = [
        migrations.CreateModel(
            name="ProjectReceiver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lane", models.CharField(max_length=400)),
                ("name", models.CharField(max_length=300)),
                ("webhook", models.CharField(blank=True, max_length=50)),
                ("url", models.TextField()),
                ("recent", models.CharField(blank=True, max_length=60)),
                ("last_attempt_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("failing_since", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("exhausted_at", models.DateTimeField(null=True)),
                ("switched_off_at", models.DateTimeField(null=True)),
                ("switched_off_by", models.CharField(blank=True, max_length=150)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="receivers",
                        to="livingdocs_import.project",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("lane",), name="one_receiver_per_lane")],
                "indexes": [
                    models.Index(
                        fields=["project"],
                        name="receiver_in_trouble",
                        condition=Q(switched_off_at__isnull=False) | Q(exhausted_at__isnull=False),
                    ),
                    models.Index(fields=["last_attempt_at"], name="project_receiver_age"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceiverDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("delivered", models.PositiveIntegerField(default=0)),
                ("given_up", models.PositiveIntegerField(default=0)),
                ("answered", models.PositiveIntegerField(default=0)),
                ("milliseconds", models.PositiveBigIntegerField(default=0)),
                (
                    "receiver",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="days",
                        to="livingdocs_import.projectreceiver",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("receiver", "day"), name="one_row_per_receiver_and_day")
                ],
                "indexes": [models.Index(fields=["day"], name="receiver_day_age")],
            },
        ),
        migrations.AddField("webhookattempt", "request_headers", CompactJSON(null=True)),
        migrations.AddField("webhookattempt", "response_headers", CompactJSON(null=True)),
        migrations.AddField(
            "webhookdelivery", "attempts_before", models.PositiveSmallIntegerField(db_default=0, default=0)
        ),
        migrations.AddField("webhookdelivery", "resent_at", models.DateTimeField(null=True)),
        migrations.AddField("webhookdelivery", "dismissed_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "webhookdelivery", "dismissed_by", models.CharField(blank=True, db_default="", default="", max_length=150)
        ),
        migrations.AlterField(
            "webhookdelivery",
            "state",
            models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("delivered", "Delivered"),
                    ("given up", "Given Up"),
                    ("held", "Held"),
                ],
                default="pending",
                max_length=10,
            ),
        ),
    ]
