"""The list of the library as it is looked through: narrowed by facets, ordered, each facet counted up to a bound."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import F, QuerySet
from django.http import HttpRequest

from livingdocs_import.admin.pages import FAR_ENOUGH
from livingdocs_import.db.bounded_counts import bounded_counts
from media_library.admin.facets import Choice, Facet, Newest, ProjectFilter
from media_library.models import IndexedEntry
from media_library.search import following

NEWEST = ""
ORDERS: dict[str, tuple[str, tuple[Any, ...]]] = {
    NEWEST: ("Newest change", ()),
    "title": ("Title", ("title", "-pk")),
    "pixels": ("Most pixels", (F("indexed__pixels").desc(nulls_last=True), "-pk")),
    "size": ("Largest file", (F("indexed__size").desc(nulls_last=True), "-pk")),
}


class SortFilter(admin.SimpleListFilter):
    """The order; the list applies it."""

    title, parameter_name = "order", "sort"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, label) for name, (label, _) in ORDERS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset


class ViewFilter(SortFilter):
    """Cards or rows."""

    title, parameter_name = "view", "view"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("", "Grid"), ("list", "List")]


@dataclass(frozen=True)
class ShownChoice:
    """A choice with its address. `number` is None if it was not counted; `more`: there are more than that."""

    label: str
    address: str
    is_chosen: bool
    number: int | None
    more: bool


@dataclass(frozen=True)
class ShownFacet:
    """A facet for the template. `of_newest`: only the newest entries are counted."""

    title: str
    all_label: str
    all_address: str
    choices: Sequence[ShownChoice]
    is_open: bool
    is_chosen: bool
    of_newest: bool


class Library(ChangeList):
    """Facets with an index apply to all entries. Other conditions, and other orders than newest first, apply to the
    newest FAR_ENOUGH of these: so no query reads the whole library."""

    model_admin: Any
    searched: QuerySet[Any]  # what is listed if nothing is chosen

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        self._split: dict[Facet, Mapping[str, Sequence[int]]] = {}  # of the newest entries, by facet
        self.projects = self.model_admin.listed_projects(request)
        self.found_ids = self.model_admin.found_ids(request, self.query)
        self.searched = super().get_queryset(request, exclude_parameters)
        # A project that the user may not see has no entries.
        if len(self.projects) == 1 or request.GET.get(ProjectFilter.parameter_name):
            self.searched = self.searched.filter(project__in=self.projects)
        return self._of_newest(self._narrowed(self._chosen()))

    def _narrowed(self, choices: Sequence[Choice]) -> QuerySet[Any]:
        """The entries of these choices, newest first; without those that no index answers.

        The table of the search finds no more than the list shows: one more than FAR_ENOUGH.
        """
        if not any(choice.indexed for choice in choices):
            return self.searched.filter(**_together(choice.stored for choice in choices))
        order = ("-updated_at", "-entry") if len(self.projects) == 1 else ("-entry",)
        rows = self._matching(choices).order_by(*order).values_list("pk", flat=True)[: FAR_ENOUGH + 1]
        return self.searched.filter(pk__among=list(rows))

    @property
    def everything(self) -> QuerySet[Any]:
        """All entries of these choices, however many, to be selected as a whole; a bounded list has the newest only."""
        if self.is_bounded or not any(choice.indexed for choice in self._chosen()):
            listed: QuerySet[Any] = self.queryset
            return listed
        matching = self._matching(self._chosen()).order_by().values("pk")
        return self.searched.filter(pk__in=matching)

    def _of_newest(self, found: QuerySet[Any]) -> QuerySet[Any]:
        """What the newest entries are narrowed to, or ordered by, without an index."""
        if not self.is_bounded:
            return found
        rows = _newest(found)
        ids = [row.pk for row in rows]
        for spec in self.facet_specs:
            if spec.chosen and spec.chosen.is_beyond:
                self._split[spec] = spec.split(rows)
                ids = list(self._split[spec].get(spec.chosen.value, ()))
        return self.root_queryset.filter(pk__among=ids).order_by(*(ORDERS[self.order][1] or found.query.order_by))

    def _indexed(self, lookups: Mapping[str, Any]) -> QuerySet[IndexedEntry]:
        """Rows of the search, by the indexes that begin with the project."""
        return IndexedEntry.objects.filter(project__in=self.projects, **lookups)

    @property
    def facet_specs(self) -> list[Facet]:
        return [spec for spec in self.filter_specs if isinstance(spec, Facet)]

    def _chosen(self, without: Facet | None = None) -> list[Choice]:
        """The choices of all facets but one."""
        return [choice for spec in self.facet_specs if spec is not without and (choice := spec.chosen)]

    @property
    def order(self) -> str:
        """A name of ORDERS."""
        named = self._value_of(SortFilter)
        return named if named in ORDERS else NEWEST

    @property
    def is_grid(self) -> bool:
        return self._value_of(ViewFilter) != "list"

    def _value_of(self, kind: type[admin.SimpleListFilter]) -> str:
        return next((str(spec.value() or "") for spec in self.filter_specs if type(spec) is kind), "")

    @property
    def is_bounded(self) -> bool:
        """Whether an order or a facet makes the list one of the newest entries alone."""
        return self.order != NEWEST or any(choice.is_beyond for choice in self._chosen())

    # --- For the template

    @cached_property
    def facets(self) -> list[ShownFacet]:
        """All facets; those with an index are counted in one statement, unless one without is chosen."""
        numbers, _ = self._counted
        return [self._shown_facet(spec, {**numbers, **self._beyond(spec)}) for spec in self.facet_specs]

    @property
    def is_indexed(self) -> bool:
        """Whether the numbers are those of all entries."""
        return self._counted[1]

    @cached_property
    def _counted(self) -> tuple[Mapping[Choice, int], bool]:
        pairs = [(spec, choice) for spec in self.facet_specs for choice in spec.choices_by_value.values()]
        queries = {choice: query for spec, choice in pairs if (query := self._having(spec, choice)) is not None}
        *numbers, filled = bounded_counts([*queries.values(), following.filled()], FAR_ENOUGH)
        return dict(zip(queries, numbers, strict=True)), filled > 0

    def _having(self, spec: Facet, choice: Choice) -> QuerySet[Any] | None:
        """What a choice would lead to; None if no index can count it."""
        choices = [*self._chosen(without=spec), choice]
        if any(each.is_beyond for each in choices):
            return None
        query = self._matching(choices)
        if len(self.projects) == 1 and any(name.startswith("updated_at") for each in choices for name in each.indexed):
            # In the order of the index: the rows of a span of time stand together, anywhere in the table.
            query = query.order_by("-updated_at", "-entry").values_list("pk")[: FAR_ENOUGH + 1]
        return query

    def _matching(self, choices: Sequence[Choice]) -> QuerySet[Any]:
        indexed, stored = _together(each.indexed for each in choices), _together(each.stored for each in choices)
        query: QuerySet[Any] = self.root_queryset.filter(project__in=self.projects, **stored)
        if indexed:
            query = self._indexed(indexed).filter(**{f"entry__{name}": value for name, value in stored.items()})
        return query if self.found_ids is None else query.filter(pk__among=self.found_ids)

    def _beyond(self, spec: Facet) -> Mapping[Choice, int]:
        """The numbers of the choices that no index answers, among the newest entries."""
        beyond = [choice for choice in spec.choices_by_value.values() if choice.is_beyond]
        if not beyond:
            return {}
        ids = self._split.get(spec) or spec.split(_newest(self._narrowed(self._chosen(without=spec))))
        return {choice: len(ids[choice.value]) for choice in beyond}

    def _shown_facet(self, spec: Facet, numbers: Mapping[Choice, int]) -> ShownFacet:
        choices = spec.choices_by_value.values()
        return ShownFacet(
            title=str(spec.title),
            all_label=spec.all_label,
            all_address=self.get_query_string(remove=[str(spec.parameter_name), "p"]),
            choices=[self._shown(spec, choice, numbers.get(choice)) for choice in choices],
            is_open=not spec.is_folded or spec.chosen is not None,
            is_chosen=spec.chosen is not None,
            of_newest=any(choice.is_beyond for choice in choices) and self.paginator.more,
        )

    def _shown(self, spec: Facet, choice: Choice, number: int | None) -> ShownChoice:
        name = str(spec.parameter_name)
        return ShownChoice(
            label=choice.label,
            address=self.get_query_string({name: choice.value}, remove=["p"]),
            is_chosen=spec.chosen is choice,
            number=None if number is None else min(number, FAR_ENOUGH),
            more=number is not None and number > FAR_ENOUGH,
        )

    @property
    def orders(self) -> list[tuple[str, str]]:
        """Values and labels."""
        return [(name, label) for name, (label, _) in ORDERS.items()]

    @property
    def kept_parameters(self) -> list[tuple[str, str]]:
        """The facets and the view, which a new search keeps."""
        names = {str(spec.parameter_name) for spec in self.facet_specs} | {"view"}
        return [(name, str(text)) for name, texts in self.filter_params.items() for text in texts if name in names]

    @property
    def grid_address(self) -> str:
        return str(self.get_query_string(remove=["view"]))

    @property
    def list_address(self) -> str:
        return str(self.get_query_string({"view": "list"}))

    @property
    def pages(self) -> tuple[str, str]:
        """The addresses of the previous and the next page; "" where there is none."""
        page = self.paginator.page(self.page_num)
        before = self.get_query_string({"p": page.number - 1}) if page.has_previous() else ""
        after = self.get_query_string({"p": page.number + 1}) if page.has_next() else ""
        return str(before), str(after)

    @property
    def span(self) -> tuple[int, int]:
        """The numbers of the first and the last entry of this page."""
        page = self.paginator.page(self.page_num)
        return page.start_index(), page.end_index()


def _newest(found: QuerySet[Any]) -> list[Newest]:
    return [Newest(*row) for row in found.values_list(*Newest._fields)[:FAR_ENOUGH]]


def _together(lookups: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One mapping: choices of different facets have different look-ups."""
    return {name: value for each in lookups for name, value in each.items()}
