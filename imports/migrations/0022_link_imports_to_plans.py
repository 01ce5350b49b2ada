from django.db import migrations
from django.db.models import Exists, F, OuterRef


def link_imports_to_their_plans(apps, schema_editor):
    """Imports of dry runs were linked like replays; of several of one plan, the first carries it out."""
    jobs = apps.get_model("imports", "ImportJob").objects
    imports = jobs.filter(dry_run=False, replay_of__dry_run=True)
    earlier = imports.filter(replay_of=OuterRef("replay_of"), pk__lt=OuterRef("pk"))
    linked = jobs.filter(carries_out=OuterRef("replay_of"))
    first = imports.filter(~Exists(earlier), ~Exists(linked)).values("pk")
    jobs.filter(pk__in=first).update(carries_out=F("replay_of"))
    jobs.filter(pk__in=imports.values("pk")).update(replay_of=None)


def link_them_like_replays(apps, schema_editor):
    """As the previous version expects them."""
    jobs = apps.get_model("imports", "ImportJob").objects
    jobs.filter(carries_out__isnull=False).update(replay_of=F("carries_out"))


class Migration(migrations.Migration):
    """Apart from 0019: PostgreSQL changes no table in a transaction in which rows of it were updated."""

    dependencies = [("imports", "0021_items_are_found_by_external_id")]

    operations = [migrations.RunPython(link_imports_to_their_plans, link_them_like_replays)]
