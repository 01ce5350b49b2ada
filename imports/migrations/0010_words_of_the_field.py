from django.db import migrations, models
from django.db.models import Q

OPEN = Q(due_at__isnull=False, blocked_by__isnull=True)


class Migration(migrations.Migration):
    """Columns get other names and keep their values. The service stands still meanwhile: see the CHANGELOG."""

    dependencies = [("imports", "0009_items_are_found_by_position")]

    operations = [
        migrations.RenameField("importjob", "drawn_at", "last_claimed_at"),
        migrations.RenameField("importitem", "held", "claimed"),
        migrations.RenameField("importitem", "fence", "claim_number"),
        migrations.RenameField("importitem", "waits_for", "blocked_by"),
        migrations.RenameField("importitem", "settled_at", "resolved_at"),
        # The database renames columns in its indexes by itself; Django's state does not.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex("importjob", "job_open"),
                migrations.RemoveIndex("importitem", "item_due"),
                migrations.RemoveIndex("importitem", "item_by_host"),
                migrations.RemoveIndex("importitem", "item_held"),
                migrations.RemoveIndex("importitem", "item_unsettled"),
                migrations.AddIndex(
                    "importjob",
                    models.Index(fields=["last_claimed_at", "id"], name="job_open", condition=Q(state="started")),
                ),
                migrations.AddIndex(
                    "importitem", models.Index(fields=["job", "due_at", "position"], name="item_due", condition=OPEN)
                ),
                migrations.AddIndex(
                    "importitem",
                    models.Index(
                        fields=["job", "host_key", "due_at"], name="item_by_host", condition=OPEN & ~Q(host_key=0)
                    ),
                ),
                migrations.AddIndex(
                    "importitem", models.Index(fields=["due_at"], name="item_held", condition=Q(claimed=True))
                ),
                migrations.AddIndex(
                    "importitem",
                    models.Index(
                        fields=["external_id"],
                        name="item_unsettled",
                        condition=Q(outcome="failed", resolved_at__isnull=True),
                    ),
                ),
            ]
        ),
        migrations.RenameIndex("importitem", old_name="item_held", new_name="item_claimed"),
        migrations.RenameIndex("importitem", old_name="item_unsettled", new_name="item_unresolved"),
    ]
