"""The admin of the media library: entries, references to them, and the audit log of changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from livingdocs_import import errors
from livingdocs_import.admin import readable
from livingdocs_import.admin.actions import WithActions
from livingdocs_import.admin.pages import ReadOnly, RecentFilter, badge
from livingdocs_import.db.time_limit import OutOfTime
from livingdocs_import.models import Project
from livingdocs_import.validation.limits import quoted
from media_library import asset_urls
from media_library.admin.actions import ACTIONS
from media_library.entries import references
from media_library.models import EntryChange, MediaEntry, MediaReference
from media_library.search.find import MAX_FOUND, find

IN_LIST, ON_PAGE = 128, 640  # requested pixels: twice the displayed size, for high-density screens
MAX_ROWS = 50  # rows of a panel
SEARCH = "search"  # the name of what is searched for in errors
TARGET_TYPES = {
    MediaEntry.BaseType.IMAGE: ("image",),
    MediaEntry.BaseType.VIDEO: ("video",),
    MediaEntry.BaseType.FILE: ("file", "audio"),
}
TONES = {"active": "good", "archived": "calm", "invalid": "busy", "revoked": "bad"}


class EntryStateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, state.capitalize()) for state in TONES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaEntry]) -> QuerySet[MediaEntry]:
        match self.value():
            case "active":
                return queryset.filter(revoked=False, archived=False, invalid=False)
            case "archived" | "invalid" | "revoked" as state:
                return queryset.filter(**{state: True})
        return queryset


class UpdatedFilter(RecentFilter):
    title = "last change"
    parameter_name = "updated"
    field = "updated_at"


def picture(entry: MediaEntry, width: int) -> SafeString:
    """The entry's image, loaded when it scrolls into view; a text if there is none to show."""
    if entry.base_type != MediaEntry.BaseType.IMAGE:
        return _word(entry.get_base_type_display().lower())
    if reason := not_shown(entry):
        return _word(reason)
    url = asset_urls.original_url(entry.asset["key"], project_id=entry.project_id, title=entry.title)
    return format_html(
        '<img class="picture" loading="lazy" decoding="async" src="{}&w={}" alt="Preview of {}">', url, width, entry
    )


def asset(entry: MediaEntry) -> SafeString:
    """The entry's image, its video player, or a link to its file; a text if it is unavailable."""
    if entry.base_type == MediaEntry.BaseType.IMAGE:
        return picture(entry, ON_PAGE)
    if reason := not_shown(entry):
        return _word(reason)
    url = asset_urls.original_url(entry.asset["key"], project_id=entry.project_id, title=entry.title)
    if entry.base_type == MediaEntry.BaseType.VIDEO:
        return format_html(
            '<video class="picture" controls preload="metadata" src="{}" aria-label="{}"></video>', url, entry
        )
    size = filesizeformat(entry.asset.get("size", 0))
    return format_html('<a class="button plain" href="{}">Open the file</a> {}, {}', url, entry.asset["mimeType"], size)


def not_shown(entry: MediaEntry) -> str:
    """Why the asset cannot be shown; "" if it can."""
    if not entry.servable or entry.asset_deleted:
        return "withdrawn"
    # An external server must not learn who uses the admin.
    return "stored elsewhere" if "url" in entry.asset else ""


def _word(word: str) -> SafeString:
    return format_html('<span class="no-picture">{}</span>', word)


def _searched_projects(request: HttpRequest) -> list[int]:
    """The project that the list is narrowed to, or all."""
    chosen = Project.objects.all()
    if (key := request.GET.get("project__id__exact", "")).isdecimal():
        chosen = chosen.filter(pk=key)
    return list(chosen.values_list("pk", flat=True))


def _why_nothing_is_found(error: errors.Invalid | OutOfTime) -> str:
    if isinstance(error, OutOfTime):
        return "The search took too long. More words, or a project, make it faster."
    return f"The search {error.details[SEARCH]}."


@admin.register(MediaEntry)
class MediaEntryAdmin(WithActions, ReadOnly):
    object_actions = ACTIONS
    change_form_template = "admin/media_library/entry.html"
    list_display = ("thumbnail", "name", "state_badge", "project", "media_type", "origin", "updated_at")
    list_display_links = ("thumbnail", "name")
    list_filter = ("project", "base_type", EntryStateFilter, UpdatedFilter)
    list_select_related = ("project",)
    search_fields = ("media_id",)  # what the search box asks for: get_search_results
    search_help_text = (
        "Words of title, file name, caption or credit, or their beginnings; or an id, an address, a storage key"
    )
    fields = (
        "media_id", "project", "media_type", "state_badge", "version", "origin",
        "asset_shown", "asset_sha256", "source", "created_at", "updated_at", "validity_changes_at", "revoke_note",
    )  # fmt: skip
    readonly_fields = ("state_badge", "origin", "asset_shown", "source")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MediaEntry]:
        return MediaEntry.objects.select_related("project").defer("metadata", "translations")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Within a project the last changed first, by an index. Over all projects the newest first."""
        return ("-updated_at", "-pk") if "project__id__exact" in request.GET else ("-pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By id, address or storage key; else by words (docs/adr/0028)."""
        term = search_term.strip()
        return queryset.filter(pk__among=self._found(request, term)) if term else queryset, False

    def _found(self, request: HttpRequest, term: str) -> list[int]:
        """The entries that a search finds; what is wrong with it is shown as a message."""
        try:
            found = find(_searched_projects(request), term, SEARCH)
        except (errors.Invalid, OutOfTime) as error:
            self.message_user(request, _why_nothing_is_found(error), messages.WARNING)
            return []
        if found.more:
            message = f"More than {MAX_FOUND:,} entries have these words. The newest {MAX_FOUND:,} are looked through."
            self.message_user(request, message, messages.INFO)
        return list(found.entry_ids)

    # --- Columns and facts

    @admin.display(description="Preview")
    def thumbnail(self, entry: MediaEntry) -> SafeString:
        return picture(entry, IN_LIST)

    @admin.display(description="Title")
    def name(self, entry: MediaEntry) -> str:
        return quoted(str(entry), 80)

    @admin.display(description="State")
    def state_badge(self, entry: MediaEntry) -> SafeString:
        return badge(entry.state, TONES[entry.state])

    @admin.display(description="Imported from")
    def origin(self, entry: MediaEntry) -> str:
        return " · ".join(part for part in (entry.system_name, entry.external_id) if part)

    @admin.display(description="Asset")
    def asset_shown(self, entry: MediaEntry) -> SafeString:
        return format_html('<pre class="data">{}</pre>', readable.json_lines(entry.asset))

    @admin.display(description="Fetched from")
    def source(self, entry: MediaEntry) -> str:
        return readable.url(entry.source_url) if entry.source_url else ""

    def panels(self, request: HttpRequest, entry: MediaEntry) -> dict[str, Any]:
        """Each panel gets one row more than it shows, to report that there are more."""
        outgoing = entry.references.order_by("property_name", "target_id")[: MAX_ROWS + 1]
        incoming = references.linking_entries(
            entry.project, TARGET_TYPES[MediaEntry.BaseType(entry.base_type)], entry.media_id
        )
        return super().panels(request, entry) | {
            "max_rows": MAX_ROWS,
            "asset": asset(entry),
            "metadata": readable.json_lines(entry.metadata),
            "translations": [
                (translation.get("locale", ""), readable.json_lines(translation)) for translation in entry.translations
            ],
            "outgoing": with_targets(entry.project, outgoing),
            "incoming": incoming.select_related("entry").order_by("-entry", "property_name", "pk")[: MAX_ROWS + 1],
            "uses": entry.usage_log.order_by("-pk")[: MAX_ROWS + 1],
            "changes": entry.changes.all()[: MAX_ROWS + 1],
            "formers": entry.former_assets.order_by("-pk")[: MAX_ROWS + 1],
        }


@dataclass(frozen=True)
class EntryLink:
    """A reference with its target. `dangling`: the target does not exist, or not yet."""

    row: MediaReference
    target: MediaEntry | None
    dangling: bool


def with_targets(project: Project, rows: Iterable[MediaReference]) -> list[EntryLink]:
    """References with their targets; documents and other types have type and id only."""
    rows = list(rows)
    targets = MediaEntry.objects.of(project).filter(media_id__in=[row.target_id for row in rows])
    entries = {
        (target_type, entry.media_id): entry
        for entry in targets.only("media_id", "title", "base_type")
        for target_type in TARGET_TYPES[MediaEntry.BaseType(entry.base_type)]
    }
    media = {target_type for target_types in TARGET_TYPES.values() for target_type in target_types}
    return [
        EntryLink(row, target, dangling=target is None and row.target_type in media)
        for row in rows
        for target in [entries.get((row.target_type, row.target_id))]
    ]


class ChangedFilter(RecentFilter):
    parameter_name = "at"
    field = "at"


@admin.register(EntryChange)
class EntryChangeAdmin(ReadOnly):
    """The audit log of all entries."""

    list_display = ("at", "entry_link", "version", "actor", "actor_name", "what", "job")
    list_display_links = ("at",)
    list_filter = (ChangedFilter, "actor")
    list_select_related = ("entry",)
    search_fields = ("actor_name",)
    search_help_text = "The name of a person or an API client"
    fields = ("at", "entry_link", "version", "actor", "actor_name", "what", "job")
    readonly_fields = ("entry_link", "what")

    def get_queryset(self, request: HttpRequest) -> QuerySet[EntryChange]:
        return EntryChange.objects.select_related("entry").defer("entry__metadata", "entry__translations")

    @admin.display(description="Entry")
    def entry_link(self, change: EntryChange) -> SafeString:
        address = reverse("admin:media_library_mediaentry_change", args=[change.entry_id])
        return format_html('<a href="{}">{}</a>', address, change.entry)

    @admin.display(description="What")
    def what(self, change: EntryChange) -> str:
        return ", ".join(change.operations)
