"""The webhooks on a project's page: whether their receivers answer, a test, and switching one on again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

from livingdocs_import.admin import readable
from livingdocs_import.admin.actions import Action, WithActions, by_name
from livingdocs_import.admin.pages import badge
from livingdocs_import.models import Project, ProjectWebhook
from livingdocs_import.project_config import InvalidConfig, Webhook, store
from livingdocs_import.webhooks import events, failing_receivers


@dataclass(frozen=True)
class ConfiguredWebhook:
    """A webhook of a project's configuration, and the state of its receiver."""

    project: Project
    webhook: Webhook
    state: ProjectWebhook | None

    def __str__(self) -> str:
        return f"Webhook {self.webhook.handle}"

    @property
    def is_switched_off(self) -> bool:
        return self.state is not None and self.state.switched_off_at is not None


def _send_test(configured: ConfiguredWebhook, by: str) -> str:
    events.send_test(configured.project, configured.webhook, by=by)
    return "is sent a test"


def _switch_on(configured: ConfiguredWebhook, by: str) -> str:
    switched = failing_receivers.switch_on(configured.project, configured.webhook.handle)
    return "is sent to again" if switched else "was not switched off"


ACTIONS = by_name(
    Action(
        "test",
        "Send a test",
        "change",
        "",
        lambda configured: configured.webhook.active,
        _send_test,
        history="Test sent",
    ),
    Action(
        "switch_on",
        "Switch on",
        "change",
        "",
        lambda configured: configured.is_switched_off,
        _switch_on,
        history="Switched on",
    ),
)


class WithWebhooks(WithActions):
    """The page of a project with its webhooks: the actions are about these."""

    object_actions = ACTIONS

    def things(self, request: HttpRequest) -> Sequence[ConfiguredWebhook]:
        handles = request.POST.getlist("handle")
        return [each for row in super().things(request) for each in webhooks_of(row) if each.webhook.handle in handles]

    def fields_of(self, thing: ConfiguredWebhook) -> Mapping[str, object]:
        return {"object": thing.project.pk, "handle": thing.webhook.handle}

    def owner(self, thing: ConfiguredWebhook) -> Project:
        return thing.project

    def panels(self, request: HttpRequest, project: Project) -> dict[str, Any]:
        return {
            "webhooks": [shown(each) | self.buttons(request, each) for each in webhooks_of(project)],
            "may_send": self.may(request, "change", project),
        }


def webhooks_of(project: Project) -> list[ConfiguredWebhook]:
    """Those of the configuration; none if it cannot be read, which its own page reports."""
    try:
        webhooks = store.readable(project).webhooks.configured
    except InvalidConfig:
        return []
    states = {(state.handle, state.url): state for state in ProjectWebhook.objects.filter(project=project)}
    return [ConfiguredWebhook(project, each, states.get((each.handle, each.url))) for each in webhooks]


def shown(configured: ConfiguredWebhook) -> dict[str, Any]:
    """One webhook for a table's row."""
    webhook = configured.webhook
    return {
        "handle": webhook.handle,
        "label": webhook.label,
        "receiver": readable.url(webhook.url),
        "events": ", ".join(dict.fromkeys(event.name for event in webhook.events)),
        **dict(zip(("badge", "since"), state_badge(webhook, configured.state), strict=True)),
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
