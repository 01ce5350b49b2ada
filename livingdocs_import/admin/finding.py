"""The search in the header of each page: rows of all kinds that a user may see, by an id or by words."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import capfirst
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

MAX_ROWS = 10  # of a kind
MAX_TEXT = 400  # characters: as long as an external id
MAX_NUMBER = 2**63 - 1  # a primary key


class Hits(NamedTuple):
    """Rows of a model. `is_exact`: the text is an id, an address or a key of them; otherwise they have its words."""

    rows: Sequence[Any]
    is_exact: bool = True


class Findable:
    """Mixed into a ModelAdmin, before its class, whose rows are found from the header."""

    opts: Any
    admin_site: Any
    # False: rows about other rows, such as items of imports. They are found only if nothing else has the id.
    opens_first: ClassVar[bool] = True

    def find(self, request: HttpRequest, text: str, most: int) -> Hits:
        """At most so many rows that the user may see, newest first, each with its `project`."""
        raise NotImplementedError

    def about(self, row: Any) -> str:
        """What a result shows beside the heading."""
        return str(row.project.label or row.project.handle)


@dataclass(frozen=True)
class Result:
    """One row: its address, and the words of the link."""

    heading: str
    about: str
    url: str


@dataclass(frozen=True)
class Group:
    """The results of one kind. `list_url`: the list of all that the text finds."""

    kind: str
    results: Sequence[Result]
    more: bool
    list_url: str
    is_exact: bool


class Findings:
    """What a text finds: what has this id, or else what has these words."""

    def __init__(self, request: HttpRequest, site: AdminSite, text: str) -> None:
        self._request = request
        self._pages: list[Any] = [
            page for page in site._registry.values() if isinstance(page, Findable) and page.has_view_permission(request)
        ]
        self.text = text

    @cached_property
    def groups(self) -> list[Group]:
        """Those that have results."""
        if not self.text:
            return []
        first = self._found(opens_first=True)
        exact = [group for group in first if group.is_exact]
        return exact or self._found(opens_first=False) or first

    @property
    def only(self) -> str:
        """The address of the one row that has this id; "": there is none, or more than one."""
        results = [result for group in self.groups if group.is_exact for result in group.results]
        return results[0].url if len(results) == 1 else ""

    @property
    def lists(self) -> list[tuple[str, str]]:
        """The lists that have more to search in: [(name, address)]."""
        return [(capfirst(str(page.opts.verbose_name_plural)), self._list_url(page)) for page in self._pages]

    def _found(self, opens_first: bool) -> list[Group]:
        groups = [self._group(page) for page in self._pages if page.opens_first is opens_first]
        return [group for group in groups if group.results]

    def _group(self, page: Any) -> Group:
        hits = page.find(self._request, self.text, MAX_ROWS + 1)
        return Group(
            kind=capfirst(str(page.opts.verbose_name_plural)),
            results=[_result(page, row) for row in hits.rows[:MAX_ROWS]],
            more=len(hits.rows) > MAX_ROWS,
            list_url=self._list_url(page),
            is_exact=hits.is_exact,
        )

    def _list_url(self, page: Any) -> str:
        return f"{_address(page, 'changelist')}?{urlencode({'q': self.text})}"


@require_GET
def find_view(request: HttpRequest) -> HttpResponse:
    """What has the text as its id opens if it is alone; otherwise a list of all that was found."""
    found = Findings(request, admin.site, searched(request.GET.get("q", "")))
    if found.only:
        return HttpResponseRedirect(found.only)
    context = {**admin.site.each_context(request), "title": "Find", "found": found}
    return TemplateResponse(request, "admin/livingdocs_import/find.html", context)


def searched(given: str) -> str:
    """A text as it may be asked for."""
    return given.replace("\0", "").strip()[:MAX_TEXT]


def number(text: str) -> int | None:
    """A primary key; None if the text is none."""
    return int(text) if text.isdecimal() and len(text) < 20 and int(text) <= MAX_NUMBER else None


def _result(page: Any, row: Any) -> Result:
    return Result(page.heading(row), page.about(row), _address(page, "change", row.pk))


def _address(page: Any, view: str, *arguments: Any) -> str:
    return reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_{view}", args=arguments)
