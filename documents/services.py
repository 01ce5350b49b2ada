"""What people do to a document by hand: change it, publish it, take it back, delete it, restore it (spec 5.3).

Each is one transaction that begins by locking the document. Rejected says why something cannot be done, in the words
and with the errors that an import would be given.
"""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from documents import reference_rebuild
from documents.importing.decision import DELETED
from documents.models import Document, DocumentReference, Publication, Revision
from documents.references import index
from documents.revisions import events, validate, writer
from documents.revisions.design_lookup import Designs
from documents.revisions.parts import MAX_TITLE, Parts
from documents.revisions.publication_dates import PublishControl, publication_dates
from documents.revisions.publication_effect import PublicationEffect
from documents.revisions.state import DocumentState, lock, stored_parts
from documents.revisions.unique_values import Holders
from documents.revisions.validate import CheckedParts, Rejected, Rules
from documents.revisions.writer import Origin, Step
from livingdocs_import import ids
from livingdocs_import.project_config import store

EMBARGO = "Document is under embargo"
CHANGED_MEANWHILE = "Document was changed meanwhile"
Scope = DocumentReference.Scope


@transaction.atomic
def change(document: Document, *, title: str, metadata: dict[str, Any], by: str, version: int | None = None) -> bool:
    """Write a new revision with this title and metadata; False when they are what they were.

    From then on the document is touched: `onlyOverwriteUntouched` leaves it alone (DOC-46). Readers see the change when
    it is published. `version` is the one that the change was made to: if it is not the newest any more, Rejected.
    """
    document_state = _locked(document)
    parts = _changed(document_state, title=title, metadata=metadata, version=version)
    if parts is None:
        return False
    checked = _checked(document, parts, kept=_KEPT, publish=False)
    _carry_out(document, document_state, checked, is_revised=True, effect=PublicationEffect.UNCHANGED, by=by)
    return True


def check_change(document: Document, *, title: str, metadata: dict[str, Any], version: int) -> None:
    """Rejected with everything that would keep `change` from being made just now."""
    with transaction.atomic():
        parts = _changed(_locked(document), title=title, metadata=metadata, version=version)
    if parts is not None:
        _checked(document, parts, kept=_KEPT, publish=False)


_KEPT = validate.EVERYTHING - {validate.METADATA}


def _changed(
    document_state: DocumentState, *, title: str, metadata: dict[str, Any], version: int | None
) -> Parts | None:
    """The parts of the next revision; None when it would be as the last one."""
    if version is not None and document_state.version != version:
        raise Rejected(
            CHANGED_MEANWHILE, f"It is at version {document_state.version}; the change was made to {version}."
        )
    before = stored_parts([document_state.revision_id])[document_state.revision_id]
    title = title.strip()[:MAX_TITLE]
    if (title, metadata) == (before.title, before.metadata):
        return None
    return Parts(title, before.content, metadata, before.translations, before.design)


def can_be_published(document: Document) -> bool:
    """Whether readers do not see the newest revision yet; it may still be incomplete or under embargo."""
    return document.deleted_at is None and not _is_live(document.pk, document.current_revision_id)


def publish(document: Document, *, by: str) -> bool:
    """Let readers see the newest revision; False when they do already."""
    try:
        return _publish(document, by=by)
    except IntegrityError:
        # Another transaction took a unique value at the same time; now its document can be named.
        return _publish(document, by=by)


@transaction.atomic
def _publish(document: Document, *, by: str) -> bool:
    document_state, now = _locked(document), timezone.now()
    if document_state.embargo is not None and document_state.embargo.is_active(now):
        raise Rejected(EMBARGO, document_state.embargo.reason or "It must not be published now.")
    if _is_live(document_state.document_id, document_state.revision_id):
        return False
    parts = stored_parts([document_state.revision_id])[document_state.revision_id]
    checked = _checked(document, parts, kept=validate.EVERYTHING, publish=True)
    holders = Holders(document.project, list(checked.unique_values.values()))
    if rejected := holders.refuse(checked.unique_values, document.pk):
        raise rejected
    _carry_out(document, document_state, checked, is_revised=False, effect=PublicationEffect.PUBLISHED, by=by)
    return True


@transaction.atomic
def unpublish(document: Document, *, by: str) -> bool:
    """Take the document away from readers; False when they did not see it."""
    document_state = _locked(document)
    if document_state.publication_id is None:
        return False
    _carry_out(document, document_state, None, is_revised=False, effect=PublicationEffect.UNPUBLISHED, by=by)
    return True


@transaction.atomic
def delete(document: Document, *, by: str) -> bool:
    """Unpublish the document and put it away: imports of it fail until it is restored (Q-17). False: it was deleted."""
    if lock(document.project, [document.pk])[document.pk].is_deleted:
        return False
    index.forget(Scope.DRAFT, [document.pk])
    unpublish(document, by=by)
    now = timezone.now()
    Document.objects.filter(pk=document.pk).update(deleted_at=now, updated_at=now)
    return True


@transaction.atomic
def restore(document: Document) -> bool:
    """Bring a deleted document back, unpublished. False when it was there."""
    if not lock(document.project, [document.pk])[document.pk].is_deleted:
        return False
    Document.objects.filter(pk=document.pk).update(deleted_at=None, updated_at=timezone.now())
    reference_rebuild.rebuild(document.project, [document.pk])
    return True


def _is_live(document_id: int, revision_id: int) -> bool:
    return Publication.objects.filter(document=document_id, unpublished_at=None, revision=revision_id).exists()


def _locked(document: Document) -> DocumentState:
    document_state = lock(document.project, [document.pk])[document.pk]
    if document_state.is_deleted:
        raise Rejected(DELETED, DELETED)
    return document_state


def _checked(document: Document, parts: Parts, *, kept: frozenset[str], publish: bool) -> CheckedParts:
    config = store.current(document.project)
    content_type = config.content_types.get(document.content_type)
    design = Designs(document.project, config).find(parts.design)
    if content_type is None:
        raise Rejected(f'Unknown contentType "{document.content_type}"', "It is not configured any more.")
    if design is None:
        raise Rejected(f'Unknown design "{parts.design}"', "It is not configured any more.")
    rules = Rules(config, content_type, design, publish=publish, make_id=ids.component_ids().__next__, entries={})
    return validate.check(parts, rules, kept=kept)


def _carry_out(
    document: Document,
    document_state: DocumentState,
    parts: CheckedParts | None,
    *,
    is_revised: bool,
    effect: PublicationEffect,
    by: str,
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
    written = writer.carry_out(document.project, [step], Origin(Revision.Source.ADMIN, by), now)
    events.record(document.project, written, now)
