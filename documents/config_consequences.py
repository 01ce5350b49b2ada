"""Which documents a new configuration would hide (spec 3.17)."""

from documents.models import Document
from livingdocs_import.models import Project
from livingdocs_import.project_config.publishing import Outcome


def content_types_in_use(project: Project, outcome: Outcome) -> list[str]:
    """The removed content types that there are documents of. No query where none is removed."""
    if not outcome.removed_content_types:
        return []
    documents = Document.objects.filter(project=project, content_type__in=outcome.removed_content_types)
    return sorted(documents.filter(deleted_at=None).values_list("content_type", flat=True).distinct())


def said_of_removed(content_type: str) -> str:
    """The warning about one of them."""
    return f"There are documents of content type '{content_type}', which is removed: it is not shown any more"
