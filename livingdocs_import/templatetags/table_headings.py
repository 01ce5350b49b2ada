"""`with_all_headings`: the headings that Django leaves empty in a table of rows on another row's page."""

from django.template import Library
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = Library()

ORIGINAL, DELETE = '<th class="original">', "<th>"
END = "</th>"


@register.filter
def with_all_headings(table: SafeString, name: str) -> SafeString:
    """The table as Django writes it; its empty headings have texts that only screen readers read."""
    for start, text in ((ORIGINAL, capfirst(name)), (DELETE, "Delete?")):
        hidden = format_html('<span class="vh">{}</span>', text)
        table = mark_safe(table.replace(f"{start}{END}", f"{start}{hidden}{END}"))  # noqa: S308 (escaped above)
    return table
