"""Common parts of the admin's pages: read-only history, and lists that neither count nor read a big table for long."""

from collections.abc import Iterable
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
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
from livingdocs_import.db.time_limit import OutOfTime, time_limit

FAR_ENOUGH = 5_000  # rows: filters are quicker than a hundred pages
TOOK_TOO_LONG = "Finding these took too long. A filter or a search may be quicker."
_OUT_OF_TIME = "_out_of_time"  # kept with a request


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than FAR_ENOUGH, so that a list of millions costs as much as one of thousands."""

    @cached_property
    def _found(self) -> int:
        return int(self._counted()[: FAR_ENOUGH + 1].count())

    def _counted(self) -> Any:
        return self.object_list

    @property
    def count(self) -> int:
        return min(self._found, FAR_ENOUGH)

    @property
    def more(self) -> bool:
        """Whether there are rows that can only be reached with a filter."""
        return self._found > FAR_ENOUGH


class PaginatorOfMember(BoundedPaginator):
    """Counts in any order: in that of the list PostgreSQL reads what is newer in other projects as well.

    Of 1,000,000 changes, 300,000 of them the member's and the oldest: 2 ms instead of 590.
    """

    def _counted(self) -> Any:
        return super()._counted().order_by()


class Listed(OnlyFilters, Scoped):
    """A list with a plain title, newest first.

    For users of all projects it costs little: an index has its order. Rows that have no project of their own, only
    through an entry, a document or a job, are found for a member by walking along that order, past those of other
    projects, which reads as many rows as are newer: 0.6 s for 700,000 (docs/adr/0039). Hence the time limit, which
    binds searches of all users, for some texts, such as the beginning of a document's title, have no index.
    """

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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.none() if hasattr(request, _OUT_OF_TIME) else rows

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        paginator = self.paginator if self.visible(request).is_everything else PaginatorOfMember
        return paginator(*args, **kwargs)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """A member's list, or a search, is empty, with a message, if it took too long."""
        if self.visible(request).is_everything and not request.GET.get(SEARCH_VAR):
            return super().get_changelist_instance(request)
        try:
            return self._read(request)
        except OutOfTime:
            setattr(request, _OUT_OF_TIME, True)
            self.message_user(request, TOOK_TOO_LONG, messages.WARNING)
            return super().get_changelist_instance(request)

    def _read(self, request: HttpRequest) -> Any:
        with time_limit(settings.ADMIN_LIST_SECONDS):
            listed = super().get_changelist_instance(request)
            len(listed.result_list)  # the template reads it, after the limit
        return listed

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
        return with_labelled_halves(field)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Referenced objects are archived or purged by age, never deleted by hand."""
        return False

    def trace(self, request: HttpRequest, objects: Iterable[Model], message: str) -> None:
        """Record an operator's action in each object's history."""
        for obj in objects:
            self.log_change(request, obj, message)


def with_labelled_halves(field: Any) -> Any:
    """The field of a form; if it is a date-time, both of its inputs have a label."""
    if isinstance(field.widget, AdminSplitDateTime):
        for widget, half in zip(field.widget.widgets, ("date", "time"), strict=True):
            widget.attrs["aria-label"] = f"{field.label}: {half}"
    return field


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
