import django.db.models.deletion
from django.db import migrations, models

from livingdocs_import.db.json_field import CompactJSON
from livingdocs_import.search.lexeme_field import LexemeField
from livingdocs_import.search.migration import LexemeIndex


class Migration(migrations.Migration):
    """New tables alone, which are empty: housekeeping or `index_entries` fills them while the service is at work."""

    dependencies = [
        ("livingdocs_import", "0013_rotated_tokens"),
        ("media_library", "0006_usage_log"),
    ]

    operations = [
        migrations.CreateModel(
            name="EntryIndex",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("read_up_to", models.BigIntegerField(default=0)),
                ("complete_up_to", models.BigIntegerField(default=0)),
                ("marked_up_to", models.BigIntegerField(null=True)),
                ("writers", CompactJSON(default=list)),
                ("filled_up_to", models.BigIntegerField(null=True)),
                ("format", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="IndexedEntry",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="indexed",
                        serialize=False,
                        to="media_library.mediaentry",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="livingdocs_import.project",
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("updated_at", models.DateTimeField()),
                ("lexemes", LexemeField()),
            ],
            options={
                "indexes": [models.Index(fields=["project", "-updated_at", "-entry"], name="indexed_entry_newest")],
            },
        ),
        LexemeIndex("indexedentry"),
    ]
