import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Deliveries name the project's webhook; what is known of one has a table. Both versions may run meanwhile."""

    dependencies = [("livingdocs_import", "0010_tokens_found_by_jti")]

    operations = [
        migrations.AddField(
            "webhookdelivery", "webhook", models.CharField(blank=True, db_default="", default="", max_length=50)
        ),
        migrations.CreateModel(
            name="ProjectWebhook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("handle", models.CharField(max_length=50)),
                ("url", models.TextField()),
                ("failing_since", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("exhausted_at", models.DateTimeField(null=True)),
                ("switched_off_at", models.DateTimeField(null=True)),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="webhooks",
                        to="livingdocs_import.project",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("project", "handle"), name="one_state_per_project_webhook")
                ]
            },
        ),
    ]
