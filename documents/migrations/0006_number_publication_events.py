from django.db import migrations
from django.db.models import F, Max, OuterRef, Subquery

BATCH = 10_000


def number_events(apps, schema_editor):
    """Events keep their keys as numbers: those of a project rise as they did. In batches, each a transaction."""
    events = apps.get_model("documents", "PublicationEvent").objects
    documents = apps.get_model("documents", "Document").objects.filter(pk=OuterRef("document"))
    columns = {name: Subquery(documents.values(name)[:1]) for name in ("project_id", "content_type", "document_type")}
    waiting, last = events.filter(number=None).order_by("pk").values_list("pk", flat=True), 0
    while batch := list(waiting.filter(pk__gt=last)[:BATCH]):
        last = batch[-1]
        events.filter(pk__range=(batch[0], last), number=None).update(number=F("pk"), **columns)


def begin_counters(apps, schema_editor):
    """The next event of a project gets a number above those that are there."""
    events = apps.get_model("documents", "PublicationEvent").objects
    counters = apps.get_model("documents", "PublicationEventCounter")
    highest = events.order_by().values_list("project_id").annotate(Max("number"))
    rows = [counters(project_id=project, last_number=number) for project, number in highest]
    counters.objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    """May be interrupted, and goes on where it was when it is run again."""

    atomic = False

    dependencies = [("documents", "0005_publication_event_numbers")]

    operations = [
        migrations.RunPython(number_events, migrations.RunPython.noop),
        migrations.RunPython(begin_counters, migrations.RunPython.noop),
    ]
