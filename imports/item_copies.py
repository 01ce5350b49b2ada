"""Copy the items of one job into another, inside the database: a batch of 64 MB never passes through this process."""

from django.db import connection
from django.db.models import QuerySet

from imports.claiming.item_hosts import name_hosts
from imports.models import ImportItem, ImportJob

# Positions are counted anew, for only failed items may be copied; of two with one external id the later one waits.
_COPY = """
    INSERT INTO {items} (job_id, position, external_id, title, payload, host_key, blocked_by, due_at)
    SELECT job.id, place, external_id, title, payload, host_key,
           LAG(place) OVER (PARTITION BY external_id ORDER BY place), job.started_at
    FROM {jobs} AS job, (
        SELECT external_id, title, payload, host_key, ROW_NUMBER() OVER (ORDER BY position) - 1 AS place
        FROM {items} WHERE id IN ({chosen})
    ) AS old
    WHERE job.id = %s
    ORDER BY place
"""


def copy_items(items: QuerySet[ImportItem], new: ImportJob) -> int:
    """Give the new job these items of another one, as fresh work; how many these are."""
    tables = {"items": ImportItem._meta.db_table, "jobs": ImportJob._meta.db_table}
    chosen, values = items.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_COPY.format(chosen=chosen, **tables), [*values, new.pk])
        copied = int(cursor.rowcount)
    if new.kind != ImportJob.Kind.DOCUMENTS and not new.dry_run:
        # Items of dry runs, and items that ended before hosts were stored, have none and could not be claimed.
        name_hosts(new.items.all())
    return copied
