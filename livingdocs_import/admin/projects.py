"""Projects: their limits, share of the workers, time zone, webhooks and webhook secret."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from livingdocs_import.admin.access import ADMINISTERED, Access
from livingdocs_import.admin.finding import Findable, Hits
from livingdocs_import.admin.forms import LIMITED, ProjectForm, limit_field
from livingdocs_import.admin.memberships import MembersOfProject
from livingdocs_import.admin.project_webhooks import WithWebhooks
from livingdocs_import.errors import UnreadableSecret
from livingdocs_import.models import Project
from livingdocs_import.project_config import webhook_secrets

READ_ONLY = (
    (None, {"fields": ("handle", "label")}),
    ("Imports", {"fields": ("limits", "import_weight", "time_zone")}),
    ("Webhooks", {"fields": ("secret",)}),
)
OF_ONE_PROJECT = (*READ_ONLY[:-1], ("Webhooks", {"fields": ("secret", "new_secret", "remove_secret")}))
OFFERED = tuple(limit_field(kind) for kind in LIMITED)
SHARED = (*OFFERED, "import_weight")  # what one project takes of these, the others lack


@admin.register(Project)
class ProjectAdmin(Findable, WithWebhooks):
    access = Access("pk", ADMINISTERED, everywhere=frozenset({"add"}))
    form = ProjectForm
    inlines = (MembersOfProject,)
    change_form_template = "admin/livingdocs_import/project.html"
    list_display = ("handle", "label", "configuration", "limits", "created_at")
    search_fields = ("handle", "label")
    ordering = ("handle",)
    fieldsets = (
        (None, {"fields": ("handle", "label")}),
        (
            "Daily limits",
            {
                "fields": OFFERED,
                "description": "Items that may be accepted in 24 hours. Empty: as for every other kind; "
                "when that is empty as well, as many as they like.",
            },
        ),
        ("Imports", {"fields": ("import_weight", "time_zone")}),
        ("Webhooks", {"fields": ("secret", "new_secret", "remove_secret")}),
    )
    readonly_fields = ("secret",)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Limits that a user may not change are a text; who may not change the project has no fields for a secret."""
        if obj and not self.may(request, "change", obj):
            return READ_ONLY
        if not self._may_share(request):
            return OF_ONE_PROJECT
        return super().get_fieldsets(request, obj)

    def _may_share(self, request: HttpRequest) -> bool:
        """Whether the user may change limits and shares: who may change all projects, not one of them."""
        return self.projects(request, "change").is_everything

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> Any:
        """A new project has no members yet."""
        return super().get_inlines(request, obj) if obj else ()

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """The handle is used in scripts and documents: it is chosen once."""
        shared = () if self._may_share(request) else ("limits", *SHARED)
        return ("handle", "secret", *shared) if obj else ("secret", *shared)

    def find(self, request: HttpRequest, text: str, most: int) -> Hits:
        """By the handle."""
        return Hits(list(self.get_queryset(request).filter(handle=text)[:most]))

    def about(self, project: Project) -> str:
        return project.label

    def get_list_display(self, request: HttpRequest) -> Any:
        """With a link to the editor for users who may change configurations."""
        columns = super().get_list_display(request)
        if not request.user.has_perm("livingdocs_import.add_projectconfigrevision"):
            return columns
        return [self.edited_configuration if name == "configuration" else name for name in columns]

    @admin.display(description="Configuration")
    def configuration(self, project: Project) -> str:
        return f"revision {project.config_revision}" if project.config_revision else "defaults"

    @admin.display(description="Configuration")
    def edited_configuration(self, project: Project) -> SafeString:
        editor = reverse("admin:livingdocs_import_projectconfigrevision_add")
        return format_html('{} <a href="{}?project={}">Edit</a>', self.configuration(project), editor, project.pk)

    @admin.display(description="Daily limits")
    def limits(self, project: Project) -> str:
        named = (f"{LIMITED.get(kind, kind)} {limit:,}" for kind, limit in project.daily_limits.items())
        return ", ".join(named) or "none"

    @admin.display(description="Webhook secret")
    def secret(self, project: Project) -> str:
        secret = webhook_secrets.for_jobs(project)
        if not secret:
            return "none: webhooks are not signed"
        try:
            secret.reveal()
        except UnreadableSecret as error:
            return f"set, but {error}: webhooks wait"
        return (
            "set" if secret == project.webhook_secret else "the one in the configuration, which outranks the project's"
        )
