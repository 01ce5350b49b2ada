"""Which documents a request asks for, and what of them is shown (spec 3.18)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from documents.api import visibility
from documents.api.responses import Edition, Shown, fields_of
from documents.models import Document, Publication, Revision
from livingdocs_import import errors
from livingdocs_import.api.versions import Version
from livingdocs_import.models import Project
from livingdocs_import.project_config import ContentType, store
from livingdocs_import.validation.value_types import instant

DOCUMENT_TYPES = frozenset({"article", "page", "data-record"})
BOUNDS = ("gte", "gt", "lte", "lt")
PARAMETERS = (
    "reverse", "homepage", "contentTypes", "documentTypes", "id", "limit", "offset",
    *(f"id.{bound}" for bound in BOUNDS), *(f"publishedAt.{bound}" for bound in BOUNDS),
)  # fmt: skip
MAX_IDS, MAX_LIMIT, MAX_OFFSET = 1_000, 100, 10_000


def shown(query: Mapping[str, str], version: Version) -> Shown:
    """`?fields=systemdata,content` and the conditions of components; all parts, for anybody, if nothing is said."""
    offered = fields_of(version)
    fields = [name.strip() for name in query["fields"].split(",")] if "fields" in query else offered
    if unknown := [name for name in fields if name not in offered]:
        raise errors.Invalid({"fields": f'No enum match for: "{unknown[0][:100]}"'})
    return Shown(fields, visibility.audience(query, timezone.now()))


# --- One document ----------------------------------------------------------------------------------------------------


def publication(project: Project, document_id: int) -> Edition:
    """What is published of a document; NotFound also when nothing is."""
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
    """The project's document and its content type; NotFound also when that is not configured any more."""
    document = Document.objects.of(project).existing().filter(pk=document_id).first()
    configured = store.readable(project).content_types
    if document is None or document.content_type not in configured:
        raise errors.NotFound(f"Document does not exist (id: {document_id})")
    document.project = project  # the same one: no need to fetch it again
    return document, configured[document.content_type]


# --- Lists -----------------------------------------------------------------------------------------------------------


def publications(project: Project, query: Mapping[str, str]) -> list[Edition]:
    """The page of what is published that the query asks for, newest first (`reverse`: oldest first)."""
    configured = store.readable(project).content_types
    documents = list(_published(project, query, configured))
    by_key = Publication.objects.select_related("revision").in_bulk([each.live_publication_id for each in documents])
    for document in documents:
        document.project = project
    return [
        Edition(
            each, by_key[each.live_publication_id].revision, configured[each.content_type], each.live_publication_id
        )
        for each in documents
    ]


@dataclass
class _Reader:
    """Reads query parameters and collects what is wrong with them."""

    query: Mapping[str, str]
    problems: dict[str, str]

    def number(self, name: str, default: int, *, most: int) -> int:
        text = self.query.get(name)
        if text is None:
            return default
        number = whole(text)
        if number is None or number > most:
            self.problems[name] = f"must be an integer from 0 to {most}"
            return default
        return number

    def flag(self, name: str) -> bool:
        """`?reverse` alone is as good as `?reverse=true`."""
        value = self.query.get(name, "false")
        if value not in {"", "true", "false"}:
            self.problems[name] = "Invalid type: expected boolean"
        return value != "false"

    def listed(self, name: str) -> list[str] | None:
        return [part.strip() for part in self.query[name].split(",") if part.strip()] if name in self.query else None


def whole(text: str) -> int | None:
    """A number of at most 18 digits, as it stands in a path or a query; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def _published(project: Project, query: Mapping[str, str], configured: Collection[str]) -> QuerySet[Document]:
    """`configured` are the handles of today's content types: documents of others are not served.

    Invalid names every parameter that is wrong.
    """
    reader = _Reader(query, {})
    limit, offset = reader.number("limit", MAX_LIMIT, most=MAX_LIMIT), reader.number("offset", 0, most=MAX_OFFSET)
    backwards, homepage = reader.flag("reverse"), reader.flag("homepage")
    everything: QuerySet[Document] = Document.objects.of(project).published()
    queryset = everything.filter(content_type__in=list(configured))
    queryset = _of_types(queryset, reader)
    queryset = _of_ids(queryset, reader)
    queryset = _of_period(queryset, reader)
    if reader.problems:
        raise errors.Invalid(reader.problems)
    if homepage:  # no document is the homepage of a project: there is no such label here
        queryset = queryset.none()
    order = ("last_publication_date", "pk") if backwards else ("-last_publication_date", "-pk")
    return queryset.order_by(*order)[offset : offset + limit]


def _of_types(queryset: QuerySet[Document], reader: _Reader) -> QuerySet[Document]:
    if (content_types := reader.listed("contentTypes")) is not None:
        queryset = queryset.filter(content_type__in=content_types)
    if (document_types := reader.listed("documentTypes")) is not None:
        if unknown := [each for each in document_types if each not in DOCUMENT_TYPES]:
            reader.problems["documentTypes"] = f'No enum match for: "{unknown[0][:100]}"'
        queryset = queryset.filter(document_type__in=document_types)
    return queryset


def _of_ids(queryset: QuerySet[Document], reader: _Reader) -> QuerySet[Document]:
    if (listed := reader.listed("id")) is not None:
        ids = [number for each in listed if (number := whole(each)) is not None]
        if len(ids) < len(listed):
            reader.problems["id"] = "must be integers, separated by commas"
        elif len(ids) > MAX_IDS:
            reader.problems["id"] = f"must NOT have more than {MAX_IDS} items"
        else:
            queryset = queryset.filter(pk__in=ids)
    for bound in BOUNDS:
        if (text := reader.query.get(f"id.{bound}")) is not None:
            number = whole(text)
            if number is None:
                reader.problems[f"id.{bound}"] = "Invalid type: expected integer"
            else:
                queryset = queryset.filter(**{f"pk__{bound}": number})
    return queryset


def _of_period(queryset: QuerySet[Document], reader: _Reader) -> QuerySet[Document]:
    for bound in BOUNDS:
        if (text := reader.query.get(f"publishedAt.{bound}")) is not None:
            moment = instant(text, bare_date=True)
            if moment is None:
                reader.problems[f"publishedAt.{bound}"] = 'must match format "date-time"'
            else:
                queryset = queryset.filter(**{f"last_publication_date__{bound}": moment})
    return queryset
