"""Delete a project with all its contents, in small steps that may be interrupted and repeated at any time."""

from collections.abc import Callable, Iterator

from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError, QuerySet
from django.utils import timezone

from documents.models import Document
from documents.search import index as publication_index
from imports import services
from imports.models import ImportItem, ImportJob
from livingdocs_import.errors import ImportServiceError
from livingdocs_import.models import AccessToken, IdempotentAnswer, Project, WebhookDelivery
from media_library import storage_cleanup
from media_library.entries import remote_pictures
from media_library.models import FormerAsset, MediaEntry, TranslatedAssetKey
from media_library.search import index as entry_index
from media_library.storage import is_generated_key

BATCH = 500  # rows of one transaction; cascades included

Say = Callable[[str], None]


class StillInUse(ImportServiceError):
    """New work was started in the project meanwhile."""


def delete_project(project: Project, *, by: str, say: Say) -> None:
    """Suspend clients, cancel jobs, delete from the leaves on, and the project itself last.

    Files that this service has stored are scheduled for deletion in the transaction that deletes their entries. Raises
    StillInUse if something was added meanwhile; it may always be called again.
    """
    tokens = AccessToken.objects.filter(project=project, suspended_at=None).update(suspended_at=timezone.now())
    say(f"API clients suspended: {tokens}")
    say(f"open jobs cancelled: {_cancel_jobs(project, by)}")
    items = ImportItem.objects.filter(job__project=project)
    say(f"import items deleted: {_delete(items)}")
    for name, rows in (
        ("import jobs", ImportJob.objects.filter(project=project)),
        ("documents", Document.objects.filter(project=project)),
    ):
        say(f"{name} deleted: {_delete(rows)}")
    publication_index.forget(project)
    say(f"media entries deleted: {_delete(MediaEntry.objects.filter(project=project), first=_discard_files)}")
    entry_index.forget(project)
    say(f"webhook deliveries deleted: {_delete(WebhookDelivery.objects.filter(project=project))}")
    _delete(IdempotentAnswer.objects.filter(project=project))
    try:
        with transaction.atomic():
            project.delete()
    except (ProtectedError, IntegrityError) as error:
        raise StillInUse(f"something new was begun in the project meanwhile ({error})") from error
    say("project deleted")


def _cancel_jobs(project: Project, by: str) -> int:
    open_jobs = ImportJob.objects.filter(project=project, state=ImportJob.State.STARTED)
    return sum(services.cancel_job(job, by=by) for job in open_jobs)


def _delete(rows: QuerySet[models.Model], *, first: Callable[[list[int]], None] | None = None) -> int:
    """Delete rows in batches; `first` is called with the keys of a batch, in its transaction."""
    number = 0
    for keys in _batches(rows):
        with transaction.atomic():
            if first is not None:
                first(keys)
            rows.model._default_manager.filter(pk__in=keys).delete()
        number += len(keys)
    return number


def _batches(rows: QuerySet[models.Model]) -> Iterator[list[int]]:
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield keys


def _discard_files(entries: list[int]) -> None:
    """Schedule the files of entries for deletion: those that this service has stored, not those of clients."""
    keys: set[str] = set(MediaEntry.objects.filter(pk__in=entries).values_list("asset_key", flat=True))
    for model in (FormerAsset, TranslatedAssetKey):
        keys |= set(model._default_manager.filter(entry__in=entries).values_list("asset_key", flat=True))
    storage_cleanup.keys_later(key for key in keys if is_generated_key(key))
    remote_pictures.forget(entries)
