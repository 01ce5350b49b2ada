"""A project's configuration: the history of its revisions, and the form that adds the next one."""

import difflib
from typing import Any

from django.contrib import admin, messages
from django.db.models import F, Model, QuerySet
from django.http import HttpRequest

from livingdocs_import.admin import readable
from livingdocs_import.admin.access import ADMINISTERED, Access
from livingdocs_import.admin.forms import ConfigurationForm
from livingdocs_import.admin.pages import ReadOnly
from livingdocs_import.admin.primary_keys import key_of
from livingdocs_import.models import ProjectConfigRevision
from livingdocs_import.project_config import secret_places, store


@admin.register(ProjectConfigRevision)
class ConfigurationAdmin(ReadOnly):
    """Revisions are history; a configuration is only changed by adding the next one."""

    access = Access("project", ADMINISTERED)
    form = ConfigurationForm
    change_form_template = "admin/livingdocs_import/configuration.html"
    add_form_template = "admin/change_form.html"
    list_display = ("revision_of", "project", "design", "created_at", "created_by")
    list_filter = ("project",)
    list_select_related = ("project",)
    fields = ("project", "text", "file")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProjectConfigRevision]:
        return super().get_queryset(request).select_related("project")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "add")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return ["project", "design", "created_at", "created_by"] if obj else ["project", "text", "file"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("design",) if obj else ()

    @admin.display(description="Revision")
    def revision_of(self, row: ProjectConfigRevision) -> str:
        return f"revision {row.revision}"

    @admin.display(description="Design")
    def design(self, row: ProjectConfigRevision) -> str:
        return f"{row.design_name} {row.design_version}"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?project=` starts with that project's newest configuration."""
        wanted = request.GET.get("project", "")
        rows = self.get_queryset(request).filter(project_id=key_of(wanted))
        newest = rows.filter(revision=F("project__config_revision")).first()
        config = newest.config if newest else {"v": 2}
        return {"project": wanted, "text": readable.lines(secret_places.masked(config))}

    def save_form(self, request: HttpRequest, form: Any, change: Any) -> ProjectConfigRevision:
        """Store it: the service creates the row, so there is nothing left to save afterwards."""
        row = store.store(form.cleaned_data["project"], form.cleaned_data["config"], by=str(request.user))
        for warning in store.warnings(row):
            self.message_user(request, str(warning), messages.WARNING)
        return row

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Stored already."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """There are no related objects."""

    def panels(self, request: HttpRequest, row: ProjectConfigRevision) -> dict[str, Any]:
        before = ProjectConfigRevision.objects.filter(project=row.project, revision=row.revision - 1).first()
        now = readable.lines(secret_places.masked(row.config))
        return {
            "changeable": self.may(request, "add", row),
            "config": now,
            "warnings": store.warnings(row),
            "before": before,
            "differences": differences(readable.lines(secret_places.masked(before.config)), now) if before else [],
            "newest": row.revision == row.project.config_revision,
        }


def differences(then: str, now: str) -> list[tuple[str, str]]:
    """The changed lines with three around them, each with "added", "removed", "place" or "same"."""
    kinds = {"+": "added", "-": "removed", "@": "place"}
    changed = difflib.unified_diff(then.splitlines(), now.splitlines(), lineterm="", n=3)
    return [(kinds.get(line[:1], "same"), line) for line in list(changed)[2:]]
