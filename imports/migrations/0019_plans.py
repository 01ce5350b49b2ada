import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


def link_imports_to_their_plans(apps, schema_editor):
    """Imports of dry runs were linked like replays; of several of one plan, the first carries it out."""
    jobs = apps.get_model("imports", "ImportJob").objects
    linked = set()
    for job in jobs.filter(dry_run=False, replay_of__dry_run=True).order_by("pk").iterator():
        carries_out = None if job.replay_of_id in linked else job.replay_of_id
        linked.add(job.replay_of_id)
        jobs.filter(pk=job.pk).update(carries_out=carries_out, replay_of=None)


def link_them_like_replays(apps, schema_editor):
    """As the previous version expects them."""
    jobs = apps.get_model("imports", "ImportJob").objects
    jobs.filter(carries_out__isnull=False).update(replay_of=models.F("carries_out"))


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
        migrations.RunPython(link_imports_to_their_plans, link_them_like_replays),
    ]
