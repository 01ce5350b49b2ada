from django.db import migrations, models

from livingdocs_import.db.json_field import CompactJSON


class Migration(migrations.Migration):
    """Nullable columns, which the previous version does not write: no table is written anew."""

    dependencies = [
        ("livingdocs_import", "0013_rotated_tokens"),
        ("media_library", "0007_search_of_entries"),
    ]

    operations = [
        migrations.AddField("indexedentry", "media_type", models.CharField(max_length=50, null=True)),
        migrations.AddField("indexedentry", "system_name", models.CharField(max_length=200, null=True)),
        migrations.AddField("indexedentry", "pixels", models.BigIntegerField(null=True)),
        migrations.AddField("indexedentry", "size", models.BigIntegerField(null=True)),
        migrations.AddField("indexedentry", "lacks_alt", models.BooleanField(null=True)),
        migrations.AddField("entrychange", "differences", CompactJSON(null=True)),
        migrations.AddField("entrychange", "note", models.CharField(max_length=200, null=True)),
    ]
