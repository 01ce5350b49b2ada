"""Run a request with commands in one transaction: all of it or nothing (CMD-01)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField
from django.utils import timezone

from documents.commands.operations import Command, CommandFailed, Draft, apply, component_at
from documents.content.edits import EditableContent
from documents.models import Document, Publication, Revision
from documents.revisions import schedules, single_change, validate
from documents.revisions.design_lookup import Designs
from documents.revisions.parts import Parts
from documents.revisions.publication_effect import PublicationEffect
from documents.revisions.publish_control import PublishControl, publication_dates
from documents.revisions.state import DocumentState, lock, stored_parts
from documents.revisions.validate import CheckedParts
from documents.revisions.writer import Origin, Step
from livingdocs_import import errors, ids
from livingdocs_import.errors import Rejected
from livingdocs_import.models import Project
from livingdocs_import.project_config import ContentType, ProjectConfig, store

OUTDATED = "The document you tried to update is outdated"


class CommandRequest(NamedTuple):
    """A request. `version`: the required version of the document; `preserve_updated_at`: it keeps its date."""

    commands: Sequence[Command]
    preconditions: Sequence[Command] = ()
    version: int | None = None
    preserve_updated_at: bool = False


def execute(project: Project, document_id: int, asked: CommandRequest, *, by: str) -> None:
    """Run the commands in order.

    Raises NotFound; Conflict if version, precondition, old value or embargo do not match; CommandFailed for a command
    that cannot be applied. Then nothing of the request is stored.
    """
    try:
        _execute(project, document_id, asked, by)
    except IntegrityError:
        # Another transaction took a unique value at the same time; now its document can be named.
        _execute(project, document_id, asked, by)


@transaction.atomic
def _execute(project: Project, document_id: int, asked: CommandRequest, by: str) -> None:
    config, now = store.current(project), timezone.now()
    known = [document_id] if document_id <= BigIntegerField.MAX_BIGINT else []
    state = lock(project, known).get(document_id)
    if state is None or state.is_deleted or state.content_type not in config.content_types:
        raise errors.NotFound("Document Not Found")
    if asked.version is not None and asked.version != state.version:
        raise errors.Conflict(OUTDATED, expectedVersion=asked.version, currentVersion=state.version)
    for precondition in asked.preconditions:
        if not _holds(precondition, state):
            raise errors.Conflict(f"Precondition failed: '{precondition['type']}'")
    document = Document.objects.get(pk=document_id)
    document.project = project
    before = stored_parts([state.revision_id])[state.revision_id]
    draft = _draft(document, state, before, config, now)
    apply(draft, asked.commands)
    parts = _checked(document, draft, before)
    _write(document, state, draft, parts, now, by=by, preserve_updated_at=asked.preserve_updated_at)


def _holds(precondition: Command, state: DocumentState) -> bool:
    if precondition["type"] == "isPublished":
        return bool((state.publication_id is not None) == precondition["value"])
    if state.publication_id is None:  # isPublishedAndHasNoChanges
        return False
    return Publication.objects.filter(pk=state.publication_id, revision=state.revision_id).exists()


def _draft(document: Document, state: DocumentState, parts: Parts, config: ProjectConfig, now: datetime) -> Draft:
    content_type: ContentType = config.content_types[document.content_type]
    return Draft(
        document_id=document.pk,
        title=parts.title,
        metadata=parts.metadata,
        content=EditableContent(parts.content, document.pk),
        schema=content_type.metadata,
        design=Designs(document.project, config).find(parts.design, content_type),
        make_id=ids.component_ids().__next__,
        now=now,
        embargo=state.embargo,
    )


# --- The result ------------------------------------------------------------------------------------------------------


def _checked(document: Document, draft: Draft, before: Parts) -> CheckedParts | None:
    """The parts of a draft to store; None if neither a revision nor a publication is written."""
    publish = draft.effect is PublicationEffect.PUBLISHED
    if not draft.is_revised and not publish:
        return None
    parts = Parts(draft.title, draft.content.components, draft.metadata, before.translations, before.design)
    kept = validate.EVERYTHING - ({validate.CONTENT} if draft.changes_content else set())
    try:
        return single_change.checked(document, parts, kept=kept, publish=publish)
    except Rejected as rejected:
        raise CommandFailed(_blamed(rejected, draft), rejected.reason, rejected.errors) from rejected


def _blamed(rejected: Rejected, draft: Draft) -> int:
    """The command to blame for a rejection: the last that changed the component, else the last of the request."""
    for error in rejected.errors:
        on_the_way = list(component_at(draft.content.components, str(error.get("path", ""))))
        if changed := [draft.content_changes[each] for each in on_the_way if each in draft.content_changes]:
            return changed[-1]
    return draft.index


def _write(
    document: Document,
    state: DocumentState,
    draft: Draft,
    parts: CheckedParts | None,
    now: datetime,
    *,
    by: str,
    preserve_updated_at: bool,
) -> None:
    for action, due_at in draft.plans.items():
        if due_at is None:
            schedules.cancel(document.pk, action)
        else:
            schedules.plan(document.pk, action, due_at, by=by)
    updated_at = document.updated_at if preserve_updated_at else now
    dates = state.dates
    if draft.effect is PublicationEffect.PUBLISHED:
        dates = publication_dates(dates, PublishControl(last=updated_at), now)
    step = Step(
        document_state=state,
        content_type=document.content_type,
        document_type=document.document_type,
        parts=parts,
        is_revised=draft.is_revised,
        effect=draft.effect,
        dates=dates,
        embargo=draft.embargo,
        raises_version=True,
        updated_at=updated_at,
    )
    single_change.write(document, step, Origin(Revision.Source.API, by), now)
