"""A project's configuration: the editor of the next revision, the history of all, and restoring one."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from livingdocs_import import errors
from livingdocs_import.admin import configuration_drafts, readable
from livingdocs_import.admin.access import ADMINISTERED, Access
from livingdocs_import.admin.actions import Action, ActionFailed, WithActions, by_name
from livingdocs_import.admin.code_lines import CodeLine
from livingdocs_import.admin.configuration_drafts import Draft, Finding, changed_lines, draft, laid_out, stored_text
from livingdocs_import.admin.pages import ReadOnly
from livingdocs_import.admin.primary_keys import key_of
from livingdocs_import.admin.seen import SeenForm
from livingdocs_import.models import Project, ProjectConfigRevision
from livingdocs_import.project_config import BASE_REVISION, publishing, secret_places, shown, store
from livingdocs_import.project_config.differences import Patch
from livingdocs_import.project_config.publishing import Outcome

MAX_REVISIONS = 50  # of a panel
MAX_REASONS = 10  # problems that one message lists
MAX_NUMBER = 2**31 - 1  # of a revision: what the column holds


# --- Restoring a revision --------------------------------------------------------------------------------------------


def _is_old(row: ProjectConfigRevision) -> bool:
    return row.revision != row.project.config_revision


def _submit(row: ProjectConfigRevision, by: str, *, seen: int, plan: bool) -> Outcome:
    """The configuration with the secrets that it had, after the revision that was `seen` as the newest."""
    config = shown.contents(row.config, secrets=True) | {BASE_REVISION: seen}
    outcome = publishing.submit(row.project, config, plan=plan, by=by)
    if outcome.problems:
        raise ActionFailed(
            *map(str, outcome.problems[:MAX_REASONS]),
            "It was stored before these rules: open it in the editor, fix it there, and save it.",
        )
    return outcome


def _question(row: ProjectConfigRevision) -> str:
    number = row.project.config_revision
    outcome = _submit(row, "", seen=number, plan=True)
    if not outcome.patches:
        raise ActionFailed("nothing differs from the newest revision")
    return (
        f"Revision {row.revision}, with its secrets, becomes revision {number + 1} and counts at once, also for jobs "
        f"that run. Nothing is lost: revisions up to {number} stay."
    )


def _asked(rows: Sequence[ProjectConfigRevision], data: Any) -> SeenForm:
    return SeenForm(rows[0].project.config_revision, data)


def _restore(row: ProjectConfigRevision, by: str, *, seen: int) -> str:
    outcome = _submit(row, by, seen=seen, plan=False)
    if not outcome.patches:
        return f"does not differ from revision {outcome.revision}: nothing was stored"
    return f"is restored as revision {outcome.revision}"


ACTIONS = by_name(Action("restore", "Restore", "add", _question, _is_old, _restore, history="Restored", inputs=_asked))


@admin.register(ProjectConfigRevision)
class ConfigurationAdmin(WithActions, ReadOnly):
    """Revisions are history; a configuration is only changed by adding the next one."""

    access = Access("project", ADMINISTERED)
    object_actions = ACTIONS
    change_form_template = "admin/livingdocs_import/configuration.html"
    add_form_template = "admin/livingdocs_import/configuration_editor.html"
    ask_template = "admin/livingdocs_import/configuration_ask.html"
    list_display = ("revision_of", "project", "design", "created_at", "created_by")
    list_filter = ("project",)
    list_select_related = ("project",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProjectConfigRevision]:
        return super().get_queryset(request).select_related("project")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "add")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """None: the pages are templates."""
        return []

    @admin.display(description="Revision")
    def revision_of(self, row: ProjectConfigRevision) -> str:
        return f"revision {row.revision}"

    @admin.display(description="Design")
    def design(self, row: ProjectConfigRevision) -> str:
        return f"{row.design_name} {row.design_version}"

    # --- The editor

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """`?project=` edits its newest configuration, with `?from=` the text of an older one. POST checks or saves."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        projects = Project.objects.filter(self.projects(request, "add").within("pk"))
        wanted = request.POST.get("project") or request.GET.get("project") or ""
        if not wanted:
            return self._choose(request, projects)
        project = projects.filter(pk=key_of(wanted)).first()
        if project is None:
            raise Http404
        return self._posted(request, project) if request.method == "POST" else self._opened(request, project)

    def _choose(self, request: HttpRequest, projects: QuerySet[Project]) -> HttpResponse:
        context = {"projects": projects.order_by("handle")[: MAX_REVISIONS + 1], "max_projects": MAX_REVISIONS}
        return self._page(request, "Whose configuration?", context)

    def _opened(self, request: HttpRequest, project: Project) -> HttpResponse:
        row = _revision(project, request.GET.get("from", "")) or store.stored(project)
        return self._edited(request, project, Draft(stored_text(row), []), project.config_revision)

    def _posted(self, request: HttpRequest, project: Project) -> HttpResponse:
        try:
            text = laid_out(_text_of(request))
        except UnicodeDecodeError as error:
            return self._edited(request, project, configuration_drafts.not_utf8(error.object), None, is_checked=True)
        by = str(request.user)
        base = min(key_of(request.POST["base"]), MAX_NUMBER) if "base" in request.POST else None
        plan = "check" in request.POST or "repair" in request.POST
        try:
            checked = draft(project, text, base, by=by, plan=plan)
            if (repaired := _repaired(checked, request.POST.get("repair"))) is not None:
                checked = draft(project, repaired, base, by=by, plan=True)
        except errors.Conflict:
            return self._outdated(request, project, text)
        if plan or checked.findings or checked.outcome is None:
            return self._edited(request, project, checked, base, is_checked=True)
        return self._saved(request, project, checked.outcome)

    def _outdated(self, request: HttpRequest, project: Project, text: str) -> HttpResponse:
        """Another revision was stored since the editor was opened, or the text names an older one."""
        newest = store.stored(project)
        project.refresh_from_db()
        who = f" by {newest.created_by}" if newest is not None and newest.created_by else ""
        message = (
            f"Meanwhile revision {project.config_revision} was stored{who}, and nothing of this text. "
            "“What would change” compares with it now: saving again replaces it."
        )
        try:
            checked = draft(project, text, project.config_revision, by="", plan=True)
        except errors.Conflict:
            checked = Draft(text, [Finding(1, "/$baseRevision", "is not the newest revision: remove it", 0)])
        self.message_user(request, message, messages.WARNING)
        return self._edited(request, project, checked, project.config_revision, is_checked=True)

    def _saved(self, request: HttpRequest, project: Project, outcome: Outcome) -> HttpResponse:
        row = store.stored(project)
        if row is None or not outcome.patches:
            message = f"Nothing differs from revision {project.config_revision}: nothing was stored."
            self.message_user(request, message, messages.INFO)
        else:
            self.log_addition(request, row, f"Revision {row.revision}")
            self.message_user(request, f"Revision {row.revision} is stored.", messages.SUCCESS)
            for warning in store.warnings(row):
                self.message_user(request, str(warning), messages.WARNING)
        if row is None:
            return HttpResponseRedirect(f"{request.path}?project={project.pk}")
        return HttpResponseRedirect(_page_of(row))

    def _edited(
        self, request: HttpRequest, project: Project, checked: Draft, base: int | None, *, is_checked: bool = False
    ) -> HttpResponse:
        newest, outcome = store.stored(project), checked.outcome
        patches = _patches(project, newest, checked)
        context = {
            "project": project,
            "draft": checked,
            "is_checked": is_checked,
            "base": project.config_revision if base is None else base,
            "newest": newest,
            "next_revision": project.config_revision + 1,
            "max_shown": configuration_drafts.MAX_SHOWN,
            "max_text": configuration_drafts.MAX_TEXT,
            "revisions": _revisions(project),
            "max_revisions": MAX_REVISIONS,
            "patches": patches,
            "removed_content_types": sorted(outcome.removed_content_types) if outcome else (),
            "warnings": outcome.warnings if outcome and not outcome.problems else (),
            "changes": _changes(patches, checked, newest),
        }
        return self._page(request, f"Configuration of {project.label or project.handle}", context)

    def _page(self, request: HttpRequest, title: str, context: dict[str, Any]) -> HttpResponse:
        common = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, self.add_form_template, common | context)

    # --- Restoring one

    def named(self, thing: ProjectConfigRevision) -> str:
        return f"revision {thing.revision} of {thing.project}"

    def confirmation(self, action: Action[Any], things: Sequence[ProjectConfigRevision]) -> str:
        """With its number."""
        return f"Restore as revision {things[0].project.config_revision + 1}"

    def consequences(self, action: Action[Any], things: Sequence[ProjectConfigRevision]) -> dict[str, Any]:
        """What it would change, where one is restored."""
        newest = store.stored(things[0].project)
        patches = publishing.changes_between(newest, things[0]) if len(things) == 1 else []
        return {
            "patches": patches,
            "changes": changed_lines(patches, stored_text(newest), stored_text(things[0])),
            "max_shown": configuration_drafts.MAX_SHOWN,
        }

    def page_of(self, request: HttpRequest, things: Sequence[Any]) -> str:
        """The page of the newest revision."""
        newest = store.stored(Project.objects.get(pk=things[0].project_id)) if len(things) == 1 else None
        return super().page_of(request, things) if newest is None else _page_of(newest)

    # --- The page of one revision

    def heading(self, row: ProjectConfigRevision) -> str:
        return f"Configuration of {row.project.label or row.project.handle}, revision {row.revision}"

    def panels(self, request: HttpRequest, row: ProjectConfigRevision) -> dict[str, Any]:
        """The differences are to the revision `?against=`, by default the one before."""
        rows = ProjectConfigRevision.objects.filter(project=row.project).defer("config")
        against = _revision(row.project, request.GET.get("against", ""))
        before = against or store.stored_revision(row.project, row.revision - 1)
        text = stored_text(row)
        patches = [] if before is None else publishing.changes_between(before, row)
        return super().panels(request, row) | {
            "changeable": self.may(request, "add", row),
            "draft": Draft(text[: configuration_drafts.MAX_TEXT], []),
            "lines": text.count("\n") + 1,
            "is_cut": len(text) > configuration_drafts.MAX_TEXT,
            "warnings": store.warnings(row),
            "before": before,
            "patches": patches,
            "changes": [] if before is None else changed_lines(patches, stored_text(before), text),
            "max_shown": configuration_drafts.MAX_SHOWN,
            "revisions": _revisions(row.project),
            "max_revisions": MAX_REVISIONS,
            "older": rows.filter(revision__lt=row.revision).order_by("-revision").first(),
            "newer": rows.filter(revision__gt=row.revision).order_by("revision").first(),
            "is_newest": row.revision == row.project.config_revision,
        }


def _text_of(request: HttpRequest) -> str:
    """The uploaded file, or the text of the editor."""
    file = request.FILES.get("file")
    return str(file.read().decode()) if file else request.POST.get("text", "")


def _revisions(project: Project) -> list[ProjectConfigRevision]:
    """The newest ones, one more than is shown."""
    rows = ProjectConfigRevision.objects.filter(project=project).defer("config")
    return list(rows.order_by("-revision")[: MAX_REVISIONS + 1])


def _revision(project: Project, number: str) -> ProjectConfigRevision | None:
    return store.stored_revision(project, min(key_of(number), MAX_NUMBER))


def _repaired(checked: Draft, number: str | None) -> str | None:
    """The text with the repair of that problem; None if there is none to make."""
    found = next((each for each in checked.findings if each.number == key_of(number or "")), None)
    return found.repair.applied(checked.text) if found and found.repair else None


def _patches(project: Project, newest: ProjectConfigRevision | None, checked: Draft) -> Sequence[Patch]:
    """What it would change, problems or not."""
    if checked.config is None or checked.outcome is None:
        return ()
    return checked.outcome.patches or publishing.changes_by(project, newest, checked.config)


def _changes(patches: Sequence[Patch], checked: Draft, newest: ProjectConfigRevision | None) -> list[CodeLine]:
    if checked.config is None or not patches:
        return []
    after = readable.lines(secret_places.masked(configuration_drafts.without_base(checked.config)))
    return changed_lines(patches, stored_text(newest), after)


def _page_of(row: ProjectConfigRevision) -> str:
    return reverse("admin:livingdocs_import_projectconfigrevision_change", args=[row.pk])
