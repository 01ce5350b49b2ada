"""Whether operators did something to an object, so that no page links to an empty history."""

from django import template
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

register = template.Library()


@register.filter
def has_history(row: Model) -> bool:
    """Whether the history of a row of the admin has an entry."""
    kind = ContentType.objects.get_for_model(row)
    return LogEntry.objects.filter(content_type=kind, object_id=str(row.pk)).exists()
