"""Common parts of the admin's pages: read-only history, and lists that never count a big table."""

from collections.abc import Iterable
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime, RelatedFieldWidgetWrapper
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import capfirst
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from livingdocs_import.admin.lookups import OnlyFilters
from livingdocs_import.admin.scoped import Scoped

FAR_ENOUGH = 5_000  # rows: filters are quicker than a hundred pages


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than FAR_ENOUGH, so that a list of millions costs as much as one of thousands."""

    @cached_property
    def _found(self) -> int:
        rows: Any = self.object_list
        return int(rows[: FAR_ENOUGH + 1].count())

    @property
    def count(self) -> int:
        return min(self._found, FAR_ENOUGH)

    @property
    def more(self) -> bool:
        """Whether there are rows that can only be reached with a filter."""
        return self._found > FAR_ENOUGH


class Listed(OnlyFilters, Scoped):
    """A list with a plain title, newest first, that costs little."""

    change_list_template = "admin/listed.html"
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # a count for every choice of every filter
    sortable_by = ()  # columns without an index would be sorted whole
    paginator = BoundedPaginator
    ordering = ("-pk",)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = {"title": capfirst(str(self.opts.verbose_name_plural))}
        return super().changelist_view(request, title | (extra_context or {}))

    def heading(self, obj: Any, /) -> str:
        """The title of an object's page."""
        return str(obj)

    def panels(self, request: HttpRequest, obj: Any, /) -> dict[str, Any]:
        """The extra panels of the template of an object's page."""
        return {}

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """One button to save, a title that names the object, and the panels."""
        context |= {"subtitle": None, "show_save_and_add_another": False, "show_save_and_continue": False}
        if obj is None:
            context["title"] = f"New {self.opts.verbose_name}"
        else:
            context |= {"title": self.heading(obj), **self.panels(request, obj)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """No pop-up links to edit related objects; both halves of a date-time have a label."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is None:
            return None
        if isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        elif isinstance(field.widget, AdminSplitDateTime):
            for widget, half in zip(field.widget.widgets, ("date", "time"), strict=True):
                widget.attrs["aria-label"] = f"{field.label}: {half}"
        return field

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Referenced objects are archived or purged by age, never deleted by hand."""
        return False

    def trace(self, request: HttpRequest, objects: Iterable[Model], message: str) -> None:
        """Record an operator's action in each object's history."""
        for obj in objects:
            self.log_change(request, obj, message)


class ReadOnly(Listed):
    """Rows that only the service writes: read-only."""

    change_form_template = "admin/record.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The whole term, exactly, in one of the search fields: searches are for ids or names."""
        term = search_term.strip()
        anywhere = Q(*((field, term) for field in self.get_search_fields(request)), _connector=Q.OR)
        return queryset.filter(anywhere) if term else queryset, False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """The facts that exist: empty and false ones are left out."""
        fields = list(super().get_fields(request, obj))
        return fields if obj is None else [name for name in fields if self._tells(name, obj)]

    def _tells(self, name: Any, obj: Model) -> bool:
        shown = getattr(self, name, None)
        value = shown(obj) if shown else getattr(obj, name)
        return not (value is None or value is False or value == "")


def badge(word: str, tone: str) -> SafeString:
    """A word in a coloured frame; tone: good, bad, busy or calm. The word is sufficient, the colour helps."""
    return format_html('<span class="badge {}">{}</span>', tone, word)


class RecentFilter(admin.SimpleListFilter):
    """Today and this week, as spans that end now: no night in which "today" is empty."""

    title = "time"
    parameter_name = "created"
    field = "created_at"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "Last 24 hours"), ("7", "Last 7 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if (days := self.value()) in {"1", "7"}:
            return queryset.filter(**{f"{self.field}__gte": timezone.now() - timedelta(days=int(days or 0))})
        return queryset
