import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0006_number_publication_events")]

    operations = [
        migrations.AlterField("publicationevent", "number", models.BigIntegerField()),
        migrations.AlterField(
            "publicationevent",
            "project",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="livingdocs_import.project",
            ),
        ),
    ]
