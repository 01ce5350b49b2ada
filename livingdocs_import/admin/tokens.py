"""API clients: issued and rotated with a token that is shown once; suspended, resumed and archived, never deleted."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from livingdocs_import.admin.access import ADMINISTERED, Access
from livingdocs_import.admin.actions import Action, WithActions, by_name
from livingdocs_import.admin.finding import Findable, Hits
from livingdocs_import.admin.forms import NewTokenForm, RotationForm
from livingdocs_import.admin.pages import badge
from livingdocs_import.models import AccessToken
from livingdocs_import.models.access_token import PREFIX_LENGTH, CannotRotate

ID_LENGTHS = (PREFIX_LENGTH, len(str(UUID(int=0))))  # of the beginning of an opaque token, of a `jti`


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


def _link(token: AccessToken) -> SafeString:
    address = reverse("admin:livingdocs_import_accesstoken_change", args=[token.pk])
    return format_html('<a href="{}">{}</a>', address, token.public_id)


def _suspend(token: AccessToken, by: str) -> str:
    AccessToken.objects.suspend(token)
    return "is suspended"


def _resume(token: AccessToken, by: str) -> str:
    AccessToken.objects.resume(token)
    return "is resumed"


def _archive(token: AccessToken, by: str) -> str:
    AccessToken.objects.filter(pk=token.pk).update(archived_at=timezone.now())
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
class AccessTokenAdmin(Findable, WithActions):
    access = Access("project", ADMINISTERED)
    object_actions = ACTIONS
    change_form_template = "admin/livingdocs_import/token.html"
    list_display = ("name", "project", "public_id", "may_do", "state", "last_used_at", "expires_at")
    list_filter = (TokenStateFilter, "project")
    list_select_related = ("project",)
    search_fields = ("name", "=jti", "=prefix")
    form = NewTokenForm

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        fillable = ("name", "description", "scopes", "expires_at")
        if obj is None:
            return ("project", *fillable, "new_jti")
        return ("project", "public_id", "kid", "state", *fillable, "last_used_at", "created_at", "rotation")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("project", "public_id", "kid", "state", "last_used_at", "created_at", "rotation") if obj else ()

    def find(self, request: HttpRequest, text: str, most: int) -> Hits:
        """By the `jti`, or the beginning of an opaque token."""
        if len(text) not in ID_LENGTHS:
            return Hits([])
        rows = self.get_queryset(request).select_related("project")
        return Hits(list(rows.filter(Q(jti=text) | Q(prefix=text))[:most]))

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

    @admin.display(description="Rotation")
    def rotation(self, token: AccessToken) -> SafeString | str:
        """The previous and the next token."""
        before = format_html("replaces {}. ", _link(token.replaces)) if token.replaces else ""
        successor = AccessToken.objects.filter(replaces=token).first()
        if successor is not None:
            return format_html("{}replaced by {}", before, _link(successor))
        return before or "none"

    def panels(self, request: HttpRequest, token: AccessToken) -> dict[str, Any]:
        """With the link to rotate, while the token has no successor."""
        ended = token.archived_at is not None or token.expired(timezone.now())
        followed = AccessToken.objects.filter(replaces=token).exists()
        may = self.may(request, "add", token) and self.may(request, "change", token)
        return super().panels(request, token) | {"rotatable": may and not ended and not followed}

    def get_urls(self) -> list[URLPattern]:
        rotate = self.admin_site.admin_view(self.rotate_view)
        name = "livingdocs_import_accesstoken_rotate"
        return [path("<path:object_id>/rotate/", rotate, name=name), *super().get_urls()]

    def rotate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask until when the old token remains valid, and when the new one ends; then show the new one."""
        token = self.get_object(request, object_id)
        if not isinstance(token, AccessToken):
            raise Http404
        if not self.may(request, "add", token) or not self.may(request, "change", token):
            raise PermissionDenied
        form = RotationForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            context = {**self.admin_site.each_context(request), "opts": self.opts, "token": token, "form": form}
            context["title"] = f"Rotate {token}?"
            return TemplateResponse(request, "admin/livingdocs_import/token_rotation.html", context)
        try:
            ends = {"old_ends_at": form.cleaned_data["ends_at"], "expires_at": form.cleaned_data["expires_at"]}
            new, value = AccessToken.objects.rotate(token, **ends)
        except CannotRotate as refusal:
            self.message_user(request, f"{token} {refusal}.", messages.WARNING)
            return HttpResponseRedirect(reverse("admin:livingdocs_import_accesstoken_change", args=[token.pk]))
        self.log_addition(request, new, [{"added": {}}])
        self.trace(request, [token], f"Rotated: replaced by {new.public_id}")
        return self._shown_once(request, new, value)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Issue a token and show its value in the response to this very POST: it is not stored."""
        form = self.get_form(request)(request.POST or None)
        if not self.has_add_permission(request) or request.method != "POST" or not form.is_valid():
            return super().add_view(request, form_url, extra_context)
        fields: dict[str, Any] = dict(form.cleaned_data)
        token, value = AccessToken.objects.issue(fields.pop("project"), jti=fields.pop("new_jti"), **fields)
        self.log_addition(request, token, [{"added": {}}])
        return self._shown_once(request, token, value)

    def _shown_once(self, request: HttpRequest, token: AccessToken, value: str) -> HttpResponse:
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
