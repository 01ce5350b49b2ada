"""Where entries are used: documents whose publication links to them, and those of which only the draft does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from documents.admin import links
from documents.models import Document, DocumentReference, Publication, Revision
from documents.references import index
from livingdocs_import.db import lookups
from media_library.models import MediaEntry

MAX_LOOKED_AT = 1_000  # of the newest links to an entry, in a scope
MAX_PLACES = 5  # named of a document
PUBLISHED, DRAFT = DocumentReference.Scope.PUBLICATION, DocumentReference.Scope.DRAFT


@dataclass(frozen=True)
class Use:
    """A document that links to an entry. `since`: when this was published, or saved as a draft; None: unknown."""

    document: Document
    address: str
    places: str
    since: datetime | None


@dataclass(frozen=True)
class Uses:
    """The newest uses, at most MAX_ROWS, and the number of documents; `more`: not all links were looked at."""

    rows: Sequence[Use]
    number: int
    more: bool

    @property
    def is_cut(self) -> bool:
        """Whether there are more than the rows."""
        return self.more or self.number > len(self.rows)


class _Link(NamedTuple):
    document_id: int
    sort_id: int
    link: dict[str, str]
    is_published: bool


def publications(entry: MediaEntry) -> Uses:
    """The live publications that link to the entry."""
    found = _newest(entry, PUBLISHED)
    return _uses(found, len(found) > MAX_LOOKED_AT, Publication.objects.all(), "published_at")


def drafts(entry: MediaEntry) -> Uses:
    """The documents whose draft links to the entry, and whose publication does not, or does not exist."""
    found = _newest(entry, DRAFT)
    unpublished = [link for link in found if not link.is_published]
    return _uses(unpublished, len(found) > MAX_LOOKED_AT, Revision.objects.all(), "created_at")


def number_of_drafts(entries: Sequence[MediaEntry], most: int) -> tuple[int, bool]:
    """How many documents link to any of the entries in their draft only; whether more links exist than `most`.

    In any order: that of the newest would have to be made from all links to all of the entries.
    """
    found = _read(_links(entries, DRAFT), most)
    return len({link.document_id for link in found if not link.is_published}), len(found) > most


def _newest(entry: MediaEntry, scope: DocumentReference.Scope) -> list[_Link]:
    """One more than MAX_LOOKED_AT, if there are more."""
    return _read(_links([entry], scope).order_by("-sort_id", "position"), MAX_LOOKED_AT)


def _links(entries: Iterable[MediaEntry], scope: DocumentReference.Scope) -> QuerySet[DocumentReference]:
    """`is_published`: the live publication has the link as well."""
    published = DocumentReference.objects.filter(
        document=OuterRef("document"), scope=PUBLISHED, target=OuterRef("target")
    )
    return linking(entries, scope).annotate(is_published=Exists(published))


@lookups.planned_anew()
def _read(rows: QuerySet[DocumentReference], most: int) -> list[_Link]:
    return [_Link(*row) for row in rows.values_list(*_Link._fields)[: most + 1]]


def linking(entries: Iterable[MediaEntry], scope: DocumentReference.Scope) -> QuerySet[DocumentReference]:
    """The links to any of these entries, each in its own project."""
    by_project: dict[int, list[str]] = {}
    for entry in entries:
        by_project.setdefault(entry.project_id, []).append(index.media_target(entry.media_id))
    own = Q(*(Q(project=project, target__in=targets) for project, targets in by_project.items()), _connector=Q.OR)
    return DocumentReference.objects.filter(own, scope=scope)


def _uses(found: Sequence[_Link], more: bool, dated: QuerySet[Any], date: str) -> Uses:
    by_document: dict[int, list[_Link]] = {}
    for link in found[:MAX_LOOKED_AT]:
        by_document.setdefault(link.document_id, []).append(link)
    shown = dict(list(by_document.items())[: links.MAX_ROWS])
    dates = dict(dated.filter(pk__in=[own[0].sort_id for own in shown.values()]).values_list("pk", date))
    documents = Document.objects.in_bulk(shown)
    rows = [
        Use(documents[key], links.page_of(documents[key]), _places(own), dates.get(own[0].sort_id))
        for key, own in shown.items()
        if key in documents  # else deleted in between
    ]
    return Uses(rows, len(by_document), more)


def _places(own: Sequence[_Link]) -> str:
    names = list(dict.fromkeys(links.place(each.link) for each in own))
    return ", ".join([*names[:MAX_PLACES], *(["…"] if len(names) > MAX_PLACES else [])])
