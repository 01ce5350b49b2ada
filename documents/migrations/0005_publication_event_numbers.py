import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns that are empty at first; the next migration fills them."""

    dependencies = [("documents", "0004_sort_id"), ("livingdocs_import", "0009_words_of_the_field")]

    operations = [
        migrations.CreateModel(
            name="PublicationEventCounter",
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
            ],
        ),
        migrations.AddField("publicationevent", "number", models.BigIntegerField(null=True)),
        migrations.AddField(
            "publicationevent",
            "project",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                to="livingdocs_import.project",
            ),
        ),
        migrations.AddField(
            "publicationevent", "content_type", models.CharField(default="", max_length=50), preserve_default=False
        ),
        migrations.AddField(
            "publicationevent", "document_type", models.CharField(default="", max_length=20), preserve_default=False
        ),
    ]
