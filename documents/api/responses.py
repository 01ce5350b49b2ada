"""What goes out about documents: publications and drafts, in the version's shape (spec 3.18)."""

from collections.abc import Collection, Mapping
from typing import Any

from documents.api.visibility import Audience, visible
from documents.models import Document, Revision
from documents.publish_control import PublicationDates, visible_date
from livingdocs_import.api.versions import Version
from livingdocs_import.project_config import ContentType, MetadataSchema
from livingdocs_import.timestamps import timestamp

SYSTEMDATA, METADATA, CONTENT, REFERENCES = "systemdata", "metadata", "content", "references"


def fields_of(version: Version) -> tuple[str, ...]:
    """The parts that a publication has in this version; all of them are shown unless some are asked for."""
    return (SYSTEMDATA, METADATA, CONTENT) if version < "beta" else (SYSTEMDATA, METADATA, CONTENT, REFERENCES)


def document(
    document: Document,
    revision: Revision,
    content_type: ContentType,
    *,
    publication_id: int | None,
    audience: Audience | None,
    references: Collection[Mapping[str, Any]] = (),
    fields: Collection[str],
) -> dict[str, Any]:
    """One document with the content of a revision. `audience` None: all components, whatever their conditions."""
    body: dict[str, Any] = {}
    if SYSTEMDATA in fields:
        body[SYSTEMDATA] = systemdata(document, revision, content_type, publication_id=publication_id)
    if METADATA in fields:
        body[METADATA] = delivered(revision.metadata, content_type.metadata)
    if CONTENT in fields:
        body[CONTENT] = revision.content if audience is None else visible(revision.content, audience)
    if REFERENCES in fields:
        body[REFERENCES] = list(references)
    return body


def systemdata(
    document: Document, revision: Revision, content_type: ContentType, *, publication_id: int | None
) -> dict[str, Any]:
    """The facts beside the content (PUB-03, PUB-04); dates that are not set are left out."""
    body: dict[str, Any] = {
        "projectId": document.project_id,
        "channelId": document.project.channel_id,
        "documentId": document.pk,
        "contentType": document.content_type,
        "documentType": document.document_type,
    }
    if publication_id is not None:
        body["publicationId"] = publication_id
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
            dates, revision.metadata, content_type.visible_publication_date_preference
        ),
        "lastPublicationDate": dates.last,
    }
    body |= {name: timestamp(date) for name, date in shown.items() if date is not None}
    return body | {"design": {"name": revision.design_name, "version": revision.design_version}}


def delivered(metadata: Mapping[str, Any], schema: MetadataSchema) -> dict[str, Any]:
    """The metadata that is configured today and meant for others (PUB-07); system plugins serve the newsroom only."""
    return {
        name: value
        for name, value in metadata.items()
        if name in schema.properties and not schema.properties[name].plugin.startswith("li-system-")
    }
