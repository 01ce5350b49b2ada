from django.db import migrations, models


class Migration(migrations.Migration):
    """What each process does. Those of the previous version do not report it: the columns keep their defaults."""

    dependencies = [("livingdocs_import", "0013_rotated_tokens")]

    operations = [
        migrations.AddField(
            "workerprocess", "doing", models.CharField(blank=True, db_default="", default="", max_length=200)
        ),
        migrations.AddField(
            "workerprocess", "job", models.CharField(blank=True, db_default="", default="", max_length=10)
        ),
        migrations.AddField("workerprocess", "pace", models.FloatField(db_default=0.0, default=0.0)),
        migrations.AddField("workerprocess", "memory", models.PositiveBigIntegerField(null=True)),
    ]
