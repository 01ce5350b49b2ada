"""Import jobs: progress, speed, failures and their reasons; cancel, replay, retry failed items."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString

from imports import monitoring, plans
from imports.admin.actions import ACTIONS
from imports.admin.bars import bar
from imports.admin.overview import OverviewPages
from imports.admin.plans import PlanPages, question
from imports.claiming.waiting import waiting_for
from imports.models import ImportJob
from livingdocs_import.admin import readable
from livingdocs_import.admin.access import OPERATED, Access
from livingdocs_import.admin.actions import Action, WithActions
from livingdocs_import.admin.deliveries import TONES, described
from livingdocs_import.admin.finding import Findable, Hits
from livingdocs_import.admin.pages import ReadOnly, RecentFilter, badge
from livingdocs_import.admin.primary_keys import key_of
from livingdocs_import.dry_runs import Would
from livingdocs_import.models import AccessToken, WebhookDelivery


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("open", "Open"),
            ("failures", "With failed items"),
            ("clean", "Without failures"),
            ("failed", "Failed as a whole"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ImportJob]) -> QuerySet[ImportJob]:
        state = monitoring.JOB_STATES.get(self.value() or "")
        return queryset if state is None else queryset.filter(state)


class ClientFilter(admin.SimpleListFilter):
    """`?client=12`, as the page of an API client links it; shown only while one is chosen."""

    title = "API client"
    parameter_name = "client"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        if not (chosen := request.GET.get(self.parameter_name, "")):
            return []
        tokens = AccessToken.objects.filter(model_admin.visible(request).within("project"), pk=key_of(chosen))
        return [(str(token.pk), token.name) for token in tokens] or [(chosen, chosen)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ImportJob]) -> QuerySet[ImportJob]:
        return queryset.filter(token=key_of(self.value() or "")) if self.value() else queryset


class RunFilter(admin.SimpleListFilter):
    """Imports, or dry runs."""

    title = "run"
    parameter_name = "run"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("import", "Imports"), ("dry", "Dry runs")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ImportJob]) -> QuerySet[ImportJob]:
        chosen = self.value()
        return queryset.filter(dry_run=chosen == "dry") if chosen in ("import", "dry") else queryset


class StartedFilter(RecentFilter):
    title = "start"
    parameter_name = "started"
    field = "started_at"


def state_badge(job: ImportJob) -> SafeString:
    """The job's state for people: a job that succeeded for the API may have failed items."""
    if not job.finished:
        return badge("open", "busy")
    if job.state == ImportJob.State.FAILED:
        return badge("failed", "bad")
    if job.dry_run:
        return badge("planned", "calm")
    return badge(f"{job.failed:,} failed", "bad") if job.failed else badge("done", "good")


@admin.register(ImportJob)
class ImportJobAdmin(OverviewPages, PlanPages, Findable, WithActions, ReadOnly):
    access = Access("project", OPERATED)
    object_actions = ACTIONS
    ask_template = "admin/imports/job_ask.html"
    change_form_template = "admin/imports/job.html"
    list_display = ("job", "state_badge", "progress", "project", "what", "started_at", "took")
    list_filter = (StateFilter, RunFilter, StartedFilter, "kind", "project", ClientFilter)
    list_select_related = ("project",)
    search_fields = ("public_id",)
    search_help_text = "A job's id, e.g. 25bzj8j"
    fields = (
        "project",
        "kind",
        "plan",
        "system_name",
        "client",
        "started_at",
        "finished_at",
        "last_claimed",
        "took",
        "webhook_shown",
        "replay_link",
        "plan_link",
        "import_link",
        "note",
        "context_shown",
    )
    readonly_fields = (
        "plan",
        "client",
        "last_claimed",
        "took",
        "webhook_shown",
        "replay_link",
        "plan_link",
        "import_link",
        "context_shown",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportJob]:
        return super().get_queryset(request).select_related("project")

    def find(self, request: HttpRequest, text: str, most: int) -> Hits:
        """By the job's id."""
        return Hits(list(self.get_queryset(request).filter(public_id=text)))

    # --- Columns and facts

    @admin.display(description="Job")
    def job(self, job: ImportJob) -> str:
        return job.public_id

    @admin.display(description="API client")
    def client(self, job: ImportJob) -> str:
        return str(job.token) if job.token else "none: started by an operator"

    @admin.display(description="Worker last seen")
    def last_claimed(self, job: ImportJob) -> str | None:
        return str(localize(job.last_claimed_at)) if job.last_claimed_at else None

    @admin.display(description="Imports")
    def what(self, job: ImportJob) -> str | SafeString:
        named = f"{job.kind} from {job.system_name}"
        return format_html("{} {}", badge("dry run", "calm"), named) if job.dry_run else named

    @admin.display(description="Would")
    def plan(self, job: ImportJob) -> str | None:
        """What the items of a dry run would become, as far as they are planned."""
        if not job.dry_run:
            return None
        counts = (f"{would} {job.outcomes[would]:,}" for would in Would if would in job.outcomes)
        return ", ".join(counts) or "nothing planned yet"

    @admin.display(description="State")
    def state_badge(self, job: ImportJob) -> SafeString:
        return state_badge(job)

    @admin.display(description="Progress")
    def progress(self, job: ImportJob) -> SafeString:
        return bar(job)

    @admin.display(description="Duration")
    def took(self, job: ImportJob) -> str:
        return readable.duration((job.finished_at or timezone.now()) - job.started_at)

    @admin.display(description="Webhook")
    def webhook_shown(self, job: ImportJob) -> str | None:
        return readable.url(job.webhook) if job.webhook else None

    @admin.display(description="Replay of")
    def replay_link(self, job: ImportJob) -> SafeString | None:
        return link_to(job.replay_of) if job.replay_of else None

    @admin.display(description="Carries out the plan")
    def plan_link(self, job: ImportJob) -> SafeString | None:
        return link_to(job.carries_out) if job.carries_out else None

    @admin.display(description="Imported as")
    def import_link(self, job: ImportJob) -> SafeString | None:
        real = plans.import_of(job) if job.dry_run else None
        return link_to(real) if real else None

    @admin.display(description="Context")
    def context_shown(self, job: ImportJob) -> SafeString | None:
        return (
            None if job.context is None else format_html('<pre class="data">{}</pre>', readable.json_lines(job.context))
        )

    # --- Actions

    def described(self, job: ImportJob) -> str:
        return f"of {job.project}: {job.done} of {job.total} done, {job.failed} failed"

    def consequences(self, action: Action[Any], things: Sequence[Any]) -> dict[str, Any]:
        """Of a plan, what its import would do."""
        return question(things[0]) if action.name == "carry_out" and len(things) == 1 else {}

    def confirmation(self, action: Action[Any], things: Sequence[Any]) -> str:
        return "Import" if action.name == "carry_out" else super().confirmation(action, things)

    def page_of(self, request: HttpRequest, things: Sequence[Any]) -> str:
        """The actions of a dry run are on its plan."""
        (job, *others) = things or [None]
        if job is None or others or not job.dry_run or not _may_see_items(request, job):
            return super().page_of(request, things)
        return reverse("admin:imports_importjob_plan", args=[job.pk])

    # --- The page of one job

    def heading(self, job: ImportJob) -> str:
        return str(job).capitalize()

    def panels(self, request: HttpRequest, job: ImportJob) -> dict[str, Any]:
        spent = (job.finished_at or timezone.now()) - job.started_at
        eta = spent * (job.total - job.done) / job.done if job.done and not job.finished else None
        deliveries = WebhookDelivery.objects.filter(subject=f"job {job.public_id}").prefetch_related("tries")
        return super().panels(request, job) | {
            "job": job,
            "has_plan": job.dry_run and _may_see_items(request, job),
            "state": state_badge(job),
            "bar": bar(job),
            "counts": [(name, getattr(job, name)) for name in ("success", "skipped", "failed")],
            "waiting": waiting_for(job),
            "in_work": None if job.finished else monitoring.in_work(job),
            "pace": readable.rate(job.done, spent),
            "eta": None if eta is None else readable.duration(eta),
            "reasons": monitoring.reasons(job.items.all()),
            "replays": job.replays.order_by("pk"),
            "deliveries": [
                {
                    "delivery": delivery,
                    "state": badge(delivery.state, TONES[WebhookDelivery.State(delivery.state)]),
                    "receiver": readable.url(delivery.url),
                    "attempts": [described(attempt) for attempt in delivery.tries.all()],
                }
                for delivery in deliveries.order_by("created_at")
            ],
        }


def _may_see_items(request: HttpRequest, job: ImportJob) -> bool:
    return request.user.has_perm("imports.view_importitem", job)


def link_to(job: ImportJob) -> SafeString:
    """A link to the job's page with its id."""
    return format_html('<a href="{}">{}</a>', reverse("admin:imports_importjob_change", args=[job.pk]), job.public_id)
