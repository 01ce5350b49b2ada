"""Copy the items of one job into another, inside the database: a batch of 64 MB never passes through this process."""

from django.db import connection

from imports.claiming.item_hosts import name_hosts
from imports.models import ImportItem, ImportJob

# Positions are counted anew, for only failed items may be copied; of two with one external id the later one waits.
_COPY = """
    INSERT INTO {items} (job_id, position, external_id, title, payload, host_key, blocked_by, due_at)
    SELECT job.id, place, external_id, title, payload, host_key,
           LAG(place) OVER (PARTITION BY external_id ORDER BY place), job.started_at
    FROM {jobs} AS job, (
        SELECT external_id, title, payload, host_key, ROW_NUMBER() OVER (ORDER BY position) - 1 AS place
        FROM {items} WHERE job_id = %s {condition}
    ) AS old
    WHERE job.id = %s
    ORDER BY place
"""


def copy_items(old: ImportJob, new: ImportJob, *, retried_only: bool = False) -> int:
    """Give the new job the old one's items, all or those that it retries, as fresh work; how many these are."""
    tables = {"items": ImportItem._meta.db_table, "jobs": ImportJob._meta.db_table}
    condition, values = ("AND retried_by_id = %s", [new.pk]) if retried_only else ("", [])
    with connection.cursor() as cursor:
        cursor.execute(_COPY.format(condition=condition, **tables), [old.pk, *values, new.pk])
        copied = int(cursor.rowcount)
    if new.kind != ImportJob.Kind.DOCUMENTS and not new.dry_run:
        # Items of dry runs, and items that ended before hosts were stored, have none and could not be claimed.
        name_hosts(new.items.all())
    return copied
