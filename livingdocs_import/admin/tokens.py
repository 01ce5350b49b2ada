"""API clients: issued with a token that is shown once; suspended, resumed and archived, never deleted."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from livingdocs_import.admin.actions import Action, WithActions, by_name
from livingdocs_import.admin.forms import NewTokenForm
from livingdocs_import.admin.pages import badge
from livingdocs_import.models import AccessToken


class TokenStateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("usable", "In use"), ("expired", "Expired"), ("suspended", "Suspended"), ("archived", "Archived")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessToken]) -> QuerySet[AccessToken]:
        now = timezone.now()
        match self.value():
            case "usable":
                return queryset.filter(suspended_at=None, archived_at=None).exclude(expires_at__lte=now)
            case "expired":
                return queryset.filter(expires_at__lte=now, archived_at=None)
            case "suspended":
                return queryset.filter(suspended_at__isnull=False, archived_at=None)
            case "archived":
                return queryset.filter(archived_at__isnull=False)
        return queryset


def _stamp(token: AccessToken, **stamps: Any) -> None:
    AccessToken.objects.filter(pk=token.pk).update(**stamps)


def _suspend(token: AccessToken, by: str) -> str:
    _stamp(token, suspended_at=timezone.now())
    return "is suspended"


def _resume(token: AccessToken, by: str) -> str:
    _stamp(token, suspended_at=None, archived_at=None)
    return "is resumed"


def _archive(token: AccessToken, by: str) -> str:
    _stamp(token, archived_at=timezone.now())
    return "is archived"


ACTIONS = by_name(
    Action(
        "suspend",
        "Suspend: refused from the next request on",
        "change",
        "",
        lambda token: token.suspended_at is None,
        _suspend,
        listed=True,
        history="Suspended",
    ),
    Action(
        "resume",
        "Resume: accepted again",
        "change",
        "",
        lambda token: token.suspended_at is not None or token.archived_at is not None,
        _resume,
        listed=True,
        history="Resumed",
    ),
    Action(
        "archive",
        "Archive: refused, and out of the way",
        "change",
        "",
        lambda token: token.archived_at is None,
        _archive,
        listed=True,
        history="Archived",
    ),
)


@admin.register(AccessToken)
class AccessTokenAdmin(WithActions):
    object_actions = ACTIONS
    list_display = ("name", "project", "public_id", "may_do", "state", "last_used_at", "expires_at")
    list_filter = (TokenStateFilter, "project")
    list_select_related = ("project",)
    search_fields = ("name", "=jti", "=prefix")
    form = NewTokenForm

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        fillable = ("name", "description", "scopes", "expires_at")
        return (
            ("project", "public_id", "kid", "state", *fillable, "last_used_at", "created_at")
            if obj
            else (
                "project",
                *fillable,
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("project", "public_id", "kid", "state", "last_used_at", "created_at") if obj else ()

    @admin.display(description="Token (jti)")
    def public_id(self, token: AccessToken) -> str:
        return token.public_id

    @admin.display(description="May")
    def may_do(self, token: AccessToken) -> str:
        return ", ".join(scope.removeprefix("public-api:") for scope in token.scopes)

    @admin.display(description="State")
    def state(self, token: AccessToken) -> SafeString:
        state = token.state(timezone.now())
        return badge(state, {"archived": "calm", "in use": "good"}.get(state, "bad"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Issue a token and show its value in the answer to this very POST: it is kept nowhere."""
        form = self.get_form(request)(request.POST or None)
        if not self.has_add_permission(request) or request.method != "POST" or not form.is_valid():
            return super().add_view(request, form_url, extra_context)
        fields: dict[str, Any] = dict(form.cleaned_data)
        token, value = AccessToken.objects.issue(fields.pop("project"), **fields)
        self.log_addition(request, token, [{"added": {}}])
        context = {
            **self.admin_site.each_context(request),
            "title": "The token, shown once",
            "opts": self.opts,
            "token": token,
            "value": value,
        }
        answer = TemplateResponse(request, "admin/livingdocs_import/token_issued.html", context)
        answer.headers["Cache-Control"] = "no-store"
        return answer
