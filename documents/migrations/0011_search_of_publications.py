import django.db.models.deletion
from django.db import migrations, models

from livingdocs_import.search.lexeme_field import LexemeField
from livingdocs_import.search.migration import LexemeIndex


def project(**options):
    return models.ForeignKey(
        db_constraint=False,
        on_delete=django.db.models.deletion.CASCADE,
        to="livingdocs_import.project",
        **options,
    )


class Migration(migrations.Migration):
    """New tables alone, which are empty: housekeeping or `index_publications` fills them while the service is at work."""

    dependencies = [
        ("documents", "0010_events_and_changes_are_found"),
        ("livingdocs_import", "0012_lanes_of_webhooks"),
    ]

    operations = [
        migrations.CreateModel(
            name="PublicationIndex",
            fields=[
                (
                    "project",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="livingdocs_import.project",
                    ),
                ),
                ("last_number", models.BigIntegerField(default=0)),
                ("filled_up_to", models.BigIntegerField(default=0, null=True)),
                ("config_revision", models.PositiveIntegerField(default=0)),
                ("rules", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="OutdatedPublication",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("project", project()),
                (
                    "document",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="documents.document",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IndexedPublication",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="indexed_publication",
                        serialize=False,
                        to="documents.document",
                    ),
                ),
                ("project", project(db_index=False)),
                ("content_type", models.CharField(max_length=50)),
                ("sort_date", models.DateTimeField()),
                ("first_publication_date", models.DateTimeField()),
                ("last_publication_date", models.DateTimeField()),
                ("significant_publication_date", models.DateTimeField(null=True)),
                ("visible_publication_date", models.DateTimeField()),
                ("has_embargo", models.BooleanField()),
                ("embargo_until", models.DateTimeField(null=True)),
                ("lexemes", LexemeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["project", "-sort_date", "-document"], name="indexed_publication_newest"),
                    models.Index(fields=["project", "first_publication_date"], name="indexed_publication_first"),
                    models.Index(fields=["project", "last_publication_date"], name="indexed_publication_last"),
                    models.Index(
                        condition=models.Q(has_embargo=True),
                        fields=["project", "embargo_until"],
                        name="indexed_publication_embargo",
                    ),
                ],
            },
        ),
        LexemeIndex("indexedpublication"),
        migrations.CreateModel(
            name="IndexedValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("project", project(db_index=False)),
                (
                    "document",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="indexed_values",
                        to="documents.document",
                    ),
                ),
                ("key", models.CharField(max_length=300)),
                ("position", models.PositiveIntegerField(default=0)),
                ("number", models.FloatField(null=True)),
                ("text", models.CharField(max_length=200, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["project", "key", "number", "document"], name="indexed_value_range")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["document", "key", "position"], name="one_indexed_value_per_position"
                    )
                ],
            },
        ),
    ]
