"""The webhooks of a project on its page: whether their receivers answer, a test, and switching one on again."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from livingdocs_import.admin import readable
from livingdocs_import.admin.pages import Listed, badge
from livingdocs_import.models import Project, ProjectWebhook
from livingdocs_import.project_config import InvalidConfig, Webhook, store
from livingdocs_import.webhooks import events, receivers


class WithWebhooks(Listed):
    """The page of a project with its webhooks."""

    def get_urls(self) -> list[URLPattern]:
        test = require_POST(self.admin_site.admin_view(self.test_view))
        switch_on = require_POST(self.admin_site.admin_view(self.switch_on_view))
        return [
            path("<int:pk>/webhooks/test/", test, name="project_webhook_test"),
            path("<int:pk>/webhooks/switch-on/", switch_on, name="project_webhook_switch_on"),
            *super().get_urls(),
        ]

    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a message about nothing."""
        project, webhook = self._meant(request, pk)
        if webhook is None or not webhook.active:
            self.message_user(request, "There is no active webhook of that handle any more.", messages.WARNING)
        else:
            events.send_test(project, webhook, by=str(request.user))
            self.trace(request, [project], f"Test sent to webhook {webhook.handle}")
            self.message_user(request, f"A test is on its way to {webhook.handle}.", messages.SUCCESS)
        return self._back_to(project)

    def switch_on_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send to a receiver again."""
        project, webhook = self._meant(request, pk)
        if webhook is None or not receivers.switch_on(project, webhook.handle):
            self.message_user(request, "Nothing to do: it is not switched off.", messages.WARNING)
        else:
            self.trace(request, [project], f"Webhook {webhook.handle} switched on")
            self.message_user(request, f"Webhook {webhook.handle} is sent to again.", messages.SUCCESS)
        return self._back_to(project)

    def _meant(self, request: HttpRequest, pk: int) -> tuple[Project, Webhook | None]:
        if not self.may(request, "change"):
            raise PermissionDenied
        project = get_object_or_404(Project, pk=pk)
        return project, next((each for each in configured(project) if each.handle == request.POST.get("handle")), None)

    def _back_to(self, project: Project) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:livingdocs_import_project_change", args=[project.pk]))

    def panels(self, request: HttpRequest, project: Project) -> dict[str, Any]:
        states = {(state.handle, state.url): state for state in ProjectWebhook.objects.filter(project=project)}
        webhooks = [shown(webhook, states.get((webhook.handle, webhook.url))) for webhook in configured(project)]
        return super().panels(request, project) | {
            "webhooks": webhooks,
            "may_send": self.may(request, "change"),
        }


def configured(project: Project) -> tuple[Webhook, ...]:
    """Those of the configuration; none where it cannot be read, which its own page tells."""
    try:
        return store.readable(project).webhooks.configured
    except InvalidConfig:
        return ()


def shown(webhook: Webhook, state: ProjectWebhook | None) -> dict[str, Any]:
    """One webhook for a table's row."""
    return {
        "handle": webhook.handle,
        "label": webhook.label,
        "receiver": readable.url(webhook.url),
        "events": ", ".join(dict.fromkeys(event.name for event in webhook.events)),
        "active": webhook.active,
        "switched_off": state is not None and state.switched_off_at is not None,
        **dict(zip(("badge", "since"), state_badge(webhook, state), strict=True)),
    }


def state_badge(webhook: Webhook, state: ProjectWebhook | None) -> tuple[SafeString, Any]:
    """The state in a word, and since when."""
    if not webhook.active:
        return badge("not active", "calm"), None
    if state is None or state.failing_since is None:
        return badge("active", "good"), None
    if state.switched_off_at is not None:
        return badge("switched off", "bad"), state.switched_off_at
    if state.exhausted_at is not None:
        return badge("exhausted", "bad"), state.exhausted_at
    return badge("fails", "busy"), state.failing_since
