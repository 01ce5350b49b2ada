from django.db import migrations, models
from django.db.models import Q

from livingdocs_import.db.operations import AddIndexOnline, AddUniqueConstraintOnline


class Migration(migrations.Migration):
    """May be interrupted, and run again: an archive has millions of publications and events."""

    atomic = False
    dependencies = [("documents", "0009_conditional_components")]

    operations = [
        AddUniqueConstraintOnline(
            "publicationevent",
            models.UniqueConstraint(fields=["project", "number"], name="one_publication_event_per_number"),
        ),
        AddIndexOnline(
            "publicationevent",
            models.Index(fields=["project", "created_at", "number"], name="publication_event_moment"),
        ),
        AddIndexOnline(
            "publication",
            models.Index(fields=["changes_at"], name="publication_changes_due", condition=Q(changes_at__isnull=False)),
        ),
    ]
