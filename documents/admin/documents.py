"""Documents in the admin: their facts, imports, revisions, and the references from and to them."""

from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.safestring import SafeString

from documents.admin import links, revision_pages
from documents.admin.actions import ACTIONS
from documents.models import Document, ImportLog, Publication, PublicationSchedule, Revision
from documents.references import index
from livingdocs_import.admin import readable
from livingdocs_import.admin.access import OPERATED, Access
from livingdocs_import.admin.actions import WithActions
from livingdocs_import.admin.finding import Findable, Hits, number
from livingdocs_import.admin.pages import FAR_ENOUGH, ReadOnly, RecentFilter, badge
from livingdocs_import.validation.limits import quoted

MAX_ROWS = 50  # rows of a panel


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("published", "Published"),
            ("changed", "Published, changed since"),
            ("draft", "Draft"),
            ("deleted", "Deleted"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> QuerySet[Document]:
        match self.value():
            case "published":
                return queryset.filter(live_publication_id__isnull=False)
            case "changed":
                return queryset.filter(live_publication_id__isnull=False).exclude(
                    current_revision_id=F("live_revision")
                )
            case "draft":
                return queryset.filter(live_publication_id__isnull=True, deleted_at__isnull=True)
            case "deleted":
                return queryset.filter(deleted_at__isnull=False)
        return queryset


class ScheduleFilter(admin.SimpleListFilter):
    title = "schedule"
    parameter_name = "schedule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("pending", "Pending"), ("refused", "Refused")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> QuerySet[Document]:
        if self.value() not in {"pending", "refused"}:
            return queryset
        found = PublicationSchedule.objects.filter(refused_at__isnull=self.value() == "pending")
        return queryset.filter(pk__in=found.values("document"))


class UpdatedFilter(RecentFilter):
    title = "last change"
    parameter_name = "updated"
    field = "updated_at"


def state_of(document: Any) -> tuple[str, str]:
    """The state in words, and its tone."""
    if document.deleted_at is not None:
        return "deleted", "bad"
    if document.live_publication_id is None:
        return "draft", "calm"
    if document.live_revision != document.current_revision_id:
        return "published, changed since", "busy"
    return "published", "good"


@admin.register(Document)
class DocumentAdmin(Findable, WithActions, ReadOnly):
    access = Access("project", OPERATED)
    object_actions = ACTIONS
    change_form_template = "admin/documents/document.html"
    list_display = ("name", "state_badge", "project", "content_type", "version", "updated_at")
    list_filter = ("project", StateFilter, ScheduleFilter, UpdatedFilter)
    list_select_related = ("project",)
    search_fields = ("title",)  # searched by get_search_results
    search_help_text = "A document's number, its id in the other system, or the beginning of its title"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        live = Publication.objects.filter(pk=OuterRef("live_publication_id")).values("revision")
        rows: QuerySet[Document] = super().get_queryset(request).select_related("project")
        return rows.annotate(live_revision=Subquery(live))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Within a project the last changed first, by an index. Over all projects the newest first."""
        return ("-updated_at", "-pk") if "project__id__exact" in request.GET else ("-pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By number or external id; by the beginning of the title only if none matches."""
        if not (term := search_term.strip()):
            return queryset, False
        found = queryset.filter(pk__in=self._keys(request, term, FAR_ENOUGH))
        return (found if found.exists() else queryset.filter(title__istartswith=term)), False

    def find(self, request: HttpRequest, text: str, most: int) -> Hits:
        """By the number, or the id in another system: each by its own index."""
        keys = self._keys(request, text, most)
        rows = self.get_queryset(request).filter(pk__in=keys).order_by("-pk")
        return Hits(list(rows[:most]) if keys else [])

    def _keys(self, request: HttpRequest, text: str, most: int) -> set[int | None]:
        """The numbers of documents that a number or an external id may mean."""
        imported = ImportLog.objects.filter(self.visible(request).within("project"), external_id=text)
        return {number(text), *imported.values_list("document", flat=True)[:most]} - {None}

    # --- Columns and facts

    @admin.display(description="Title")
    def name(self, document: Document) -> str:
        return quoted(str(document), 80)

    @admin.display(description="State")
    def state_badge(self, document: Any) -> SafeString:
        return badge(*state_of(document))

    # --- The page of one document

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """None: its page is a template."""
        return []

    def panels(self, request: HttpRequest, document: Document) -> dict[str, Any]:
        """Each panel gets one row more than it shows, to report that there are more."""
        newest = Revision.objects.select_related("document__project").get(pk=document.current_revision_id)
        without_content = document.revisions.defer("content", "metadata", "translations")
        revisions = list(without_content.order_by("-version")[: MAX_ROWS + 1])
        return {
            **super().panels(request, document),
            **revision_pages.of_document(request, document, newest, revisions),
            "state": state_of(document),
            "max_rows": MAX_ROWS,
            "newest": newest,
            "changeable": document.deleted_at is None and request.user.has_perm("documents.add_revision", document),
            "embargo": None if document.embargo is None else readable.json_lines(document.embargo),
            "outgoing": links.outgoing(document),
            "incoming": links.linking(document.project, index.document_target(document.pk)),
            "revisions": revisions,
            "events": document.publication_events.select_related("publication__revision")
            .defer("publication__revision__content", "publication__revision__metadata")
            .order_by("-pk")[: MAX_ROWS + 1],
            "logs": document.import_logs.order_by("pk"),
            "schedules": document.schedules.order_by("due_at"),
        }
