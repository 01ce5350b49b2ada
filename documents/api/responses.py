"""Responses about documents: publications, drafts and events, in the version's shape (spec 3.18, 3.23)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from documents.api.visibility import Audience, visible
from documents.models import Document, DocumentReference, PublicationEvent, Revision
from documents.references import index
from documents.revisions.publish_control import PublicationDates, visible_date
from livingdocs_import.api.versions import Feature, Version
from livingdocs_import.models import Project
from livingdocs_import.project_config import ContentType, MetadataSchema
from livingdocs_import.timestamps import timestamp

SYSTEMDATA, METADATA, CONTENT, REFERENCES = "systemdata", "metadata", "content", "references"


def fields_of(version: Version) -> tuple[str, ...]:
    """The parts that a publication has in this version; all of them are shown by default."""
    parts = (SYSTEMDATA, METADATA, CONTENT)
    return (*parts, REFERENCES) if version.has(Feature.REFERENCES) else parts


@dataclass(frozen=True, slots=True)
class Edition:
    """One revision of a document, as a publication or draft."""

    document: Document
    revision: Revision
    content_type: ContentType
    publication_id: int | None  # None: a draft


@dataclass(frozen=True, slots=True)
class Shown:
    """The shown parts of a document, and the audience. `audience` None: all components, whatever their conditions."""

    fields: Collection[str]
    audience: Audience | None


def documents(editions: Sequence[Edition], shown: Shown) -> list[dict[str, Any]]:
    """One body for each. Either all are publications or all are drafts."""
    links = _links(editions) if REFERENCES in shown.fields else {}
    return [_document(edition, links.get(edition.document.pk, []), shown) for edition in editions]


def document(edition: Edition, shown: Shown) -> dict[str, Any]:
    """The same for one."""
    return documents([edition], shown)[0]


def _links(editions: Sequence[Edition]) -> dict[int, list[dict[str, str]]]:
    is_draft = any(edition.publication_id is None for edition in editions)
    scope = DocumentReference.Scope.DRAFT if is_draft else DocumentReference.Scope.PUBLICATION
    return index.of_documents([edition.document.pk for edition in editions], scope)


def _document(edition: Edition, links: Sequence[Mapping[str, Any]], shown: Shown) -> dict[str, Any]:
    revision, audience = edition.revision, shown.audience
    body: dict[str, Any] = {}
    if SYSTEMDATA in shown.fields:
        body[SYSTEMDATA] = _systemdata(edition)
    if METADATA in shown.fields:
        body[METADATA] = _delivered(revision.metadata, edition.content_type.metadata)
    if CONTENT in shown.fields:
        body[CONTENT] = revision.content if audience is None else visible(revision.content, audience)
    if REFERENCES in shown.fields:
        body[REFERENCES] = links
    return body


def _systemdata(edition: Edition) -> dict[str, Any]:
    """The facts beside the content (PUB-03, PUB-04); dates that are not set are left out."""
    document, revision = edition.document, edition.revision
    body: dict[str, Any] = {
        "projectId": document.project_id,
        "channelId": document.project.channel_id,
        "documentId": document.pk,
        "contentType": document.content_type,
        "documentType": document.document_type,
    }
    if edition.publication_id is not None:
        body["publicationId"] = edition.publication_id
    dates = PublicationDates(
        first=document.first_publication_date,
        last=document.last_publication_date,
        significant=document.significant_publication_date,
        visible_override=document.visible_publication_date_override,
    )
    shown = {
        "firstPublicationDate": dates.first,
        "significantPublicationDate": dates.significant,
        "visiblePublicationDate": visible_date(
            dates, revision.metadata, edition.content_type.visible_publication_date_preference
        ),
        "lastPublicationDate": dates.last,
    }
    body |= {name: timestamp(date) for name, date in shown.items() if date is not None}
    return body | {"design": {"name": revision.design_name, "version": revision.design_version}}


def _delivered(metadata: Mapping[str, Any], schema: MetadataSchema) -> dict[str, Any]:
    """The configured metadata that is public (PUB-07); system plugins serve the newsroom only."""
    return {
        name: value
        for name, value in metadata.items()
        if name in schema.properties and not schema.properties[name].plugin.startswith("li-system-")
    }


def found_ids(editions: Sequence[Edition]) -> list[dict[str, int]]:
    """Rows of a search that asks for ids alone (SEA-04)."""
    return [{"projectId": each.document.project_id, "documentId": each.document.pk} for each in editions]


def publication_event(event: PublicationEvent, project: Project) -> dict[str, Any]:
    """One row of publicationEvents; `contentType` for programs that require it (EVT-03)."""
    return {
        "id": event.number,
        "createdAt": timestamp(event.created_at),
        "projectId": project.pk,
        "channelId": project.channel_id,
        "documentId": event.document_id,
        "documentType": event.document_type,
        "contentType": event.content_type,
        "eventType": event.event_type,
        "publicationId": event.publication_id,
    }
