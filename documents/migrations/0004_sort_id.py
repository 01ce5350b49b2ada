from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0003_projects_in_use_are_protected")]

    operations = [
        migrations.RenameField("documentreference", "moment", "sort_id"),
        # The database renames the column in its index by itself; Django's state does not.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex("documentreference", "document_reference_target"),
                migrations.AddIndex(
                    "documentreference",
                    models.Index(fields=["project", "target", "scope", "-sort_id"], name="document_reference_target"),
                ),
            ]
        ),
    ]
