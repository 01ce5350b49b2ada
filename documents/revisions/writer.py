"""Write changes of documents: many of them in a few statements, all of it in the caller's transaction.

The caller has locked the documents and decided, and records events as its last step
(`revisions/publication_events`). Keys are reserved beforehand, so rows that refer to each other are written without
reading keys back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from documents.content.next_change import next_change
from documents.models import Document, DocumentReference, OutdatedPublication, Publication, PublicationEvent, Revision
from documents.references import index
from documents.references.index import DesiredLinks
from documents.revisions import media_usage, unique_values
from documents.revisions.publication_effect import PublicationEffect
from documents.revisions.publish_control import Embargo, PublicationDates
from documents.revisions.state import DocumentState
from documents.revisions.validate import CheckedParts
from livingdocs_import.db import bulk_copy
from livingdocs_import.models import Project

Scope, Event = DocumentReference.Scope, PublicationEvent.Type


@dataclass(frozen=True, slots=True)
class Origin:
    """The author of a revision."""

    source: Revision.Source
    author: str
    job: str = ""  # the import job's public id; "": not an import
    by_time: bool = False  # it was scheduled, and ran without a user


@dataclass(frozen=True, slots=True)
class Step:
    """The change of one document.

    `parts` are those of a new revision, if it `is_revised`, else those of the current one, needed only for publishing
    it. `effect` is the effect on its publication. `dates` and `embargo` are the new ones. A new document has no
    `document_state`, and gets `document_id` if there is one. With `raises_version` the document's version rises without
    a revision, too. `updated_at` is its new date of change; None: now.
    """

    document_state: DocumentState | None
    content_type: str
    document_type: str
    parts: CheckedParts | None
    is_revised: bool
    effect: PublicationEffect
    dates: PublicationDates
    embargo: Embargo | None
    document_id: int | None = None
    raises_version: bool = False
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The result of a step."""

    step: Step
    document_id: int
    version: int
    revision_id: int
    publication_id: int | None  # the new live one; None: not published

    @property
    def is_new(self) -> bool:
        return self.step.document_state is None

    @property
    def publication_before(self) -> int | None:
        return self.step.document_state.publication_id if self.step.document_state else None

    @property
    def event(self) -> tuple[PublicationEvent.Type, int] | None:
        """The event of the publication and its id, of an unpublication the one that ended; None: no event."""
        if self.step.effect is PublicationEffect.PUBLISHED and self.publication_id is not None:
            return (Event.UPDATE if self.publication_before else Event.PUBLISH), self.publication_id
        if self.step.effect is PublicationEffect.UNPUBLISHED and self.publication_before is not None:
            return Event.UNPUBLISH, self.publication_before
        return None


def carry_out(project: Project, steps: Sequence[Step], origin: Origin, now: datetime) -> list[Written]:
    """Write the steps, which are about different documents; returns their results in order."""
    written = _numbered(steps)
    revised = [(row, row.step.parts) for row in written if row.step.parts is not None and row.step.is_revised]
    published = [(row, row.step.parts) for row in written if row.step.parts is not None and _is_published(row)]
    unpublished = [
        row for row in written if row.step.effect is PublicationEffect.UNPUBLISHED and row.publication_before
    ]
    _write_documents(project, written, now)
    _write_revisions(revised, origin, now)
    _write_publications(published, unpublished, now)
    _write_references(project, revised, published, unpublished)
    _write_unique_values(project, published, unpublished)
    _note_embargoes(project, written)
    media_usage.record(project, [_use(row, parts, now) for row, parts in published], now, by=origin.author)
    return written


def _use(row: Written, parts: CheckedParts, now: datetime) -> media_usage.Published:
    return media_usage.Published(
        row.document_id, row.publication_id or 0, row.step.content_type, parts, row.step.dates.last or now
    )


Revised = Sequence[tuple[Written, CheckedParts]]


def _is_published(row: Written) -> bool:
    return row.step.effect is PublicationEffect.PUBLISHED


# --- Numbers ---------------------------------------------------------------------------------------------------------


def _numbered(steps: Sequence[Step]) -> list[Written]:
    """Reserve the keys that the steps need and assign them."""
    documents = iter(_document_ids(sum(step.document_state is None and step.document_id is None for step in steps)))
    revisions = iter(_reserved(Revision, sum(step.is_revised for step in steps)))
    publications = iter(_reserved(Publication, sum(step.effect is PublicationEffect.PUBLISHED for step in steps)))
    written = []
    for step in steps:
        document_state = step.document_state
        if document_state is None:
            document_id, version, revision_id = step.document_id or next(documents), 1, next(revisions)
        elif step.is_revised:
            document_id, version, revision_id = document_state.document_id, document_state.version + 1, next(revisions)
        else:
            document_id, revision_id = document_state.document_id, document_state.revision_id
            version = document_state.version + step.raises_version
        publication_id = None
        if step.effect is PublicationEffect.PUBLISHED:
            publication_id = next(publications)
        elif step.effect is PublicationEffect.UNCHANGED and document_state is not None:
            publication_id = document_state.publication_id
        written.append(Written(step, document_id, version, revision_id, publication_id))
    return written


def _reserved(model: type[Document | Revision | Publication], number: int) -> list[int]:
    return bulk_copy.reserve_ids(model, number) if number else []


def _document_ids(number: int) -> list[int]:
    """Unused numbers above those that clients may choose themselves (DOC-55)."""
    ids = _reserved(Document, number)
    if ids and ids[0] < settings.DOCUMENT_CUSTOM_IDS_BELOW:
        bulk_copy.raise_ids(Document, settings.DOCUMENT_CUSTOM_IDS_BELOW)
        ids = _reserved(Document, number)
    return ids


# --- Documents and revisions -----------------------------------------------------------------------------------------

_FIXED = ("id", "project", "content_type", "document_type", "created_at")
_CHANGING = (
    "version", "current_revision_id", "live_publication_id",
    "first_publication_date", "last_publication_date",
    "significant_publication_date", "visible_publication_date_override",
    "embargo", "updated_at",
)  # fmt: skip
_REVISION = (
    "id", "document", "version", "title", "content", "metadata", "translations",
    "design_name", "design_version", "source", "author", "job", "created_at",
)  # fmt: skip


def _write_documents(project: Project, written: Sequence[Written], now: datetime) -> None:
    new, revised, others = [], [], []
    for row in written:
        step, dates = row.step, row.step.dates
        changing = (
            row.version, row.revision_id, row.publication_id,
            dates.first, dates.last, dates.significant, dates.visible_override,
            None if step.embargo is None else step.embargo.as_dict(), step.updated_at or now,
        )  # fmt: skip
        if not step.is_revised or step.parts is None:
            others.append((row.document_id, *changing))
        elif step.document_state is None:
            fixed = (row.document_id, project.pk, step.content_type, step.document_type, now)
            new.append((*fixed, step.parts.title, *changing))
        else:
            revised.append((row.document_id, step.parts.title, *changing))
    bulk_copy.insert(Document, (*_FIXED, "title", *_CHANGING), new)
    bulk_copy.update(Document, ("title", *_CHANGING), revised)
    bulk_copy.update(Document, _CHANGING, others)


def _write_revisions(revised: Revised, origin: Origin, now: datetime) -> None:
    rows = [
        (
            row.revision_id, row.document_id, row.version, parts.title, parts.content, parts.metadata,
            parts.translations, parts.design.name, parts.design.version,
            origin.source, origin.author, origin.job, now,
        )
        for row, parts in revised
    ]  # fmt: skip
    bulk_copy.insert(Revision, _REVISION, rows)


# --- Publications ----------------------------------------------------------------------------------------------------


def _write_publications(published: Revised, unpublished: Sequence[Written], now: datetime) -> None:
    # The old ones first: a document has at most one that has not ended.
    before = (row.publication_before for row in (*(row for row, _ in published), *unpublished))
    ended = [publication_id for publication_id in before if publication_id is not None]
    if ended:
        Publication.objects.filter(pk__in=ended).update(unpublished_at=now, changes_at=None)
    bulk_copy.insert(
        Publication,
        ("id", "document", "revision", "published_at", "changes_at"),
        [
            (row.publication_id, row.document_id, row.revision_id, row.step.dates.last, next_change(parts.content, now))
            for row, parts in published
        ],
    )


# --- Dependent rows --------------------------------------------------------------------------------------------------


def _write_references(project: Project, revised: Revised, published: Revised, unpublished: Sequence[Written]) -> None:
    links = {row.document_id: index.links(parts.references) for row, parts in (*revised, *published)}
    drafts = [DesiredLinks(row.document_id, row.revision_id, links[row.document_id], row.is_new) for row, _ in revised]
    live = [
        DesiredLinks(row.document_id, row.publication_id or 0, links[row.document_id], row.publication_before is None)
        for row, _ in published
    ]
    index.replace(project, Scope.DRAFT, drafts)
    index.replace(project, Scope.PUBLICATION, live)
    index.forget(Scope.PUBLICATION, [row.document_id for row in unpublished])


def _write_unique_values(project: Project, published: Revised, unpublished: Sequence[Written]) -> None:
    wanted = {row.document_id: list(parts.unique_values.values()) for row, parts in published}
    republished = [row for row, _ in published if row.publication_before is not None]
    unique_values.replace(project, wanted, holders_before=[row.document_id for row in (*republished, *unpublished)])


def _note_embargoes(project: Project, written: Sequence[Written]) -> None:
    """The search hears of publications by their events; an embargo on what stays published has none."""
    changed = [
        (project.pk, row.document_id)
        for row in written
        if row.publication_id is not None
        and row.publication_id == row.publication_before
        and row.step.document_state is not None
        and row.step.embargo != row.step.document_state.embargo
    ]
    bulk_copy.insert(OutdatedPublication, ("project", "document"), changed)
