from django.db import migrations, models

from livingdocs_import.db.operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("imports", "0017_measurements")]

    operations = [
        AddIndexOnline(
            model_name="failuregroup", index=models.Index(fields=["last_at"], name="failure_group_day")
        ),
    ]
