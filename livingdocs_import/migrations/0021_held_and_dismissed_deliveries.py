from django.db import migrations, models
from django.db.models import Q

from livingdocs_import.db.operations import AddCheckOnline, AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("livingdocs_import", "0020_states_of_receivers")]

    operations = [
        AddIndexOnline(
            model_name="webhookdelivery",
            index=models.Index(fields=["lane", "id"], name="delivery_ended", condition=Q(due_at__isnull=True)),
        ),
        AddIndexOnline(
            model_name="webhookdelivery",
            index=models.Index(fields=["lane", "id"], name="delivery_held", condition=Q(state="held")),
        ),
        AddCheckOnline(
            model_name="webhookdelivery",
            constraint=models.CheckConstraint(
                name="dismissed_ones_were_given_up", condition=Q(dismissed_at__isnull=True) | Q(state="given up")
            ),
        ),
        migrations.DeleteModel(name="ProjectWebhook"),
    ]
