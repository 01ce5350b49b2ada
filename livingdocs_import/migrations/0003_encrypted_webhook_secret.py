"""The webhook secret's column takes tokens, which are longer."""

from django.db import migrations

import livingdocs_import.db.encrypted_field


class Migration(migrations.Migration):

    dependencies = [("livingdocs_import", "0002_database_defaults")]

    operations = [
        migrations.AlterField("project", "webhook_secret", livingdocs_import.db.encrypted_field.EncryptedText(blank=True)),
    ]
