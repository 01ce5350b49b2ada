from django.db import migrations, models

from livingdocs_import.db.operations import AddIndexOnline


class Migration(migrations.Migration):
    """Find documents by their external ids without the name of the system."""

    atomic = False
    dependencies = [("documents", "0011_search_of_publications")]
    operations = [AddIndexOnline("importlog", models.Index(fields=["external_id"], name="import_log_external_id"))]
