"""Publications whose components appear or disappear with time: reported to the project's webhooks (spec 7.2)."""

from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from documents.content.next_change import next_change
from documents.models import Publication
from documents.revisions import webhook_events
from livingdocs_import.db import bulk_copy
from livingdocs_import.models import Project

BATCH = 50  # publications that are locked, and whose content is read, together


def tell_changes(limit: int = 2000) -> int:
    """Report up to `limit` publications that readers see differently by now; returns their number."""
    reported = 0
    while reported < limit and (batch := _tell_batch()):
        reported += batch
    return reported


@transaction.atomic
def _tell_batch() -> int:
    now = timezone.now()
    due = Publication.objects.filter(changes_at__lte=now).order_by("changes_at", "pk")
    # Skip locked rows: the transaction that ends a publication reports that.
    keys = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
    rows = Publication.objects.filter(pk__in=keys).select_related("revision", "document").order_by("pk")
    projects: dict[int, list[Publication]] = defaultdict(list)
    moments = []
    for publication in rows:
        moments.append((publication.pk, next_change(publication.revision.content, now)))
        projects[publication.document.project_id].append(publication)
    bulk_copy.update(Publication, ("changes_at",), moments)
    for project in Project.objects.filter(pk__in=projects):
        webhook_events.record_shown(project, projects[project.pk])
    return len(keys)
