from django.db import migrations, models
from django.db.models import Q

from livingdocs_import.db.operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("livingdocs_import", "0014_activity_of_workers")]

    operations = [
        AddIndexOnline(
            model_name="webhookdelivery",
            index=models.Index(fields=["ended_at"], name="delivery_given_up", condition=Q(state="given up")),
        ),
    ]
