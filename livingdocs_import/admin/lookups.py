"""What a list takes from a browser: the look-ups that its own filters make, exactly, keys of rows, and nothing else."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from livingdocs_import.admin.keys import key_of
from livingdocs_import.validation.limits import MAX_FILTER, MAX_FILTERS


class OnlyFilters:
    """Mixed into every ModelAdmin, before Django's class.

    Django allows any look-up on any column of the list's own table, `regex` among them. Whoever may see a list could so
    ask letter by letter for a secret, a digest or the query string of an address that no page shows.
    """

    model: Any

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Whether the query string may ask this; what may not be asked is answered with 400."""
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
        """No text that is looked for is long, and none holds U+0000: PostgreSQL fails when it is asked for that.

        Django would fail where something else than keys of rows is selected for an action.
        """
        if any("\0" in text for name, values in request.GET.lists() for text in (name, *values)):
            raise BadRequest("the query string holds U+0000")
        if len(request.GET) > MAX_FILTERS or any(len(text) > MAX_FILTER for text in request.GET.values()):
            raise BadRequest("the query string is too long")
        if not all(key_of(text) for text in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("what is selected is no row")
        page: HttpResponse = super().changelist_view(request, extra_context)  # type: ignore[misc]
        return page
