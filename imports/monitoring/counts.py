"""What waits for a person, as two numbers for the navigation of each page: counted every ten seconds at most."""

import hashlib
from dataclasses import dataclass

from django.core.cache import cache
from django.utils import timezone

from imports.monitoring import deliveries, failing
from livingdocs_import.models.project_scope import EVERYTHING, ProjectScope

KEPT_SECONDS = 10


@dataclass(frozen=True)
class Counts:
    """Failures that are open, and deliveries that were given up and not sent again."""

    open_failures: int
    given_up: int


def counts(projects: ProjectScope = EVERYTHING) -> Counts:
    """The numbers as this process has last counted them."""
    keys = "all" if projects.keys is None else ",".join(map(str, sorted(projects.keys)))
    key = f"imports.monitoring.counts:{hashlib.sha256(keys.encode()).hexdigest()}"
    found: Counts | None = cache.get(key)
    if found is None:
        cache.set(key, found := _count(projects), KEPT_SECONDS)
    return found


def _count(projects: ProjectScope) -> Counts:
    return Counts(failing.open_count(projects), deliveries.given_up(timezone.now(), projects).count())
