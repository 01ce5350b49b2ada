"""Who links to a media entry: for its page, which knows nothing of documents."""

from typing import Any

from django import template

from documents.admin import links
from documents.references import index
from media_library.models import MediaEntry

register = template.Library()


@register.inclusion_tag("admin/documents/linking.html")
def documents_linking(entry: MediaEntry) -> dict[str, Any]:
    """The published documents that link to the entry."""
    target = index.media_target(entry.media_id)
    return {"incoming": links.linking(entry.project, target), "at_most": links.AT_MOST}
