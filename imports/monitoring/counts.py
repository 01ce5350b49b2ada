"""What waits for a person, as two numbers for the navigation of each page: counted every ten seconds at most."""

import hashlib
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import CharField, Count, F, Sum, Value
from django.utils import timezone

from imports.monitoring import deliveries, failing
from livingdocs_import.models.project_scope import EVERYTHING, ProjectScope

KEPT_SECONDS = 10


@dataclass(frozen=True)
class Counts:
    """Failures that are open, and deliveries that were given up and not sent again."""

    open_failures: int
    given_up: int


def counts(failures: ProjectScope = EVERYTHING, webhooks: ProjectScope = EVERYTHING) -> Counts:
    """The numbers as this process has last counted them: failures and deliveries of these projects."""
    keys = hashlib.sha256(f"{_text(failures)};{_text(webhooks)}".encode()).hexdigest()
    key = f"imports.monitoring.counts:{keys}"
    found: Counts | None = cache.get(key)
    if found is None:
        cache.set(key, found := _count(failures, webhooks), KEPT_SECONDS)
    return found


def _text(projects: ProjectScope) -> str:
    return "all" if projects.keys is None else ",".join(map(str, sorted(projects.keys)))


def _count(failures: ProjectScope, webhooks: ProjectScope) -> Counts:
    """One query."""
    groups = failing.open_groups(failures).annotate(what=Value("failures", CharField())).order_by().values("what")
    ended = deliveries.given_up(timezone.now(), webhooks).annotate(what=Value("given up", CharField())).order_by()
    numbers = groups.annotate(number=Sum(F("failed") - F("resolved"))).values_list("what", "number")
    found = dict(numbers.union(ended.values("what").annotate(number=Count("pk")).values_list("what", "number")))
    return Counts(found.get("failures") or 0, found.get("given up") or 0)
