"""Documents as they are published or drafted, what happened to publications, and who links to something."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from livingdocs_import_client.json_types import JSONObject
from livingdocs_import_client.reading import (
    moment,
    number,
    objects,
    optional_moment,
    optional_number,
    optional_object,
    optional_text,
    text,
)


@dataclass(frozen=True, slots=True)
class Edition:
    """A document as it is published, or as it is drafted: then there is no `publication_id`."""

    document_id: int
    content_type: str
    document_type: str
    publication_id: int | None
    first_publication_date: datetime | None
    last_publication_date: datetime | None
    metadata: JSONObject
    content: Sequence[JSONObject]
    references: Sequence[JSONObject]
    raw: JSONObject


@dataclass(frozen=True, slots=True)
class PublicationEvent:
    """Something that happened to a publication; `event_type` is `publish`, `update` or `unpublish`."""

    id: int
    created_at: datetime
    document_id: int
    document_type: str
    content_type: str
    event_type: str
    publication_id: int | None
    raw: JSONObject


@dataclass(frozen=True, slots=True)
class Link:
    """Where something is named: in the metadata (`property_name`) or in the content of what names it."""

    id: str
    type: str
    location: str
    property_name: str | None
    raw: JSONObject


@dataclass(frozen=True, slots=True)
class LinkingEntry:
    """A media library entry that links to something, and how."""

    media_id: str
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class LinkingDocument:
    """A document that links to something, and how."""

    document_id: int
    links: Sequence[Link]


def edition_in(answer: JSONObject) -> Edition:
    """The publication or the draft that an answer describes."""
    system = optional_object(answer, "systemdata") or {}
    return Edition(
        document_id=number(system, "documentId"),
        content_type=text(system, "contentType"),
        document_type=text(system, "documentType"),
        publication_id=optional_number(system, "publicationId"),
        first_publication_date=optional_moment(system, "firstPublicationDate"),
        last_publication_date=optional_moment(system, "lastPublicationDate"),
        metadata=optional_object(answer, "metadata") or {},
        content=objects(answer, "content"),
        references=objects(answer, "references"),
        raw=answer,
    )


def event_in(answer: JSONObject) -> PublicationEvent:
    """A row of publicationEvents."""
    return PublicationEvent(
        id=number(answer, "id"),
        created_at=moment(answer, "createdAt"),
        document_id=number(answer, "documentId"),
        document_type=text(answer, "documentType"),
        content_type=text(answer, "contentType"),
        event_type=text(answer, "eventType"),
        publication_id=optional_number(answer, "publicationId"),
        raw=answer,
    )


def linking_entry_in(answer: JSONObject) -> LinkingEntry:
    """A row of incomingMediaReferences."""
    return LinkingEntry(text(answer, "id"), _links(answer))


def linking_document_in(answer: JSONObject) -> LinkingDocument:
    """A row of incomingDocumentReferences."""
    return LinkingDocument(number(answer, "id"), _links(answer))


def _links(answer: JSONObject) -> list[Link]:
    return [
        Link(
            id=str(link.get("id", "")),
            type=optional_text(link, "type") or "",
            location=optional_text(link, "location") or "",
            property_name=optional_text(link, "propertyName"),
            raw=link,
        )
        for link in objects(answer, "references")
    ]
