"""The daily limit of a project, counted under a lock so that parallel posts cannot exceed it (spec 8)."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum, Window
from django.utils import timezone

from imports.models import ImportJob
from livingdocs_import.errors import QuotaExceeded
from livingdocs_import.models import Project

WINDOW = timedelta(hours=24)
# Not replays. Processes of the previous version that were not stopped link the import of a plan like one: it counts.
# The plan is looked up by its key: a join would read all jobs.
_OF_A_PLAN = Exists(ImportJob.objects.filter(pk=OuterRef("replay_of"), dry_run=True))
COUNTED = Q(replay_of=None) | (Q(dry_run=False) & Q(_OF_A_PLAN))
# The text of the 429, word by word (QUO-02).
EXCEEDED = (
    "Your plan does not allow you to upload more than {limit} per day.\n"
    "      You already uploaded {used} in the last 24 hours and are trying to upload {requested} more.\n"
    "      Please try again later."
)


def reserve(project: Project, kind: str, amount: int, *, dry_run: bool = False) -> None:
    """Allow `amount` more items of this kind, or raise QuotaExceeded; inside the transaction that stores the job.

    Items accepted in the last 24 hours count, whatever their outcome (Q-25). Dry runs are counted separately, against
    the same limit (DRY-11).
    """
    if project.daily_limit(kind) is None:
        return
    # Lock, then read: two parallel requests would both find room. Not the key: every row that a worker writes refers to
    # the project, and would wait until ten thousand items are stored.
    limit = Project.objects.select_for_update(no_key=True).get(pk=project.pk).daily_limit(kind)
    if limit is None:
        return
    now = timezone.now()
    recent = counted(project, now, dry_run=dry_run).filter(kind=kind)
    used = recent.aggregate(sum=Sum("total"))["sum"] or 0
    if used + amount > limit:
        wait = _seconds_until_free(recent, used + amount - limit, now)
        raise QuotaExceeded(EXCEEDED.format(limit=limit, used=used, requested=amount), retry_after=wait)


def set_limits(project: Project, limits: Mapping[str, int | None]) -> Project:
    """Set the daily limits of these kinds, "*" for all others; None: no limit of its own. Others stay."""
    with transaction.atomic():
        locked = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        wanted = {**locked.daily_limits, **limits}
        locked.daily_limits = {kind: limit for kind, limit in wanted.items() if limit is not None}
        locked.save(update_fields=["daily_limits"])
    return locked


def counted(project: Project, now: datetime, *, dry_run: bool = False) -> QuerySet[ImportJob]:
    """The jobs of the last 24 hours that count. A replay does not; carrying out a dry run does, and is none."""
    recent = ImportJob.objects.filter(project=project, started_at__gt=now - WINDOW, dry_run=dry_run)
    return recent.filter(COUNTED)


def _seconds_until_free(counted: QuerySet[ImportJob], needed: int, now: datetime) -> int:
    """The time until `needed` items have left the window, job by job; whole seconds, rounded up.

    A whole window if all counted items are not enough: the request alone is larger than the limit.
    """
    freed = Window(Sum("total"), order_by=["started_at", "pk"])
    enough = counted.annotate(freed=freed).filter(freed__gte=needed).order_by("started_at", "pk")
    accepted_at = enough.values_list("started_at", flat=True).first() or now
    return max(1, math.ceil((accepted_at + WINDOW - now).total_seconds()))
