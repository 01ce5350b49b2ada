"""The page of a dry run: what would become of its items, and why; its table; what is to be asked before the import."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.admin.utils import unquote
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.db.models import CharField, Q, Value
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from imports import monitoring, plans
from imports.admin.plan_exports import csv_lines
from imports.admin.plan_rows import problems, shown
from imports.cause_explanations import Explanation, explanation
from imports.models import ImportItem, ImportItemQuerySet, ImportJob
from imports.monitoring.facts import Allowance
from imports.outcomes.failures import address
from livingdocs_import.admin import readable, rights
from livingdocs_import.dry_runs import Would
from livingdocs_import.validation.limits import MAX_FILTER

PER_PAGE = 50
FIRST_CHANGES = 5  # items whose changes stand above the list
FIELDS = ("q", "would", "cause", "only")
BY_HAND, CHANGED = "by-hand", "changed"  # values of `only`
CANCELLED = "cancelled"  # the cause of what a cancelled dry run has not planned
BAR = {Would.CREATE: "success", Would.UPDATE: "again", Would.UPDATE_OR_SKIP: "unsure", Would.SKIP: "skipped"}
BAR |= {Would.FAIL: "failed"}
LABELS = {
    Would.CREATE: "Would create",
    Would.UPDATE: "Would update",
    Would.UPDATE_OR_SKIP: "Would update or skip",
    Would.SKIP: "Would skip",
    Would.FAIL: "Would fail",
}


@dataclass(frozen=True)
class Count:
    """How many items have this outcome; `fill`, `start` and `width` are those of its part of the bar."""

    would: Would
    number: int
    fill: str
    start: str
    width: str

    @property
    def label(self) -> str:
        return LABELS[self.would]


@dataclass(frozen=True)
class ShownCause:
    """Why items would fail, and what one of them says."""

    cause: str
    words: Explanation
    number: int
    example: ImportItem | None
    problem: str


@dataclass(frozen=True)
class PlanFilter:
    """Which items are shown; an empty field means any."""

    words: str
    would: str
    cause: str
    only: str

    def items(self, job: ImportJob) -> ImportItemQuerySet:
        """Those of a dry run, in the order of the request."""
        found = {BY_HAND: plans.touched, CHANGED: plans.moved}.get(self.only, _all)(job)
        conditions = Q(would=self.would) if self.would else Q()
        if self.cause:
            conditions &= Q(cause=self.cause)
        if self.words:
            conditions &= Q(external_id__icontains=self.words) | Q(title__icontains=self.words)
        return found.filter(conditions).order_by("position")


def _all(job: ImportJob) -> ImportItemQuerySet:
    return job.items.all()


def read_filter(params: Mapping[str, str]) -> PlanFilter:
    """The filter of a query string: what is no value of a filter is taken for none; too long a text is refused."""
    if any("\0" in value or len(value) > MAX_FILTER for value in params.values()):
        raise BadRequest("the query string is too long, or holds U+0000")
    would, only = params.get("would", ""), params.get("only", "")
    return PlanFilter(
        words=params.get("q", "").strip(),
        would=would if would in list(Would) else "",
        cause=params.get("cause", ""),
        only=only if only in (BY_HAND, CHANGED) else "",
    )


class PlanPages:
    """Mixed into the admin of jobs, before its class."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/plan/", view(require_GET(self.plan_view)), name="imports_importjob_plan"),
            path(
                "<path:object_id>/plan/csv/", view(require_GET(self.plan_csv_view)), name="imports_importjob_plan_csv"
            ),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def plan_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The plan of a dry run."""
        job = self._dry_run(request, object_id)
        context = {**self.admin_site.each_context(request), "opts": self.opts, **_page(request, job)}
        context |= {"may": self.may(request, "add", job), "title": f"Plan of {job}"}  # type: ignore[attr-defined]
        return TemplateResponse(request, "admin/imports/plan.html", context)

    def plan_csv_view(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        """The same items as a table, all of them."""
        job = self._dry_run(request, object_id)
        items = _with_address(job, read_filter(request.GET).items(job))
        headers = {"Content-Disposition": f'attachment; filename="plan-{job.public_id}.csv"'}
        lines = csv_lines(job, items, old_values=may_see_entries(request, job))
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)

    def _dry_run(self, request: HttpRequest, object_id: str) -> ImportJob:
        job: ImportJob | None = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]
        if job is None or not job.dry_run:
            raise Http404
        if not request.user.has_perm("imports.view_importitem", job):
            raise PermissionDenied
        return job


def may_see_entries(request: HttpRequest, job: ImportJob) -> bool:
    """Whether the old values may be shown, as in the status of the dry run (DRY-14)."""
    of_documents = job.kind == ImportJob.Kind.DOCUMENTS
    permission = "documents.view_document" if of_documents else "media_library.view_mediaentry"
    allowed = rights.scope(request.user, permission)
    return allowed.is_everything or job.project_id in allowed


def _with_address(job: ImportJob, items: ImportItemQuerySet) -> ImportItemQuerySet:
    """With the address of the file, without its query; documents have none."""
    of_documents = job.kind == ImportJob.Kind.DOCUMENTS
    where = Value(None, output_field=CharField()) if of_documents else address()
    return items.defer("payload").annotate(address=where)


def _page(request: HttpRequest, job: ImportJob) -> dict[str, Any]:
    """The variables of the template."""
    chosen = read_filter(request.GET)
    page = Paginator(_with_address(job, chosen.items(job)), PER_PAGE).get_page(request.GET.get("p", "1"))
    updates = list(_updates(job))
    present = plans.present(job, [item.external_id for item in (*page, *updates)])
    old_values = may_see_entries(request, job)
    causes, real, is_complete = _causes(job), plans.import_of(job), can_be_imported(job)
    return {
        "job": job,
        "heading": heading(job),
        "counts": counts(job),
        "planned": sum(job.outcomes.values()),
        "failing": job.outcomes.get(Would.FAIL, 0),
        "updating": sum(job.outcomes.get(would, 0) for would in (Would.UPDATE, Would.UPDATE_OR_SKIP)),
        "causes": causes,
        "by_hand": plans.touched(job).count(),
        "moved": 0 if real else plans.moved(job).count(),
        "sample": _sample(job),
        "real": real,
        "again": job.replays.filter(dry_run=True).order_by("-pk").first(),
        "can_be_imported": is_complete and real is None,
        "is_complete": is_complete,
        "updates": shown(job, updates, present, old_values=old_values),
        "rows": shown(job, page, present, old_values=old_values),
        "links": old_values,
        "page": page,
        "chosen": chosen,
        "is_filtered": chosen != read_filter({}),
        "wanted": [(one.would, one.number, one.would == chosen.would) for one in counts(job)],
        "query": _query(request.GET),
        "more": _query(request.GET, p=page.number + 1),
        "less": _query(request.GET, p=page.number - 1),
    }


def _updates(job: ImportJob) -> ImportItemQuerySet:
    """The first items that would change something."""
    return job.items.filter(would=Would.UPDATE).defer("payload").order_by("position")[:FIRST_CHANGES]


def _query(params: Mapping[str, str], **more: object) -> str:
    return urlencode({name: params[name] for name in FIELDS if params.get(name)} | more)


# --- Numbers in words ------------------------------------------------------------------------------------------------


def counts(job: ImportJob) -> list[Count]:
    """The planned outcomes that occur, in the order of the bar."""
    found, start = [], 0
    for would, fill in BAR.items():
        if number := job.outcomes.get(would, 0):
            width = readable.percent(number, job.total)
            found.append(Count(would, number, fill, readable.percent(start, job.total), width))
            start += number
    return found


def heading(job: ImportJob) -> str:
    """The plan in one sentence: `2,614 new images, 203 changed; 36 would fail`."""
    if job.state == ImportJob.State.FAILED:
        return "Nothing could be planned"
    if not job.finished:
        return f"{job.done:,} of {job.total:,} {job.kind} are planned"
    number = {would: job.outcomes.get(would, 0) for would in Would}
    parts = [_new(number[Would.CREATE], job.kind)] if number[Would.CREATE] else []
    if number[Would.UPDATE]:
        parts.append(f"{number[Would.UPDATE]:,} changed")
    if number[Would.UPDATE_OR_SKIP]:
        parts.append(f"{number[Would.UPDATE_OR_SKIP]:,} perhaps changed")
    good = ", ".join(parts) or ("Nothing would change" if number[Would.SKIP] else "Nothing would be imported")
    return f"{good}; {number[Would.FAIL]:,} would fail" if number[Would.FAIL] else good


def _new(number: int, kind: str) -> str:
    return f"{number:,} new {kind if number != 1 else kind.removesuffix('s')}"


def _causes(job: ImportJob) -> list[ShownCause]:
    """Why items would fail, each with an example; two queries."""
    found = [failure for failure in plans.failures(job) if failure.cause != CANCELLED]
    firsts = job.items.filter(position__in=[failure.first for failure in found]) if found else ()
    examples = {item.position: item for item in firsts}
    return [_cause(failure, examples.get(failure.first)) for failure in found]


def _cause(failure: plans.PlannedFailures, example: ImportItem | None) -> ShownCause:
    problem = next(iter(problems(example.details)), example.reason) if example else ""
    return ShownCause(failure.cause, explanation(failure.cause), failure.count, example, problem)


def _sample(job: ImportJob) -> dict[str, Any] | None:
    """What the files that were looked at showed; None: none was to be looked at."""
    if not job.probe:
        return None
    found = plans.sample(job)
    failed = [(explanation(cause), cause, number) for cause, number in found.failed]
    return {"asked": found.asked, "fine": found.asked - sum(number for *_, number in failed), "failed": failed} | {
        "expected": found.expected
    }


# --- Before the import -----------------------------------------------------------------------------------------------


def can_be_imported(job: ImportJob) -> bool:
    """Whether it is a plan that came to its end and has items, all of them planned."""
    return job.dry_run and job.state == ImportJob.State.SUCCESS and job.total > 0 and plans.is_complete(job)


class PartForm(forms.Form):
    """Which items of a plan are imported."""

    only_would_succeed = forms.BooleanField(required=False)
    leave_touched = forms.BooleanField(required=False)

    def __init__(self, jobs: Sequence[ImportJob], data: Any = None) -> None:
        super().__init__(data, initial={"leave_touched": True})


def question(job: ImportJob) -> dict[str, Any]:
    """What the page that asks shows besides: the counts, what would be overwritten, and the daily limit."""
    used = {one.kind: one for one in monitoring.allowances(job.project, timezone.now())}
    return {
        "plan": job,
        "counts": counts(job),
        "failing": job.outcomes.get(Would.FAIL, 0),
        "by_hand": plans.touched(job).count(),
        "moved": plans.moved(job).count(),
        "allowance": _left(used[job.kind]),
        "back_to_plan": reverse("admin:imports_importjob_plan", args=[job.pk]),
    }


def _left(allowance: Allowance) -> dict[str, Any]:
    left = None if allowance.limit is None else max(allowance.limit - allowance.used, 0)
    return {"limit": allowance.limit, "used": allowance.used, "left": left}
