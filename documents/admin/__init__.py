"""The admin of documents: edit and publish them, and look at their revisions."""

from documents.admin import documents, media_entries, revisions

__all__ = ["documents", "media_entries", "revisions"]
