from django.db import migrations

from livingdocs_import.db.postgresql.compression import use_lz4


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]
    operations = [use_lz4("documents.Revision", "content", "metadata", "translations")]
