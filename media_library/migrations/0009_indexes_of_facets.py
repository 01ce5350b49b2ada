from django.db import migrations, models

from livingdocs_import.db.operations import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("media_library", "0008_facets_and_differences"),
    ]

    operations = [
        AddIndexOnline(
            "indexedentry",
            models.Index(fields=["project", "media_type", "-updated_at", "-entry"], name="indexed_entry_type"),
        ),
        AddIndexOnline(
            "indexedentry",
            models.Index(fields=["project", "system_name", "-updated_at", "-entry"], name="indexed_entry_system"),
        ),
        AddIndexOnline(
            "indexedentry",
            models.Index(
                fields=["project", "-updated_at", "-entry"],
                name="indexed_entry_lacks_alt",
                condition=models.Q(lacks_alt=True),
            ),
        ),
        AddIndexOnline("indexedentry", models.Index(fields=["project", "pixels"], name="indexed_entry_pixels")),
        AddIndexOnline("indexedentry", models.Index(fields=["project", "size"], name="indexed_entry_size")),
        AddIndexOnline(
            "mediaentry",
            models.Index(fields=["project"], name="entry_archived", condition=models.Q(archived=True)),
        ),
        AddIndexOnline(
            "mediaentry",
            models.Index(fields=["project"], name="entry_invalid", condition=models.Q(invalid=True)),
        ),
    ]
