from django.db import migrations

from livingdocs_import.db.postgresql.compression import use_lz4


class Migration(migrations.Migration):
    dependencies = [("imports", "0002_database_defaults")]
    operations = [use_lz4("imports.ImportItem", "payload", "result")]
