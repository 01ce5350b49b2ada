import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """A dry run is carried out once, and its items are found by what would become of them."""

    dependencies = [("imports", "0018_failures_of_the_day")]

    operations = [
        migrations.AddField(
            "importjob",
            "carries_out",
            models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="carried_out_by",
                to="imports.importjob",
            ),
        ),
        migrations.AddField(
            "importitem", "would", models.CharField(blank=True, db_default="", default="", max_length=20)
        ),
        migrations.AddField("importitem", "compared_version", models.PositiveIntegerField(null=True)),
        migrations.AddConstraint(
            "importjob",
            models.CheckConstraint(
                name="only_imports_carry_out_plans", condition=Q(carries_out__isnull=True) | Q(dry_run=False)
            ),
        ),
    ]
