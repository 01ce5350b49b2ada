"""The admin of the media library: entries, references to them, and the audit log of changes."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Min, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from livingdocs_import import errors
from livingdocs_import.admin.access import OPERATED, Access
from livingdocs_import.admin.actions import WithActions
from livingdocs_import.admin.finding import Findable, Hits
from livingdocs_import.admin.pages import FAR_ENOUGH, ReadOnly, RecentFilter
from livingdocs_import.db.time_limit import OutOfTime
from livingdocs_import.models import Operation, Project
from media_library.admin.actions import ACTIONS
from media_library.admin.cards import cards
from media_library.admin.entry_page import EntryPage
from media_library.admin.facets import FACETS, Facet, ProjectFilter
from media_library.admin.library import Library, SortFilter, ViewFilter
from media_library.models import EntryChange, MediaEntry
from media_library.search.find import MAX_FOUND, Found, find

SEARCH = "search"  # the name of what is searched for in errors
NARROWING_NOTHING = frozenset({SortFilter.parameter_name, ViewFilter.parameter_name})  # filters that leave all entries
_PROJECTS, _FOUND = "_visible_projects", "_found_entries"  # kept with a request


def _only_searches(request: HttpRequest) -> bool:
    """Whether nothing narrows the list down but a text, and a project."""
    given = {name for name, value in request.GET.items() if value}
    return SEARCH_VAR in given and given <= {SEARCH_VAR, ProjectFilter.parameter_name} | NARROWING_NOTHING


def _why_nothing_is_found(error: errors.Invalid | OutOfTime) -> str:
    if isinstance(error, OutOfTime):
        return "The search took too long. More words, or a project, make it faster."
    return f"The search {error.details[SEARCH]}."


@admin.register(MediaEntry)
class MediaEntryAdmin(Findable, EntryPage, WithActions, ReadOnly):
    access = Access("project", OPERATED)
    object_actions = ACTIONS
    change_form_template = "admin/media_library/entry.html"
    change_list_template = "admin/media_library/library.html"
    list_per_page = 48
    list_display = ("title",)
    facets: ClassVar[Sequence[type[Facet]]] = FACETS
    list_select_related = ("project",)
    search_fields = ("media_id",)  # what the search box asks for: get_search_results
    search_help_text = (
        "Words of title, file name, caption or credit, or their beginnings; or an id, an address, a storage key"
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[MediaEntry]:
        rows = super().get_queryset(request)
        return rows.select_related("project").defer("metadata", "translations")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Within a project the last changed first, by an index. Over all projects the newest first."""
        return ("-updated_at", "-pk") if len(self.listed_projects(request)) == 1 else ("-pk",)

    def get_list_filter(self, request: HttpRequest) -> Any:
        return (ProjectFilter, *self.facets, SortFilter, ViewFilter)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Library]:
        return Library

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The grid or the list. What is exactly one entry's id, address or key leads to its page."""
        response = super().changelist_view(request, extra_context)
        if not isinstance(response, TemplateResponse) or "cl" not in (response.context_data or {}):
            return response  # the question of an action, or what it leads to
        assert response.context_data is not None
        shown: Library = response.context_data["cl"]
        entries = list(shown.result_list)
        if len(entries) == 1 and _only_searches(request) and self._search(request, shown.query).is_exact:
            return HttpResponseRedirect(reverse("admin:media_library_mediaentry_change", args=[entries[0].pk]))
        response.context_data |= {
            "cards": cards(entries, self.uses_of(entries)),
            "projects": self.visible_projects(request),
            "listed_projects": self.listed_projects(request),
            "list_actions": [(name, label) for _, name, label in self.get_actions(request).values()],
        }
        return response

    def uses_of(self, entries: Sequence[MediaEntry]) -> Mapping[int, int]:
        """In how many publications each is used, by primary key; documents add it."""
        return {}

    # --- Many entries at once

    def selected(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """All that match, also those beyond what the list shows."""
        listed: Library = self.get_changelist_instance(request)
        return listed.everything

    def examples(self, operation: Operation) -> Sequence[Any]:
        """An entry of each media type in each project: the properties that they have in common can be set.

        The first FAR_ENOUGH entries are looked at: of others, those without the property fail.
        """
        first = operation.rows.order_by("batch", "key").values_list("key", flat=True)[:FAR_ENOUGH]
        kinds = MediaEntry.objects.filter(pk__among=list(first)).order_by().values("project", "media_type")
        examples = kinds.annotate(first=Min("pk")).values_list("first", flat=True)
        return list(MediaEntry.objects.select_related("project").filter(pk__in=list(examples)))

    # --- Projects and words

    def visible_projects(self, request: HttpRequest) -> Sequence[Project]:
        """By their handles."""
        if not hasattr(request, _PROJECTS):
            visible = Project.objects.filter(self.visible(request).within("pk"))
            setattr(request, _PROJECTS, list(visible.order_by("handle")))
        projects: Sequence[Project] = getattr(request, _PROJECTS)
        return projects

    def listed_projects(self, request: HttpRequest) -> Sequence[Project]:
        """The project that the list is narrowed to, or all that the user may see."""
        chosen, visible = request.GET.get(ProjectFilter.parameter_name, ""), self.visible_projects(request)
        return [project for project in visible if str(project.pk) == chosen] if chosen else visible

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By id, address or storage key; else by words (docs/adr/0028)."""
        ids = self.found_ids(request, search_term)
        return queryset if ids is None else queryset.filter(pk__among=ids), False

    def find(self, request: HttpRequest, text: str, most: int) -> Hits:
        """As the list does: by id, address or storage key, or else by words."""
        projects = [project.pk for project in self.visible_projects(request)]
        try:
            found = find(projects, text, SEARCH, most) if projects else Found([])
        except (errors.Invalid, OutOfTime):
            found = Found([])
        rows = self.get_queryset(request).filter(pk__among=list(found.entry_ids)).order_by("-pk")
        return Hits(list(rows) if found.entry_ids else [], found.is_exact)

    def found_ids(self, request: HttpRequest, term: str) -> list[int] | None:
        """The entries that a search finds; None: nothing is searched for."""
        return list(self._search(request, term).entry_ids) if term.strip() else None

    def _search(self, request: HttpRequest, term: str) -> Found:
        """What a search finds, asked once for each request; what is wrong with it is shown as a message."""
        if not hasattr(request, _FOUND):
            setattr(request, _FOUND, self._find(request, term.strip()))
        found: Found = getattr(request, _FOUND)
        return found

    def _find(self, request: HttpRequest, term: str) -> Found:
        if not self.listed_projects(request):
            return Found([])
        try:
            found = find([project.pk for project in self.listed_projects(request)], term, SEARCH)
        except (errors.Invalid, OutOfTime) as error:
            self.message_user(request, _why_nothing_is_found(error), messages.WARNING)
            return Found([])
        if found.more:
            message = f"More than {MAX_FOUND:,} entries have these words. The newest {MAX_FOUND:,} are looked through."
            self.message_user(request, message, messages.INFO)
        return found


class ChangedFilter(RecentFilter):
    parameter_name = "at"
    field = "at"


@admin.register(EntryChange)
class EntryChangeAdmin(ReadOnly):
    """The audit log of all entries."""

    access = Access("entry__project", OPERATED)
    list_display = ("at", "entry_link", "version", "actor", "actor_name", "what", "job")
    list_display_links = ("at",)
    list_filter = (ChangedFilter, "actor")
    list_select_related = ("entry",)
    search_fields = ("actor_name",)
    search_help_text = "The name of a person or an API client"
    fields = ("at", "entry_link", "version", "actor", "actor_name", "what", "job")
    readonly_fields = ("entry_link", "what")

    def get_queryset(self, request: HttpRequest) -> QuerySet[EntryChange]:
        rows = super().get_queryset(request)
        return rows.select_related("entry").defer("entry__metadata", "entry__translations")

    @admin.display(description="Entry")
    def entry_link(self, change: EntryChange) -> SafeString:
        address = reverse("admin:media_library_mediaentry_change", args=[change.entry_id])
        return format_html('<a href="{}">{}</a>', address, change.entry)

    @admin.display(description="What")
    def what(self, change: EntryChange) -> str:
        return ", ".join(change.operations)
