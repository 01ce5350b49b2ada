"""The webhooks of a project on its page in the admin, and what the overview and `status` say of dead receivers."""

from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.utils import timezone

from livingdocs_import.models import Project, ProjectReceiver, WebhookDelivery
from livingdocs_import.project_config import store
from livingdocs_import.webhooks import receivers
from tests.api_client import Caller, store_unreadable_config
from tests.operators import operator
from tests.subscribers import Subscriber, with_webhooks

ACT = "/admin/livingdocs_import/project/act/"


def page_of(project: Project) -> str:
    return f"/admin/livingdocs_import/project/{project.pk}/change/"


def shown(project: Project) -> str:
    return operator().get(page_of(project)).content.decode()


def test_the_page_shows_each_webhook_and_no_secret(times: Caller) -> None:
    hook = {"handle": "cache", "url": "https://u:pw@cache.example/hook?key=s3cret", "label": "The cache"}
    hook |= {"secret": "hush-hush", "events": ["document.publish", {"name": "document.update"}]}
    off = hook | {"handle": "search", "active": False}
    store.store(times.project, with_webhooks(hook, off), by="test")
    page = shown(times.project)
    assert "The cache" in page
    assert "https://cache.example/hook?…" in page
    assert "document.publish, document.update" in page
    assert ">active<" in page
    assert ">not active<" in page
    assert page.count("Send a test") == 1
    assert not [secret for secret in ("s3cret", "hush-hush", "pw@") if secret in page]


def test_a_project_without_webhooks_or_with_an_unreadable_configuration_has_a_page(times: Caller) -> None:
    assert "Webhooks of the configuration" not in shown(times.project)
    times.project.config_revisions.all().delete()
    store_unreadable_config(times.project)
    assert operator().get(page_of(times.project)).status_code == 200


def test_a_test_is_sent_by_the_button(subscriber: Subscriber) -> None:
    subscriber.subscribe("document.publish")
    project = subscriber.caller.project
    client = operator()
    answer = client.post(f"{ACT}test/", {"object": project.pk, "handle": "cache"}, follow=True)
    assert "Webhook cache is sent a test." in answer.content.decode()
    (body,) = subscriber.received()
    assert (body["event"], body["webhookHandle"], body["actor"]) == ("test", "cache", {"type": "user"})
    assert LogEntry.objects.latest("pk").get_change_message() == "Test sent: Webhook cache"
    delivery = WebhookDelivery.objects.get()
    page = client.get(f"/admin/livingdocs_import/webhookdelivery/{delivery.pk}/change/").content.decode()
    assert "cache" in page


@pytest.mark.parametrize("action", ["test", "switch_off", "switch_on"])
def test_who_may_only_look_sends_nothing_and_a_webhook_that_is_gone_gets_nothing(times: Caller, action: str) -> None:
    url, named = f"{ACT}{action}/", {"object": times.project.pk, "handle": "cache"}
    assert operator("livingdocs_import.view_project").post(url, named).status_code == 403
    assert operator().post(url, named | {"handle": "gone"}).status_code == 302
    assert operator().get(url).status_code == 405
    assert not WebhookDelivery.objects.exists()


def test_what_is_switched_off_is_reported_and_switched_on_again(subscriber: Subscriber) -> None:
    subscriber.subscribe("document.publish")
    project, now = subscriber.caller.project, timezone.now()
    state = receivers.receiver_for(project.pk, subscriber.origin.url("/cache"), "cache")
    ProjectReceiver.objects.update(failing_since=now, switched_off_at=now)
    client = operator()
    assert ">switched off<" in client.get(page_of(project)).content.decode()
    assert "Switched off" in client.get("/admin/").content.decode()
    reported = StringIO()
    with pytest.raises(CommandError):  # no workers in a test
        call_command("status", stdout=reported)
    assert "webhook times/cache: switched off, after failing since" in reported.getvalue()
    url, named = f"{ACT}switch_on/", {"object": project.pk, "handle": "cache"}
    assert "Webhook cache is sent to again." in client.post(url, named, follow=True).content.decode()
    state.refresh_from_db()
    assert state.switched_off_at is None
    assert "nothing to do" in client.post(url, named, follow=True).content.decode()
    assert "Receivers of webhooks that only fail" not in client.get("/admin/").content.decode()
