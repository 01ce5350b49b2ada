"""Documents in the admin: their facts, imports, revisions, and the references from and to them."""

from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from documents.admin import links
from documents.admin.actions import ACTIONS
from documents.admin.outline import MAX_COMPONENTS, outline
from documents.models import Document, Publication, PublicationSchedule, Revision
from documents.references import index
from livingdocs_import.admin import readable
from livingdocs_import.admin.access import OPERATED, Access
from livingdocs_import.admin.actions import WithActions
from livingdocs_import.admin.pages import ReadOnly, RecentFilter, badge
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


@admin.register(Document)
class DocumentAdmin(WithActions, ReadOnly):
    access = Access("project", OPERATED)
    object_actions = ACTIONS
    change_form_template = "admin/documents/document.html"
    list_display = ("name", "state_badge", "project", "content_type", "version", "updated_at")
    list_filter = ("project", StateFilter, ScheduleFilter, UpdatedFilter)
    list_select_related = ("project",)
    search_fields = ("title",)  # searched by get_search_results
    search_help_text = "A document's number, its id in the other system, or the beginning of its title"
    fields = (
        "number", "project", "content_type", "state_badge", "version", "design", "first_publication_date",
        "last_publication_date", "significant_publication_date", "visible_publication_date_override", "embargo_shown",
        "created_at", "updated_at", "deleted_at",
    )  # fmt: skip
    readonly_fields = ("number", "state_badge", "design", "embargo_shown")

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
        by_number = Q(pk=int(term)) if term.isdecimal() and len(term) < 19 else Q()
        documents_found = queryset.filter(by_number | Q(import_logs__external_id=term))
        return (
            (documents_found, True) if documents_found.exists() else (queryset.filter(title__istartswith=term), False)
        )

    # --- Columns and facts

    @admin.display(description="Title")
    def name(self, document: Document) -> str:
        return quoted(str(document), 80)

    @admin.display(description="Number")
    def number(self, document: Document) -> int:
        return document.pk

    @admin.display(description="State")
    def state_badge(self, document: Any) -> SafeString:
        if document.deleted_at is not None:
            return badge("deleted", "bad")
        if document.live_publication_id is None:
            return badge("draft", "calm")
        if document.live_revision != document.current_revision_id:
            return badge("published, changed since", "busy")
        return badge("published", "good")

    @admin.display(description="Design")
    def design(self, document: Document) -> str:
        newest = Revision.objects.filter(pk=document.current_revision_id)
        return " ".join(newest.values_list("design_name", "design_version")[0])

    @admin.display(description="Embargo")
    def embargo_shown(self, document: Document) -> SafeString | None:
        shown = '<pre class="data">{}</pre>'
        return None if document.embargo is None else format_html(shown, readable.json_lines(document.embargo))

    # --- The page of one document

    def panels(self, request: HttpRequest, document: Document) -> dict[str, Any]:
        """Each panel gets one row more than it shows, to report that there are more."""
        newest = Revision.objects.get(pk=document.current_revision_id)
        return super().panels(request, document) | {
            "max_rows": MAX_ROWS,
            "changeable": document.deleted_at is None and request.user.has_perm("documents.add_revision", document),
            "outline": outline(newest.content),
            "max_components": MAX_COMPONENTS,
            "texts": [
                ("Metadata", readable.json_lines(newest.metadata)),
                *(
                    (f"Translation {translation['locale']}", readable.json_lines(translation["metadata"]))
                    for translation in newest.translations
                ),
            ],
            "outgoing": links.outgoing(document),
            "incoming": links.linking(document.project, index.document_target(document.pk)),
            "revisions": document.revisions.defer("content", "metadata", "translations").order_by("-version")[
                : MAX_ROWS + 1
            ],
            "events": document.publication_events.select_related("publication__revision")
            .defer("publication__revision__content", "publication__revision__metadata")
            .order_by("-pk")[: MAX_ROWS + 1],
            "logs": document.import_logs.order_by("pk"),
            "schedules": document.schedules.order_by("due_at"),
        }
