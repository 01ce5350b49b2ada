"""Items of imports: filtered by outcome, reason and day; read-only."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString

from documents.models import Document
from imports import monitoring
from imports.admin.failures import FailurePages
from imports.admin.jobs import link_to
from imports.admin.plan_rows import without_old_values
from imports.admin.plans import may_see_entries
from imports.models import ImportItem, ImportJob
from livingdocs_import.admin import readable
from livingdocs_import.admin.access import OPERATED, Access
from livingdocs_import.admin.finding import Findable, Hits
from livingdocs_import.admin.pages import ReadOnly, RecentFilter, badge
from livingdocs_import.validation.limits import quoted
from media_library.models import MediaEntry

MAX_JOBS = 5_000  # that are named in a query
TONES = {
    ImportItem.Outcome.OPEN: "busy",
    ImportItem.Outcome.SUCCESS: "good",
    ImportItem.Outcome.SKIPPED: "calm",
    ImportItem.Outcome.FAILED: "bad",
}


class JobFilter(admin.SimpleListFilter):
    """`?job=25bzj8j`; shown only while a job is chosen: a list of all jobs would be useless."""

    title = "job"
    parameter_name = "job"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = request.GET.get(self.parameter_name, "")
        return [(chosen, chosen)] if chosen else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[ImportItem]) -> QuerySet[ImportItem]:
        return queryset.filter(job__public_id=self.value()) if self.value() else queryset


class StartedFilter(RecentFilter):
    title = "start of the job"
    parameter_name = "started"
    field = "job__started_at"


class ReasonFilter(admin.SimpleListFilter):
    """The most frequent reasons of the chosen job, or of the last day's jobs."""

    title = "reason"
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        items = model_admin.get_queryset(request)
        if job := request.GET.get("job"):
            items = items.filter(job__public_id=job)
        else:
            items = items.filter(job__started_at__gte=timezone.now() - monitoring.DAY)
        choices: dict[str, int] = {}
        for reason_count in monitoring.reasons(items, limit=20):
            choices[reason_count.reason] = choices.get(reason_count.reason, 0) + reason_count.count
        if (chosen := request.GET.get(self.parameter_name)) and chosen not in choices:
            choices[chosen] = 0
        return [(reason, f"{reason} ({count:,})" if count else reason) for reason, count in choices.items() if reason]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ImportItem]) -> QuerySet[ImportItem]:
        return queryset.filter(reason=self.value()) if self.value() else queryset


@admin.register(ImportItem)
class ImportItemAdmin(FailurePages, Findable, ReadOnly):
    access = Access("job__project", OPERATED)
    change_form_template = "admin/imports/item.html"
    list_display = ("external_id", "title_start", "outcome_badge", "why", "attempts", "job_link")
    list_filter = (JobFilter, "outcome", ReasonFilter, StartedFilter)
    list_select_related = ("job",)
    search_fields = ("external_id",)
    search_help_text = "The id that the other system gave"
    fields = (
        "job_link",
        "position",
        "external_id",
        "title",
        "outcome_badge",
        "why",
        "attempts",
        "due_at",
        "claimed",
        "blocked_by",
        "entry_link",
    )
    readonly_fields = ("job_link", "outcome_badge", "why", "entry_link")
    actions = None
    opens_first = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportItem]:
        rows = super().get_queryset(request).filter(self._of_jobs(request))
        return rows.select_related("job", "job__project").defer("payload", "result")

    def _of_jobs(self, request: HttpRequest) -> Q:
        """The jobs of a member by their keys: PostgreSQL knows how many items each has.

        By the project alone it takes each project for as large as the others, and to find the few items of a small one
        would read all of them.
        """
        projects = self.visible(request)
        if projects.is_everything:
            return Q()
        jobs = ImportJob.objects.filter(projects.within("project")).values_list("pk", flat=True)
        keys = list(jobs[: MAX_JOBS + 1])
        return Q(job__in=keys) if len(keys) <= MAX_JOBS else Q()

    def find(self, request: HttpRequest, text: str, most: int) -> Hits:
        """By the id in the other system: the imports of one entry or document, the newest first."""
        named = ImportItem.objects.filter(self.visible(request).within("job__project"), external_id=text)
        rows = named.select_related("job__project").defer("payload", "details", "result")
        return Hits(list(rows.order_by("-pk")[:most]))

    def about(self, item: ImportItem) -> str:
        at = localize(timezone.localtime(item.job.started_at))
        return f"{item.job.project}: {item.outcome} in job {item.job.public_id} of {at}"

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Within a job in the client's order; otherwise the newest first."""
        return ("position", "pk") if request.GET.get("job") else ("-pk",)

    @admin.display(description="Title")
    def title_start(self, item: ImportItem) -> str:
        return quoted(item.title, 80)

    @admin.display(description="Outcome")
    def outcome_badge(self, item: ImportItem) -> SafeString:
        return badge(item.outcome, TONES[ImportItem.Outcome(item.outcome)])

    @admin.display(description="Reason")
    def why(self, item: ImportItem) -> str:
        details = item.details or {}
        detail = readable.redacted(details.get("message") or "; ".join(details.get("warnings", ())))
        return f"{item.reason}: {detail}" if item.reason and detail else item.reason or detail

    @admin.display(description="Job")
    def job_link(self, item: ImportItem) -> SafeString:
        return link_to(item.job)

    @admin.display(description="Became")
    def entry_link(self, item: ImportItem) -> SafeString | str:
        """The page of the entry or document; only the id if it is gone."""
        if document_id := (item.result or {}).get("document_id"):
            document = Document.objects.of(item.job.project).filter(pk=document_id).only("title").first()
            return _linked("documents_document", document, document_id)
        media_id = (item.result or {}).get("mediaId", "")
        entry = MediaEntry.objects.of(item.job.project).filter(media_id=media_id).only("pk", "media_id").first()
        return _linked("media_library_mediaentry", entry, media_id)

    def heading(self, item: ImportItem) -> str:
        return f"Item {item.external_id}"

    def panels(self, request: HttpRequest, item: ImportItem) -> dict[str, Any]:
        failed = item.outcome == ImportItem.Outcome.FAILED
        reported = "What went wrong" if failed else "What to know"
        result = item.result
        if item.job.dry_run and result and not may_see_entries(request, item.job):
            result = without_old_values(result)
        texts = [("What was sent", item.payload), (reported, item.details), ("What came of it", result)]
        return {"texts": [(title, readable.json_lines(value)) for title, value in texts if value is not None]}


def _linked(page: str, thing: Document | MediaEntry | None, shown: Any) -> SafeString | str:
    if thing is None:
        return str(shown)
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{page}_change", args=[thing.pk]), shown)
