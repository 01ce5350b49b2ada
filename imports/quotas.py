"""The daily limit of a project, counted under a lock so that parallel posts cannot overshoot it (spec section 8)."""

from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone

from imports.models import ImportJob
from livingdocs_import.errors import QuotaExceeded
from livingdocs_import.models import Project

WINDOW = timedelta(hours=24)


def reserve(project: Project, kind: str, amount: int) -> None:
    """Allow `amount` more items of this kind, or raise QuotaExceeded; inside the transaction that stores the job.

    What counts is what was accepted in the last 24 hours, whatever became of it (Q-25).
    """
    if project.daily_limit(kind) is None:
        return
    # Lock, then look: two requests that count at the same time would both find room. Not the key: every row that a
    # worker writes refers to the project, and would wait until ten thousand items are stored.
    limit = Project.objects.select_for_update(no_key=True).get(pk=project.pk).daily_limit(kind)
    if limit is None:
        return
    since = timezone.now() - WINDOW
    recent = ImportJob.objects.filter(project=project, kind=kind, started_at__gt=since, replay_of=None)
    used = recent.aggregate(sum=Sum("total"))["sum"] or 0
    if used + amount > limit:
        raise QuotaExceeded(limit=limit, used=used, requested=amount)
