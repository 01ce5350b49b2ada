"""What waits for a person, and what goes on, for the navigation of each page: counted every ten seconds at most."""

import hashlib
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import CharField, Count, F, Q, Sum, Value
from django.utils import timezone

from imports.monitoring import deliveries, failing
from imports.monitoring.facts import DAY
from livingdocs_import.models import Operation
from livingdocs_import.models.project_scope import EVERYTHING, ProjectScope

KEPT_SECONDS = 10


@dataclass(frozen=True)
class Counts:
    """Failures that are open, deliveries that were given up and not sent again, and operations on many rows.

    `operations`: those that run, or were confirmed or asked about in the last 24 hours.
    """

    open_failures: int
    given_up: int
    operations: int = 0


def counts(
    failures: ProjectScope = EVERYTHING, webhooks: ProjectScope = EVERYTHING, operations: ProjectScope = EVERYTHING
) -> Counts:
    """The numbers as this process has last counted them, each of these projects."""
    scopes = ";".join(map(_text, (failures, webhooks, operations)))
    keys = hashlib.sha256(scopes.encode()).hexdigest()
    key = f"imports.monitoring.counts:{keys}"
    found: Counts | None = cache.get(key)
    if found is None:
        cache.set(key, found := _count(failures, webhooks, operations), KEPT_SECONDS)
    return found


def _text(projects: ProjectScope) -> str:
    return "all" if projects.keys is None else ",".join(map(str, sorted(projects.keys)))


def _count(failures: ProjectScope, webhooks: ProjectScope, operations: ProjectScope) -> Counts:
    """One query."""
    now = timezone.now()
    groups = failing.open_groups(failures).annotate(what=Value("failures", CharField())).order_by().values("what")
    ended = deliveries.given_up(now, webhooks).annotate(what=Value("given up", CharField())).order_by()
    # Those without a project are for users of all projects.
    lately = Operation.objects.filter(
        operations.within("project"), Q(due_at__isnull=False) | Q(created_at__gt=now - DAY)
    )
    begun = lately.annotate(what=Value("operations", CharField())).order_by()
    numbers = groups.annotate(number=Sum(F("failed") - F("resolved"))).values_list("what", "number")
    others = [rows.values("what").annotate(number=Count("pk")).values_list("what", "number") for rows in (ended, begun)]
    found = dict(numbers.union(*others))
    return Counts(found.get("failures") or 0, found.get("given up") or 0, found.get("operations") or 0)
