"""Failures from before they were grouped get groups, and a time: that of their job."""

from collections import Counter

from django.db import migrations, models

from livingdocs_import.db.operations import AddIndexOnline
from livingdocs_import.egress.endpoints import endpoint_of

MAX_HOSTS = 100
OTHER_HOSTS = -1
OF_HOSTS = {
    "host-unavailable", "no-connection", "timed-out", "incomplete", "wrong-length", "content-encoding", "not-http",
    "certificate", "redirects", "address-refused", "too-large", "not-an-image", "not-a-video", "empty-file",
    "type-not-accepted", "damaged-image", "over-limits", "over-budget",
}  # fmt: skip


def count_failures(apps, schema_editor):
    """Job by job, each in a transaction of its own: what was interrupted can be begun again."""
    jobs, groups = apps.get_model("imports", "ImportJob"), apps.get_model("imports", "FailureGroup")
    items = apps.get_model("imports", "ImportItem")
    for job in jobs.objects.filter(failed__gt=0).order_by("pk").only("pk", "started_at", "finished_at").iterator():
        failed = items.objects.filter(job=job.pk, outcome="failed")
        at = job.finished_at or job.started_at
        failed.filter(cause="cancelled", resolved_at=None).update(resolved_at=at)
        failed.filter(failed_at=None).update(failed_at=at)
        if not groups.objects.filter(job=job.pk).exists():
            groups.objects.bulk_create(_groups(groups, job.pk, failed, at), ignore_conflicts=True)


def _groups(model, job, failed, at):
    counts, resolved = Counter(), Counter()
    rows = failed.values_list("cause", "host_key").annotate(number=models.Count("pk"), done=models.Count("resolved_at"))
    for cause, key, number, done in rows.order_by("-number"):
        host_key = key if cause.startswith("http-") or cause in OF_HOSTS else 0
        if host_key and (cause, host_key) not in counts and sum(known > 0 for _, known in counts) >= MAX_HOSTS:
            host_key = OTHER_HOSTS
        counts[cause, host_key] += number
        resolved[cause, host_key] += done
    for (cause, key), number in counts.items():
        host = _host(failed.filter(cause=cause, host_key=key)) if key > 0 else ""
        done = resolved[cause, key]
        yield model(
            job_id=job, cause=cause, host_key=key, host=host, failed=number, resolved=done, first_at=at, last_at=at
        )


def _host(items):
    return endpoint_of(str(items.first().payload.get("url", "")))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("imports", "0011_failure_groups")]

    operations = [
        AddIndexOnline(
            model_name='importitem',
            index=models.Index(condition=models.Q(('outcome', 'failed'), ('resolved_at__isnull', True)), fields=['-failed_at', '-id'], name='item_open_failure'),
        ),
        AddIndexOnline(
            model_name='importitem',
            index=models.Index(condition=models.Q(('outcome', 'failed'), ('resolved_at__isnull', True)), fields=['job', 'cause', 'host_key'], name='item_failure_of_group'),
        ),
        AddIndexOnline(
            model_name='importitem',
            index=models.Index(condition=models.Q(('retried_by__isnull', False)), fields=['retried_by'], name='item_retried'),
        ),
        migrations.RunPython(count_failures, migrations.RunPython.noop),
    ]
