from django.db import migrations, models
from django.db.models import Q

from livingdocs_import.db.operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("imports", "0019_plans")]

    operations = [
        AddIndexOnline(
            model_name="importitem",
            index=models.Index(fields=["job", "would", "position"], name="item_plan", condition=~Q(would="")),
        ),
        AddIndexOnline(
            model_name="importjob",
            index=models.Index(fields=["-id"], name="job_dry_run", condition=Q(dry_run=True)),
        ),
    ]
