"""The page of a media entry with the documents that link to it: the media library does not depend on documents."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from documents.admin import links
from documents.references import index
from media_library.admin.entries import MediaEntryAdmin
from media_library.models import MediaEntry

admin.site.unregister(MediaEntry)


@admin.register(MediaEntry)
class LinkedMediaEntryAdmin(MediaEntryAdmin):
    change_form_template = "admin/documents/media_entry.html"

    def panels(self, request: HttpRequest, entry: MediaEntry) -> dict[str, Any]:
        """With the published documents that link to the entry."""
        return super().panels(request, entry) | {
            "linking_documents": links.linking(entry.project, index.media_target(entry.media_id)),
            "documents_max_rows": links.MAX_ROWS,
        }
