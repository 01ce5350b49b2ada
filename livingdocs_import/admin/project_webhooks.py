"""The webhooks on a project's page: whether their receivers answer, a test, switching one off and on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

from livingdocs_import.admin import readable
from livingdocs_import.admin.actions import Action, WithActions, by_name
from livingdocs_import.admin.pages import badge
from livingdocs_import.models import Project, ProjectReceiver
from livingdocs_import.project_config import InvalidConfig, Webhook, store
from livingdocs_import.webhooks import events, receivers
from livingdocs_import.webhooks.lanes import lane_of


@dataclass(frozen=True)
class ConfiguredWebhook:
    """A webhook of a project's configuration, and the state of its receiver."""

    project: Project
    webhook: Webhook
    state: ProjectReceiver | None

    def __str__(self) -> str:
        return f"Webhook {self.webhook.handle}"

    @property
    def is_switched_off(self) -> bool:
        return self.state is not None and self.state.is_off_for(self.webhook)


def _send_test(configured: ConfiguredWebhook, by: str) -> str:
    events.send_test(configured.project, configured.webhook, by=by)
    return "is sent a test"


def _switch_off(configured: ConfiguredWebhook, by: str) -> str:
    webhook = configured.webhook
    receiver = receivers.receiver_for(configured.project.pk, webhook.url, webhook.handle)
    return "is not sent to" if receivers.switch_off(receiver, by=by) else "was switched off already"


def _switch_on(configured: ConfiguredWebhook, by: str) -> str:
    switched = configured.state is not None and receivers.switch_on(configured.state)
    return "is sent to again" if switched else "was not switched off"


HELD_FROM_NOW_ON = (
    "Its deliveries are held from now on, those that wait included, until they are sent by hand. An attempt that is "
    "under way is finished. The configuration stays as it is."
)
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
        "switch_off",
        "Switch off",
        "change",
        HELD_FROM_NOW_ON,
        lambda configured: not configured.is_switched_off,
        _switch_off,
        history="Switched off",
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
    states = {state.lane: state for state in ProjectReceiver.objects.filter(project=project).exclude(webhook="")}
    lanes = [lane_of(project.pk, each.url, each.handle) for each in webhooks]
    return [ConfiguredWebhook(project, each, states.get(lane)) for each, lane in zip(webhooks, lanes, strict=True)]


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


def state_badge(webhook: Webhook, state: ProjectReceiver | None) -> tuple[SafeString, Any]:
    """The state in a word, and since when."""
    if not webhook.active:
        return badge("not active", "calm"), None
    if state is not None and state.is_off_for(webhook):
        return badge("switched off", "calm" if state.switched_off_by else "bad"), state.switched_off_at
    if state is None or state.url != webhook.url or state.failing_since is None:
        return badge("active", "good"), None
    if state.exhausted_at is not None:
        return badge("exhausted", "bad"), state.exhausted_at
    return badge("fails", "busy"), state.failing_since
