"""Changes of documents as events for the project's webhooks (spec 7.2)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from documents.models import Document, Publication, PublicationEvent, Revision
from documents.revisions.publish_control import visible_date
from documents.revisions.writer import Origin, Written
from livingdocs_import import ids
from livingdocs_import.models import Project
from livingdocs_import.project_config import ContentType, store
from livingdocs_import.timestamps import timestamp
from livingdocs_import.validation.json_types import JSON, JSONObject
from livingdocs_import.webhooks import events
from livingdocs_import.webhooks.messages import API_CLIENT, IMPORTER, USER, Event, EventActor

CREATE, UPDATE, DELETE = "document.create", "document.update", "document.delete"
PUBLISH, UNPUBLISH, BUILD = "document.publish", "document.unpublish", "document.build"
PUBLICATION_UPDATE = "publication.update"
Type = PublicationEvent.Type


def record(project: Project, written: Sequence[Written], origin: Origin, now: datetime) -> None:
    """Report the changes to the project's webhooks, inside their transaction."""
    if awaited := events.awaited(project):
        before = _read_before(written, awaited)
        reported = (event for row in written for event in _events(project, row, before, now))
        events.record(project, reported, actor=_actor(origin))


def record_shown(project: Project, publications: Sequence[Publication]) -> None:
    """The same for publications that readers see differently by time alone: with their revisions and documents."""
    reported = (
        _event(PUBLICATION_UPDATE, each.document_id, each.document.content_type, each.revision.metadata, {})
        for each in publications
    )
    events.record(project, reported, actor=None)


def record_deletion(document: Document, *, by: str) -> None:
    """The same for a deleted document."""
    _record_by_hand(document, DELETE, {}, by)


def record_restoration(document: Document, *, by: str) -> None:
    """The same for a restored document: its draft exists again."""
    _record_by_hand(document, UPDATE, {"metadataPropertyChanges": []}, by)


def _record_by_hand(document: Document, name: str, body: JSONObject, by: str) -> None:
    if name in events.awaited(document.project):
        metadata = document.revisions.order_by("-version").values_list("metadata", flat=True)[0]
        event = _event(name, document.pk, document.content_type, metadata, body)
        events.record(document.project, [event], actor=EventActor(USER, by))


def _actor(origin: Origin) -> EventActor | None:
    if origin.by_time:
        return None
    if origin.source == Revision.Source.IMPORT:
        return IMPORTER
    return EventActor(API_CLIENT if origin.source == Revision.Source.API else USER, origin.author)


# --- The state before ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Before:
    """Data for subscriptions that the written rows do not have: metadata of earlier revisions."""

    drafts: Mapping[int, Mapping[str, Any]]  # by the revision that was the newest one
    live: Mapping[int, Mapping[str, Any]]  # by the publication that was the live one


def _read_before(written: Sequence[Written], awaited: Collection[str]) -> _Before:
    revisions = [
        row.step.document_state.revision_id
        for row in written
        if row.step.document_state is not None and (row.step.parts is None or UPDATE in awaited)
    ]
    publications = [row.publication_before for row in written if row.publication_before and row.event]
    return _Before(
        drafts=_metadata_of(revisions),
        live=_metadata_of_publications(publications) if PUBLICATION_UPDATE in awaited else {},
    )


def _metadata_of(revisions: Collection[int]) -> dict[int, dict[str, Any]]:
    return dict(Revision.objects.filter(pk__in=revisions).values_list("pk", "metadata")) if revisions else {}


def _metadata_of_publications(publications: Collection[int]) -> dict[int, dict[str, Any]]:
    found = Publication.objects.filter(pk__in=publications)
    return dict(found.values_list("pk", "revision__metadata")) if publications else {}


# --- Events ----------------------------------------------------------------------------------------------------------


def _events(project: Project, row: Written, before: _Before, now: datetime) -> Iterator[Event]:
    step, state = row.step, row.step.document_state
    draft = before.drafts.get(state.revision_id, {}) if state else {}
    metadata = draft if step.parts is None else step.parts.metadata

    def event(name: str, body: JSONObject | None = None, **facts: Any) -> Event:
        return _event(name, row.document_id, step.content_type, metadata, body or {}, **facts)

    if row.is_new:
        yield event(CREATE)
    elif step.is_revised:
        changed = [name for name in {**draft, **metadata} if draft.get(name) != metadata.get(name)]
        yield event(UPDATE, {"metadataPropertyChanges": list[JSON](changed)}, changed=frozenset(changed))
    if row.event is None:
        return
    kind, publication_id = row.event
    publication_event = _publication_event(project, row, kind, publication_id, now)
    if kind is Type.UNPUBLISH:
        yield event(UNPUBLISH, publication_event)
        return
    yield event(PUBLISH, publication_event)
    content_type = store.readable(project).content_types.get(step.content_type)
    if content_type is not None and (delivery := content_type.delivery_handle):
        report: JSONObject = {
            "publicationId": publication_id,
            "deliveryHandle": delivery,
            "reportId": ids.report_id(),
        }
        yield event(BUILD, report, delivery=delivery)
    live = before.live.get(row.publication_before or 0)
    if live is not None and _shows_another_date(row, live, metadata, content_type):
        yield event(PUBLICATION_UPDATE)


def _event(
    name: str, document_id: int, content_type: str, metadata: Mapping[str, Any], body: JSONObject, **facts: Any
) -> Event:
    about = {"documentId": document_id}
    return Event(name, about, body, content_type=content_type, metadata=metadata, **facts)


def _publication_event(project: Project, row: Written, kind: Type, publication_id: int, now: datetime) -> JSONObject:
    return {
        "publicationEvent": {
            "createdAt": timestamp(now),
            "contentType": row.step.content_type,
            "documentType": row.step.document_type,
            "eventType": kind.value,
            "publicationId": publication_id,
            "projectId": project.pk,
            "channelId": project.channel_id,
            "documentId": row.document_id,
        }
    }


def _shows_another_date(
    row: Written, live: Mapping[str, Any], metadata: Mapping[str, Any], content_type: ContentType | None
) -> bool:
    """Whether readers see another date at a document that was public before."""
    preference = content_type.visible_publication_date_preference if content_type else ()
    state = row.step.document_state
    return state is not None and (
        visible_date(state.dates, live, preference) != visible_date(row.step.dates, metadata, preference)
    )
