from django.db import migrations, models


class Migration(migrations.Migration):
    """When a component of a publication begins or ends to be shown; of those that are there nobody is told."""

    dependencies = [("documents", "0008_commands_and_schedules")]

    operations = [migrations.AddField("publication", "changes_at", models.DateTimeField(null=True))]
