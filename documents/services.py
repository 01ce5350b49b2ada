"""Manual operations on a document: change, restore a revision, publish, unpublish, delete, restore (spec 5.3).

Also its schedules: publications and unpublications at a planned time.

Each is one transaction that begins by locking the document. Rejected has the reason and errors that an import would
get.
"""

import logging
from typing import Any

from django.db import Error, IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from documents import reference_rebuild
from documents.importing.decision import DELETED
from documents.models import Document, DocumentReference, Publication, PublicationSchedule, Revision
from documents.references import index
from documents.revisions import schedules, single_change, validate, webhook_events
from documents.revisions.parts import MAX_TITLE, Parts
from documents.revisions.publication_effect import PublicationEffect
from documents.revisions.publish_control import PublishControl, publication_dates
from documents.revisions.state import DocumentState, lock, stored_parts
from documents.revisions.validate import CheckedParts
from documents.revisions.writer import Origin, Step
from livingdocs_import.db.clock import from_now
from livingdocs_import.errors import Rejected
from livingdocs_import.project_config import InvalidConfig

log = logging.getLogger(__name__)

EMBARGO = "Document is under embargo"
CHANGED_MEANWHILE = "Document was changed meanwhile"
Scope = DocumentReference.Scope


@transaction.atomic
def change(document: Document, *, title: str, metadata: dict[str, Any], by: str, version: int | None = None) -> bool:
    """Write a new revision with this title and metadata; False if they are unchanged.

    From then on the document is touched: `onlyOverwriteUntouched` skips it (DOC-46). Readers see the change after the
    next publication. `version` is the one that was edited: if it is no longer the newest one, Rejected is raised.
    """
    document_state = _locked(document)
    parts = _changed(document_state, title=title, metadata=metadata, version=version)
    if parts is None:
        return False
    checked = single_change.checked(document, parts, kept=_KEPT, publish=False)
    origin = Origin(Revision.Source.ADMIN, by)
    _carry_out(document, document_state, checked, is_revised=True, effect=PublicationEffect.UNCHANGED, origin=origin)
    return True


def check_change(document: Document, *, title: str, metadata: dict[str, Any], version: int) -> None:
    """Raise Rejected with all problems that `change` would have now."""
    with transaction.atomic():
        parts = _changed(_locked(document), title=title, metadata=metadata, version=version)
    if parts is not None:
        single_change.checked(document, parts, kept=_KEPT, publish=False)


_KEPT = validate.EVERYTHING - {validate.METADATA}


@transaction.atomic
def restore_revision(revision: Revision, *, by: str, version: int) -> int | None:
    """Write an old revision again as the newest one; returns its version, None if it would equal the newest.

    All of it is checked like an import: what was valid when it was stored may not fit the present configuration.
    Readers see it after the next publication. `version` as in `change`.
    """
    document = revision.document
    document_state = _locked(document)
    _require(version, document_state)
    stored = stored_parts({revision.pk, document_state.revision_id})
    parts = stored[revision.pk]
    if parts == stored[document_state.revision_id]:
        return None
    checked = single_change.checked(document, parts, kept=validate.NOTHING, publish=False)
    origin = Origin(Revision.Source.ADMIN, by)
    _carry_out(document, document_state, checked, is_revised=True, effect=PublicationEffect.UNCHANGED, origin=origin)
    return document_state.version + 1


def _require(version: int, document_state: DocumentState) -> None:
    if document_state.version != version:
        raise Rejected(
            CHANGED_MEANWHILE,
            f"It is at version {document_state.version}; the change was made to {version}.",
            cause="conflict",
        )


def _changed(
    document_state: DocumentState, *, title: str, metadata: dict[str, Any], version: int | None
) -> Parts | None:
    """The parts of the next revision; None if it would equal the last one."""
    if version is not None:
        _require(version, document_state)
    before = stored_parts([document_state.revision_id])[document_state.revision_id]
    title = title.strip()[:MAX_TITLE]
    if (title, metadata) == (before.title, before.metadata):
        return None
    return Parts(title, before.content, metadata, before.translations, before.design)


def can_be_published(document: Document) -> bool:
    """Whether the newest revision is not public yet; it may still be incomplete or under embargo."""
    return document.deleted_at is None and not _is_live(document.pk, document.current_revision_id)


def publish(document: Document, *, by: str) -> bool:
    """Make the newest revision public; False if it already is."""
    try:
        return _publish(document, by=by)
    except IntegrityError:
        # Another transaction took a unique value at the same time; now its document can be named.
        return _publish(document, by=by)


@transaction.atomic
def _publish(document: Document, *, by: str, by_time: bool = False) -> bool:
    document_state, now = _locked(document), timezone.now()
    if document_state.embargo is not None and document_state.embargo.is_active(now):
        detail = document_state.embargo.reason or "It must not be published now."
        raise Rejected(EMBARGO, detail, cause="conflict")
    if _is_live(document_state.document_id, document_state.revision_id):
        return False
    parts = stored_parts([document_state.revision_id])[document_state.revision_id]
    checked = single_change.checked(document, parts, kept=validate.EVERYTHING, publish=True)
    origin = Origin(Revision.Source.ADMIN, by, by_time=by_time)
    _carry_out(document, document_state, checked, is_revised=False, effect=PublicationEffect.PUBLISHED, origin=origin)
    return True


@transaction.atomic
def unpublish(document: Document, *, by: str) -> bool:
    """Unpublish the document; False if it was not published."""
    return _unpublish(document, by=by)


def _unpublish(document: Document, *, by: str, by_time: bool = False) -> bool:
    document_state = _locked(document)
    if document_state.publication_id is None:
        return False
    origin = Origin(Revision.Source.ADMIN, by, by_time=by_time)
    _carry_out(document, document_state, None, is_revised=False, effect=PublicationEffect.UNPUBLISHED, origin=origin)
    return True


@transaction.atomic
def delete(document: Document, *, by: str) -> bool:
    """Unpublish and delete the document: imports of it fail until it is restored (Q-17). False if it was deleted."""
    if lock(document.project, [document.pk])[document.pk].is_deleted:
        return False
    index.forget(Scope.DRAFT, [document.pk])
    schedules.cancel(document.pk)
    unpublish(document, by=by)
    now = timezone.now()
    Document.objects.filter(pk=document.pk).update(deleted_at=now, updated_at=now)
    webhook_events.record_deletion(document, by=by)
    return True


@transaction.atomic
def restore(document: Document, *, by: str) -> bool:
    """Restore a deleted document, unpublished. False if it was not deleted."""
    if not lock(document.project, [document.pk])[document.pk].is_deleted:
        return False
    Document.objects.filter(pk=document.pk).update(deleted_at=None, updated_at=timezone.now())
    reference_rebuild.rebuild(document.project, [document.pk])
    webhook_events.record_restoration(document, by=by)
    return True


# --- Schedules -------------------------------------------------------------------------------------------------------


def carry_out_schedules(limit: int) -> int:
    """Run due schedules, by the database's clock; returns their number.

    A refused one is kept with the reason, and not retried: its author cancels it or plans it again.
    """
    due = PublicationSchedule.objects.filter(due_at__lte=from_now(), refused_at=None).order_by("due_at", "pk")
    return sum(_carry_out_schedule(schedule) for schedule in due.select_related("document__project")[:limit])


def _carry_out_schedule(schedule: PublicationSchedule) -> bool:
    try:
        return _done_as_planned(schedule)
    except IntegrityError:  # as in `publish`
        return _done_as_planned(schedule)
    except Rejected as rejected:
        errors = {"errors": rejected.errors} if rejected.errors else {}
        return _refuse(schedule, {"reason": rejected.reason, "message": rejected.detail} | errors)
    except Error:
        raise
    except Exception as error:  # an unusable configuration, or a bug: the others still run
        log.exception("document %s", schedule.document_id)
        message = str(error) if isinstance(error, InvalidConfig) else "internal error"
        return _refuse(schedule, {"reason": "Could not be carried out", "message": message[:1_000]})


def _refuse(schedule: PublicationSchedule, refusal: dict[str, Any]) -> bool:
    document, what = schedule.document_id, f"{schedule.action} at {schedule.due_at}"
    log.warning("document %s: %s was refused: %s: %s", document, what, refusal["reason"], refusal["message"])
    return bool(_same(schedule).update(refused_at=timezone.now(), refusal=refusal))


def _same(schedule: PublicationSchedule) -> QuerySet[PublicationSchedule]:
    """The schedule, unless it was cancelled or planned again."""
    return PublicationSchedule.objects.filter(pk=schedule.pk, due_at=schedule.due_at, refused_at=None)


@transaction.atomic
def _done_as_planned(schedule: PublicationSchedule) -> bool:
    document, by = schedule.document, schedule.created_by
    lock(document.project, [document.pk])  # before the schedule, as in commands
    if not _same(schedule).delete()[0]:
        return False
    if schedule.action == PublicationSchedule.Action.PUBLISH:
        _publish(document, by=by, by_time=True)
    else:
        _unpublish(document, by=by, by_time=True)
    return True


def cancel_schedules(document: Document) -> bool:
    """Cancel all schedules of the document; False if there were none."""
    return schedules.cancel(document.pk)


def _is_live(document_id: int, revision_id: int) -> bool:
    return Publication.objects.filter(document=document_id, unpublished_at=None, revision=revision_id).exists()


def _locked(document: Document) -> DocumentState:
    document_state = lock(document.project, [document.pk])[document.pk]
    if document_state.is_deleted:
        raise Rejected(DELETED, DELETED, cause="conflict")
    return document_state


def _carry_out(
    document: Document,
    document_state: DocumentState,
    parts: CheckedParts | None,
    *,
    is_revised: bool,
    effect: PublicationEffect,
    origin: Origin,
) -> None:
    now = timezone.now()
    published = effect is PublicationEffect.PUBLISHED
    step = Step(
        document_state=document_state,
        content_type=document.content_type,
        document_type=document.document_type,
        parts=parts,
        is_revised=is_revised,
        effect=effect,
        dates=publication_dates(document_state.dates, PublishControl(), now) if published else document_state.dates,
        embargo=document_state.embargo,
    )
    single_change.write(document, step, origin, now)
