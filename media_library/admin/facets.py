"""The facets of the library: what it is narrowed down by, each with look-ups that an index answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, NamedTuple

from django.contrib import admin
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from livingdocs_import.models import Project
from livingdocs_import.project_config import InvalidConfig, MediaType, store
from media_library.admin import labels
from media_library.models import MediaEntry
from media_library.search.facets import is_alt

MAX_SYSTEMS = 12  # offered of a project
MEGA = 1_000_000
STATES = ("archived", "invalid", "revoked")

# A project's system names: one look-up in an index for each, however many entries there are.
_SYSTEMS = """
    WITH RECURSIVE found (name) AS (
        SELECT MIN(system_name) FROM media_library_mediaentry WHERE project_id = %s
        UNION ALL
        SELECT (
            SELECT MIN(system_name) FROM media_library_mediaentry WHERE project_id = %s AND system_name > found.name
        ) FROM found WHERE found.name IS NOT NULL
    )
    SELECT name FROM found WHERE name IS NOT NULL LIMIT %s
"""


@dataclass(frozen=True, eq=False)
class Choice:
    """One value of a facet: the look-ups of its entries, in the table of the search and in that of entries.

    `is_beyond`: no index answers it, and so it applies to the newest entries alone, by `Facet.split`.
    """

    value: str
    label: str
    indexed: Mapping[str, Any] = field(default_factory=dict)
    stored: Mapping[str, Any] = field(default_factory=dict)
    is_beyond: bool = False


class Newest(NamedTuple):
    """What is read of the newest entries."""

    pk: int
    media_id: str


class Facet(admin.SimpleListFilter):
    """A filter whose choices are counted. Without choices it is not shown, and has no effect."""

    all_label: ClassVar[str] = "All"
    is_folded: ClassVar[bool] = False

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self.projects: Sequence[Project] = model_admin.listed_projects(request)
        self.choices_by_value: Mapping[str, Choice] = {choice.value: choice for choice in self.offered()}
        super().__init__(request, params, model, model_admin)

    def offered(self) -> Sequence[Choice]:
        """The choices in their order."""
        raise NotImplementedError

    @property
    def project(self) -> Project | None:
        """The only project of the list."""
        return self.projects[0] if len(self.projects) == 1 else None

    @property
    def chosen(self) -> Choice | None:
        return self.choices_by_value.get(self.value() or "")

    def split(self, rows: Sequence[Newest]) -> Mapping[str, Sequence[int]]:
        """The primary keys of some entries by value, for the choices that are beyond."""
        return {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(choice.value, choice.label) for choice in self.choices_by_value.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Unchanged: the list applies all facets together."""
        return queryset


class TypeFacet(Facet):
    title, parameter_name, all_label = "Type", "type", "All types"

    def offered(self) -> Sequence[Choice]:
        return [
            Choice(handle, labels.of_type(media_type, handle), {"media_type": handle})
            for handle, media_type in media_types(self.project).items()
        ]


class CareFacet(Facet):
    title, parameter_name = "Needs care", "needs"

    def offered(self) -> Sequence[Choice]:
        if not any(has_alt_property(kind) for project in self.projects for kind in media_types(project).values()):
            return []
        return [Choice("alt", "Alt text missing", {"lacks_alt": True})]


class StateFacet(Facet):
    title, parameter_name, all_label = "State", "state", "All states"

    def offered(self) -> Sequence[Choice]:
        return [
            Choice("active", "Active", stored=dict.fromkeys(STATES, False)),
            *(Choice(state, state.capitalize(), stored={state: True}) for state in STATES),
        ]


class SystemFacet(Facet):
    title, parameter_name, all_label = "System", "system", "All systems"

    def offered(self) -> Sequence[Choice]:
        return [Choice(name, name, {"system_name": name}) for name in system_names(self.project)]


class SizeFacet(Facet):
    title, parameter_name, all_label, is_folded = "Size", "size", "All sizes", True

    def offered(self) -> Sequence[Choice]:
        return [
            Choice("small", "Under half a megapixel", {"pixels__lt": MEGA // 2}),
            Choice("large", "Over 20 megapixels", {"pixels__gt": 20 * MEGA}),
            Choice("heavy", "Over 50 MB", {"size__gt": 50 * MEGA}),
        ]


class DateFacet(Facet):
    title, parameter_name, all_label, is_folded = "Last change", "updated", "Any time", True

    def offered(self) -> Sequence[Choice]:
        now = timezone.now()
        spans = {"1": "24 hours", "7": "7 days", "30": "30 days"}
        return [
            *(
                Choice(days, label, {"updated_at__gte": now - timedelta(days=int(days))})
                for days, label in spans.items()
            ),
            Choice("old", "More than a year ago", {"updated_at__lt": now - timedelta(days=365)}),
        ]


class ProjectFilter(admin.SimpleListFilter):
    """One of the projects that the user may see; the list applies it."""

    title, parameter_name = "project", "project__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(project.pk), str(project)) for project in model_admin.visible_projects(request)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset


FACETS = (TypeFacet, CareFacet, StateFacet, SystemFacet, SizeFacet, DateFacet)


def media_types(project: Project | None) -> Mapping[str, MediaType]:
    """The media types of a project by handle; none without a project, or with an unreadable configuration."""
    if project is None:
        return {}
    try:
        return store.readable(project).media_types
    except InvalidConfig:
        return {}


def has_alt_property(media_type: MediaType | None) -> bool:
    """Whether entries of this type have a property for the alt text."""
    if media_type is None or media_type.base_type != MediaEntry.BaseType.IMAGE:
        return False
    return any(map(is_alt, media_type.metadata.properties))


def system_names(project: Project | None) -> list[str]:
    """The systems from which entries of the project were imported, in their order."""
    if project is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_SYSTEMS, [project.pk, project.pk, MAX_SYSTEMS])
        return [row[0] for row in cursor.fetchall()]
