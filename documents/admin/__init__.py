"""The operator's desk for documents: change them by hand, publish them, look at what they were."""

from documents.admin import documents, revisions

__all__ = ["documents", "revisions"]
