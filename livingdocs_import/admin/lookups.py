"""Restrict the query string of a list to the look-ups of its own filters, and to keys of rows."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from livingdocs_import.admin.primary_keys import key_of
from livingdocs_import.validation.limits import MAX_FILTER, MAX_FILTERS


class OnlyFilters:
    """Mixed into every ModelAdmin, before Django's class.

    Django allows any look-up on any column of the list's own table, including `regex`. A user who may see a list could
    so guess letter by letter a secret, a digest or the query string of a URL that no page shows.
    """

    model: Any

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Whether the query string may contain this look-up; otherwise the response is 400."""
        return lookup in self.filter_lookups(request)

    def filter_lookups(self, request: HttpRequest | None) -> frozenset[str]:
        """The parameters of the list's filters: `state`, `project__id__exact`, `outcome__isnull`."""
        names: set[str] = set()
        filters: Any = self.get_list_filter(request)  # type: ignore[attr-defined]
        for each in filters:
            if isinstance(each, type) and issubclass(each, SimpleListFilter):
                names.add(str(each.parameter_name))
            else:  # a field's name, or the name and the filter's class
                path = each if isinstance(each, str) else each[0]
                field: Any = get_fields_from_path(self.model, path)[-1]
                exact = f"{path}__{field.target_field.name}__exact" if field.is_relation else f"{path}__exact"
                names |= {exact, f"{path}__isnull"}
        return frozenset(names)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Refuse long search texts and U+0000, on which PostgreSQL fails.

        Django would fail if anything but keys of rows is selected for an action.
        """
        if any("\0" in text for name, values in request.GET.lists() for text in (name, *values)):
            raise BadRequest("the query string holds U+0000")
        if len(request.GET) > MAX_FILTERS or any(len(text) > MAX_FILTER for text in request.GET.values()):
            raise BadRequest("the query string is too long")
        if not all(key_of(text) for text in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("what is selected is no row")
        page: HttpResponse = super().changelist_view(request, extra_context)  # type: ignore[misc]
        return page
