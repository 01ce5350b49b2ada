"""Find the documents that a request selects, and the parts of them that it shows (spec 3.18)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from documents.api import visibility
from documents.api.responses import Edition, Shown, fields_of
from documents.models import Document, Publication, Revision
from livingdocs_import import errors
from livingdocs_import.api.versions import Version
from livingdocs_import.models import Project
from livingdocs_import.project_config import ContentType, store
from livingdocs_import.project_config.content_types import DOCUMENT_TYPES
from livingdocs_import.validation.messages import no_match_for
from livingdocs_import.validation.parameters import Parameters, bounded

PARAMETERS = (
    "reverse", "homepage", "contentTypes", "documentTypes", "id", "limit", "offset", *bounded("id", "publishedAt"),
)  # fmt: skip
LISTS = ("contentTypes", "documentTypes", "id")
MAX_IDS, MAX_LIMIT, MAX_OFFSET = 1_000, 100, 10_000


def shown(query: Mapping[str, str], version: Version) -> Shown:
    """`?fields=systemdata,content` and the conditions of components; by default all parts, for the public."""
    given, offered = Parameters(query), fields_of(version)
    fields = [name.strip() for name in query["fields"].split(",")] if "fields" in query else offered
    if others := [name for name in fields if name not in offered]:
        given.problems.add(no_match_for(others[0]), "fields")
    audience = visibility.audience(given, timezone.now())
    given.refuse()
    return Shown(fields, audience)


# --- One document ----------------------------------------------------------------------------------------------------


def publication(project: Project, document_id: int) -> Edition:
    """The publication of a document; raises NotFound also if it is unpublished."""
    document, content_type = _document(project, document_id)
    if document.live_publication_id is None:
        raise errors.NotFound(f"Document is not published (id: {document_id})")
    publication = Publication.objects.select_related("revision").get(pk=document.live_publication_id)
    return Edition(document, publication.revision, content_type, publication.pk)


def draft(project: Project, document_id: int) -> Edition:
    """A document's newest revision."""
    document, content_type = _document(project, document_id)
    return Edition(document, Revision.objects.get(pk=document.current_revision_id), content_type, None)


def _document(project: Project, document_id: int) -> tuple[Document, ContentType]:
    """The project's document and its content type; raises NotFound also if that is no longer configured."""
    document = Document.objects.of(project).existing().filter(pk=document_id).first()
    configured = store.readable(project).content_types
    if document is None or document.content_type not in configured:
        raise errors.NotFound(f"Document does not exist (id: {document_id})")
    document.project = project  # the same one: no need to fetch it again
    return document, configured[document.content_type]


# --- Lists -----------------------------------------------------------------------------------------------------------


def publications(project: Project, query: Mapping[str, str]) -> list[Edition]:
    """The page of what is published that the query asks for, newest first (`reverse`: oldest first)."""
    return editions(project, list(_published(project, query, store.readable(project).content_types)))


def editions(project: Project, documents: Sequence[Document]) -> list[Edition]:
    """What is published of these documents, in their order; those of other content types than today's are left out."""
    configured = store.readable(project).content_types
    served = [document for document in documents if document.content_type in configured]
    by_key = Publication.objects.select_related("revision").in_bulk([each.live_publication_id for each in served])
    for document in served:
        document.project = project
    return [
        Edition(
            each, by_key[each.live_publication_id].revision, configured[each.content_type], each.live_publication_id
        )
        for each in served
    ]


def _published(project: Project, query: Mapping[str, str], configured: Collection[str]) -> QuerySet[Document]:
    """`configured` are the handles of today's content types: documents of others are not served."""
    given = Parameters(query)
    limit, offset = given.number("limit", MAX_LIMIT, most=MAX_LIMIT), given.number("offset", 0, most=MAX_OFFSET)
    backwards, homepage = given.flag("reverse"), given.flag("homepage")
    lookups: dict[str, Any] = given.number_bounds("id", "pk")
    lookups |= given.moment_bounds("publishedAt", "last_publication_date")
    if (content_types := given.listed("contentTypes")) is not None:
        configured = [each for each in content_types if each in configured]
    if (document_types := given.listed("documentTypes", DOCUMENT_TYPES)) is not None:
        lookups["document_type__in"] = document_types
    if (ids := given.ids("id", most=MAX_IDS)) is not None:
        lookups["pk__in"] = ids
    given.refuse()
    everything: QuerySet[Document] = Document.objects.of(project).published()
    queryset = everything.filter(content_type__in=list(configured), **lookups)
    if homepage:  # no document is the homepage of a project: that label does not exist here
        queryset = queryset.none()
    order = ("last_publication_date", "pk") if backwards else ("-last_publication_date", "-pk")
    return queryset.order_by(*order)[offset : offset + limit]
