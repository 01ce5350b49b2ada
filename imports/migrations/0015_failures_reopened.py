from django.db import migrations, models


class Migration(migrations.Migration):
    """A default of the database's own: the previous version goes on inserting jobs."""

    dependencies = [("imports", "0014_resolved_failures")]

    operations = [
        migrations.AddField("importjob", "failures_reopened", models.BooleanField(default=False, db_default=False)),
    ]
