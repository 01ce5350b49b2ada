"""Media entries with the documents that link to them: the media library does not depend on documents."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from documents.admin import links, uses
from documents.models import DocumentReference
from documents.references import index
from livingdocs_import.admin.actions import Action
from livingdocs_import.db import lookups
from livingdocs_import.db.bounded_counts import bounded_counts
from livingdocs_import.models import Operation
from livingdocs_import.operations.kinds import Question
from media_library.admin.cards import MAX_USES, uses_in_words
from media_library.admin.entries import MediaEntryAdmin
from media_library.admin.facets import FACETS, Choice, Facet, Newest
from media_library.models import MediaEntry

admin.site.unregister(MediaEntry)
PUBLISHED = DocumentReference.Scope.PUBLICATION
MAX_LINKS = 5_000  # looked at for a question
MAX_ENTRIES = 1_000  # of a large selection, whose links are looked at


class UseFacet(Facet):
    """Whether a publication links to the entry: documents change, and not the entry, so no index of entries has it."""

    title, parameter_name = "Use", "use"

    def offered(self) -> Sequence[Choice]:
        if self.project is None:
            return []
        return [Choice("used", "Used in publications", is_beyond=True), Choice("unused", "Unused", is_beyond=True)]

    def split(self, rows: Sequence[Newest]) -> Mapping[str, Sequence[int]]:
        targets = {index.media_target(row.media_id): row.pk for row in rows}
        linked = lookups.existing(DocumentReference, "target", list(targets), project=self._key, scope=PUBLISHED.value)
        used = {targets[target] for target in linked}
        return {"used": list(used), "unused": [row.pk for row in rows if row.pk not in used]}

    @property
    def _key(self) -> int:
        assert self.project is not None
        return self.project.pk


@admin.register(MediaEntry)
class LinkedMediaEntryAdmin(MediaEntryAdmin):
    change_form_template = "admin/documents/media_entry.html"
    ask_template = "admin/documents/ask_entries.html"
    facets = (*FACETS[:2], UseFacet, *FACETS[2:])

    def uses_of(self, entries: Sequence[MediaEntry]) -> Mapping[int, int]:
        """In how many publications each is used: more than MAX_USES are not counted."""
        linking = [
            index.incoming(entry.project, PUBLISHED, index.media_target(entry.media_id))
            .order_by()
            .values("document")
            .distinct()[: MAX_USES + 1]
            for entry in entries
        ]
        return dict(zip([entry.pk for entry in entries], bounded_counts(linking, MAX_USES), strict=True))

    def panels(self, request: HttpRequest, entry: MediaEntry) -> dict[str, Any]:
        """With the publications and drafts that link to the entry."""
        publications = uses.publications(entry)
        return super().panels(request, entry) | {
            "publications": publications,
            "drafts": uses.drafts(entry),
            "uses_in_words": uses_in_words(publications.number),
        }

    # --- Questions

    def confirmation(self, action: Action[Any], things: Sequence[MediaEntry]) -> str:
        """With the size: `Revoke in 3 publications`, `Revoke 12 entries used in 3 publications`."""
        entries = "" if len(things) == 1 else f" {len(things)} entries"
        if not action.destructive:
            of = " of" if action.name == "set_property" else ""
            return f"{action.label}{of}{entries}" if entries else super().confirmation(action, things)
        number, more = publications_with(things)
        if not number:
            return f"{action.label}{entries or ' it'}"
        publications = f"{number}{'+' if more else ''} publication{'s' if number > 1 else ''}"
        return f"{action.label}{entries}{' used' if entries else ''} in {publications}"

    def consequences(self, action: Action[Any], things: Sequence[MediaEntry]) -> dict[str, Any]:
        """The publications in which readers would miss them."""
        if not action.destructive:
            return {}
        number, more = publications_with(things)
        newest_first = ("-sort_id", "position") if len(things) == 1 else ()  # an index has the order for one entry
        rows = uses.linking(things, PUBLISHED).select_related("document").order_by(*newest_first)
        linking = links.of_documents(rows[: links.MAX_ROWS + 1])
        drafts, more_drafts = uses.number_of_drafts(things, MAX_LINKS)
        return {
            "linking_documents": linking[: links.MAX_ROWS],
            "more_links": len(linking) > links.MAX_ROWS,
            "number_of_uses": number,
            "more_uses": more,
            "number_of_drafts": drafts,
            "more_drafts": more_drafts,
        }

    def question(self, action: Action[Any], operation: Operation) -> Question:
        """With the number of publications in which readers would miss entries of a large selection."""
        asked = super().question(action, operation)
        if not action.destructive:
            return asked
        first = operation.rows.order_by("batch", "key").values_list("key", flat=True)[:MAX_ENTRIES]
        entries = list(MediaEntry.objects.filter(pk__among=list(first)).only("project", "media_id"))
        return replace(asked, sentences=[*asked.sentences, _loss_in_words(entries, operation.total)])


def _loss_in_words(entries: Sequence[MediaEntry], total: int) -> str:
    """`Readers see them now in more than 12 publications`: `entries` are those of the `total` that were looked at."""
    number, more = publications_with(entries) if entries else (0, False)
    is_part = more or len(entries) < total
    if not number:
        looked_at = f"None of the first {len(entries):,} of them" if is_part else "None of them"
        return f"{looked_at} is used in a publication."
    of = f"{'more than ' if is_part else ''}{number:,} publication{'s' if number > 1 else ''}"
    return f"Readers see them now in {of}; there they will be gaps."


def publications_with(entries: Sequence[MediaEntry]) -> tuple[int, bool]:
    """In how many publications any of these is used, and whether there are more than were looked at."""
    rows = uses.linking(entries, PUBLISHED).values_list("document", flat=True)[: MAX_LINKS + 1]
    found = list(rows)
    return len(set(found)), len(found) > MAX_LINKS
