"""Media entries with the documents that link to them: the media library does not depend on documents."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from documents.admin import links
from documents.models import DocumentReference
from documents.references import index
from livingdocs_import.db import lookups
from livingdocs_import.db.bounded_counts import bounded_counts
from media_library.admin.cards import MAX_USES
from media_library.admin.entries import MediaEntryAdmin
from media_library.admin.facets import FACETS, Choice, Facet, Newest
from media_library.models import MediaEntry

admin.site.unregister(MediaEntry)
PUBLISHED = DocumentReference.Scope.PUBLICATION


class UseFacet(Facet):
    """Whether a publication links to the entry: documents change, and not the entry, so no index of entries has it."""

    title, parameter_name = "Use", "use"

    def offered(self) -> Sequence[Choice]:
        if self.project is None:
            return []
        return [Choice("used", "Used in publications", is_beyond=True), Choice("unused", "Unused", is_beyond=True)]

    def split(self, rows: Sequence[Newest]) -> Mapping[str, Sequence[int]]:
        targets = {index.media_target(row.media_id): row.pk for row in rows}
        found = lookups.keys(DocumentReference, "target", list(targets), project=self._key, scope=PUBLISHED.value)
        linking = DocumentReference.objects.filter(pk__among=found).values_list("target", flat=True)
        used = {targets[target] for target in linking}
        return {"used": list(used), "unused": [row.pk for row in rows if row.pk not in used]}

    @property
    def _key(self) -> int:
        assert self.project is not None
        return self.project.pk


@admin.register(MediaEntry)
class LinkedMediaEntryAdmin(MediaEntryAdmin):
    change_form_template = "admin/documents/media_entry.html"
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
        """With the published documents that link to the entry."""
        return super().panels(request, entry) | {
            "linking_documents": links.linking(entry.project, index.media_target(entry.media_id)),
            "documents_max_rows": links.MAX_ROWS,
        }
