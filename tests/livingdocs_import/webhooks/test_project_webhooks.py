"""How events reach a project's webhooks: signed, at least once, for three days; and what becomes of dead receivers."""

import hashlib
import hmac
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from livingdocs_import.egress.post import Posted
from livingdocs_import.errors import NotConfigured
from livingdocs_import.models import Project, ProjectReceiver, WebhookDelivery
from livingdocs_import.project_config import store
from livingdocs_import.webhooks import dispatcher as sending
from livingdocs_import.webhooks import events, outbox, receivers
from livingdocs_import.webhooks.dispatcher import Dispatcher
from livingdocs_import.webhooks.messages import IMPORTER, Event
from livingdocs_import.webhooks.retry_policy import GIVE_UP_EVENTS_AFTER, plan_next
from tests.api_client import Caller, store_unreadable_config
from tests.origin import Reply, Request
from tests.subscribers import Subscriber, with_webhooks

UPDATE = "mediaLibraryEntry.update"
DAY = timedelta(days=1)


def tell(project: Project, *media_ids: str) -> None:
    """Something happens to these entries."""
    events.record(project, [Event(UPDATE, {"mediaId": media_id}) for media_id in media_ids], actor=IMPORTER)


def reported(subscriber: Subscriber, **hook: Any) -> Request:
    """The request that reports an event to a webhook."""
    subscriber.subscribe(UPDATE, **hook)
    tell(subscriber.caller.project, "it")
    subscriber.run()
    return subscriber.origin.asked("/cache")[-1]


def signature(secret: str, request: Request) -> str:
    return f"sha256={hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()}"


# --- What is sent ----------------------------------------------------------------------------------------------------


def test_the_request_is_a_post_of_compact_json(subscriber: Subscriber) -> None:
    """WHK-23, WHK-25"""
    request = reported(subscriber)
    assert (request.method, request.headers["content-type"]) == ("POST", "application/json")
    assert request.body.startswith(b'{"event":"mediaLibraryEntry.update","deliveryId":"')
    assert request.json()["deliveryId"] == request.headers["x-livingdocs-delivery"]
    assert not {"x-livingdocs-signature", "webhook-id", "webhook-signature"} & request.headers.keys()


def test_a_project_secret_alone_signs_no_event(subscriber: Subscriber) -> None:
    """WHK-23"""
    Project.objects.update(webhook_secret="the project's")
    assert "x-livingdocs-signature" not in reported(subscriber).headers


def test_a_webhook_signs_with_its_secret(subscriber: Subscriber) -> None:
    """WHK-13"""
    request = reported(subscriber, secret="hush")
    assert request.headers["x-livingdocs-signature"] == signature("hush", request)
    assert request.headers["webhook-id"] == request.json()["deliveryId"]
    assert "hush" not in str(subscriber.caller.project.config_revisions.latest("revision").config)


def test_a_secret_that_is_referred_to_is_the_projects(subscriber: Subscriber) -> None:
    """WHK-24"""
    Project.objects.update(webhook_secret="the project's")
    request = reported(subscriber, secret={"$secretRef": {"name": "cache"}})
    assert request.headers["x-livingdocs-signature"] == signature("the project's", request)


def test_a_reference_to_a_secret_that_is_not_set_is_warned_of(times: Caller) -> None:
    hook = {"handle": "cache", "url": "https://c.example", "events": [UPDATE], "secret": {"$secretRef": {"name": "x"}}}
    row = store.store(times.project, with_webhooks(hook), by="test")
    reported = [str(warning) for warning in store.warnings(row)]
    assert any("configurations/0/secret: refers to the webhook secret of the project" in each for each in reported)


def test_each_webhook_gets_each_event_once(subscriber: Subscriber) -> None:
    """WHK-25"""
    hooks = [
        {"handle": name, "url": subscriber.origin.url(f"/{name}"), "events": [UPDATE, {"name": UPDATE}]}
        for name in ("one", "two")
    ]
    store.store(subscriber.caller.project, with_webhooks(*hooks), by="test")
    tell(subscriber.caller.project, "a", "b")
    assert [body["mediaId"] for body in subscriber.received("one")] == ["a", "b"]
    bodies = [request.json() for request in subscriber.origin.webhooks]
    assert sorted((body["webhookHandle"], body["mediaId"]) for body in bodies) == [
        ("one", "a"), ("one", "b"), ("two", "a"), ("two", "b"),
    ]  # fmt: skip
    assert len({body["deliveryId"] for body in bodies}) == 4


def test_a_chunk_of_events_takes_as_many_statements_as_one_event(subscriber: Subscriber) -> None:
    subscriber.subscribe(UPDATE)
    project = subscriber.caller.project

    def statements(number: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            tell(project, *(str(n) for n in range(number)))
        return len(queries)

    tell(project, "warm")
    assert statements(500) == statements(1)
    assert WebhookDelivery.objects.count() == 502


def test_an_attempt_that_is_made_again_has_the_same_id_and_body(subscriber: Subscriber) -> None:
    """WHK-25"""
    subscriber.origin.reply("/cache", Reply(status=503), Reply())
    first = reported(subscriber)
    WebhookDelivery.objects.update(due_at=timezone.now())
    subscriber.run()
    second = subscriber.origin.asked("/cache")[-1]
    assert second is not first
    assert (first.body, first.headers["x-livingdocs-delivery"]) == (
        second.body,
        second.headers["x-livingdocs-delivery"],
    )


@pytest.mark.parametrize("off", [{"active": False}, {}])
def test_what_is_not_active_is_not_reported(subscriber: Subscriber, off: dict[str, Any]) -> None:
    """WHK-21: neither of what happens now nor of what waits to be sent again."""
    subscriber.origin.reply("/cache", Reply(status=503))
    reported(subscriber)
    hook = {"handle": "cache", "url": subscriber.origin.url("/cache"), "events": [UPDATE]} | off
    store.store(subscriber.caller.project, with_webhooks(hook, active=bool(off)), by="test")
    tell(subscriber.caller.project, "later")
    assert WebhookDelivery.objects.count() == 1
    WebhookDelivery.objects.update(due_at=timezone.now())
    subscriber.run()
    assert len(subscriber.origin.asked("/cache")) == 1
    waiting = WebhookDelivery.objects.get()
    assert waiting.state == "given up"
    assert "not active" in waiting.tries.latest("at").error
    assert ProjectReceiver.objects.get().failures == 1, "that is no failure of the receiver"


def test_an_unreadable_configuration_delays_no_other_and_its_webhooks_wait(subscriber: Subscriber) -> None:
    subscriber.subscribe(UPDATE)
    project = subscriber.caller.project
    tell(project, "it")
    project.config_revisions.all().delete()
    store_unreadable_config(project)
    tell(project, "another")
    subscriber.run()
    waiting = WebhookDelivery.objects.get()
    assert (waiting.state, subscriber.origin.webhooks) == ("pending", [])
    assert "cannot be read" in waiting.tries.get().error


def test_the_webhooks_of_jobs_are_as_before(subscriber: Subscriber) -> None:
    """The secret of jobs signs them, whatever the project's webhooks have."""
    Project.objects.update(webhook_secret="the project's")
    subscriber.subscribe(UPDATE, secret="hush")
    subscriber.caller.import_images(webhook=subscriber.origin.url("/job"))
    subscriber.run()
    (request,) = subscriber.origin.asked("/job")
    assert request.headers["x-livingdocs-signature"] == signature("the project's", request)


# --- Receivers that do not answer ------------------------------------------------------------------------------------


def test_events_are_tried_for_three_days() -> None:
    age, attempts = timedelta(0), 0
    while (attempts := attempts + 1) < 100:
        state, pause = plan_next(Posted(500, 1, "", None), attempts, age=age, give_up_after=GIVE_UP_EVENTS_AFTER)
        if state == "given up":
            break
        age += pause
    assert timedelta(hours=55) < age <= timedelta(hours=72)
    assert 12 <= attempts <= 18


def fail(project: Project, *, age: timedelta, result: Any = None) -> None:
    """The newest delivery, so old, meets one more failure."""
    WebhookDelivery.objects.filter(pk=newest(project).pk).update(created_at=timezone.now() - age)
    (claimed,) = (
        WebhookDelivery.objects.filter(pk=newest(project).pk)
        .select_related("project")
        .claim(1, lease=timedelta(minutes=1))
    )
    sending.record(claimed, result or Posted(500, 1, "", None))


def newest(project: Project) -> WebhookDelivery:
    return WebhookDelivery.objects.filter(project=project).latest("pk")


def test_the_first_delivery_that_is_exhausted_is_reported_and_the_others_are_not(
    subscriber: Subscriber, caplog: pytest.LogCaptureFixture
) -> None:
    subscriber.subscribe(UPDATE)
    project = subscriber.caller.project
    for number in range(3):
        tell(project, str(number))
        fail(project, age=3 * DAY)
        assert newest(project).state == "given up"
    assert caplog.text.count("webhook times/cache: exhausted") == 1
    assert ProjectReceiver.objects.get().exhausted_at is not None
    reported(subscriber)
    assert ProjectReceiver.objects.get().exhausted_at is None, "it answers again"


def test_what_is_refused_at_once_is_not_exhausted(subscriber: Subscriber) -> None:
    subscriber.subscribe(UPDATE)
    tell(subscriber.caller.project, "it")
    fail(subscriber.caller.project, age=3 * DAY, result=Posted(410, 1, "", None))
    state = ProjectReceiver.objects.get()
    assert (state.failures, state.exhausted_at) == (1, None)


def failing(subscriber: Subscriber, *, for_days: float, failures: int) -> ProjectReceiver:
    """A webhook that has only failed for so long, in so many attempts; one more fails now."""
    subscriber.subscribe(UPDATE)
    project = subscriber.caller.project
    receiver = receivers.receiver_for(project.pk, subscriber.origin.url("/cache"), "cache")
    ProjectReceiver.objects.filter(pk=receiver.pk).update(
        failing_since=timezone.now() - for_days * DAY, failures=failures - 1
    )
    tell(project, "it")
    fail(project, age=timedelta(0))
    return ProjectReceiver.objects.get()


def test_a_receiver_that_has_only_failed_for_five_days_is_switched_off(
    subscriber: Subscriber, caplog: pytest.LogCaptureFixture
) -> None:
    assert failing(subscriber, for_days=5.01, failures=10).switched_off_at is not None
    assert "webhook times/cache: switched off" in caplog.text
    project = subscriber.caller.project
    tell(project, "later")
    WebhookDelivery.objects.filter(state="pending").update(due_at=timezone.now())
    subscriber.run()
    assert subscriber.origin.webhooks == [], "neither what waits nor what happens from then on is sent"
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"held"}

    receiver = ProjectReceiver.objects.get()
    assert receivers.switch_on(receiver)
    assert not receivers.switch_on(receiver)
    tell(project, "again")
    subscriber.run()
    assert [request.json()["mediaId"] for request in subscriber.origin.webhooks] == ["again"]


def test_one_query_asks_for_all_messages_that_are_sent_next_which_receivers_are_switched_off(
    subscriber: Subscriber,
) -> None:
    reported(subscriber)  # a receiver that is known to be quick gets four at a time
    tell(subscriber.caller.project, "1", "2", "3", "4")
    with CaptureQueriesContext(connection) as captured:
        subscriber.run()
    off = '"switched_off_at" IS NOT NULL'
    asked = [query["sql"] for query in captured if off in query["sql"] and query["sql"].startswith("SELECT")]
    claims = [query["sql"] for query in captured if '"claim_number" + 1' in query["sql"]]
    assert len(subscriber.origin.webhooks) == 5
    assert len(asked) <= 2 + 2 * len(claims)


@pytest.mark.parametrize(("days", "failures"), [(4.9, 100), (6, 9)])
def test_less_than_that_switches_no_receiver_off(subscriber: Subscriber, days: float, failures: int) -> None:
    assert failing(subscriber, for_days=days, failures=failures).switched_off_at is None


def test_a_success_in_between_begins_it_anew(subscriber: Subscriber) -> None:
    failing(subscriber, for_days=4.9, failures=50)
    reported(subscriber)
    state = ProjectReceiver.objects.get()
    assert (state.failing_since, state.failures) == (None, 0)


def test_another_address_is_another_receiver(subscriber: Subscriber) -> None:
    failing(subscriber, for_days=6, failures=20)
    hook = {"handle": "cache", "url": subscriber.origin.url("/moved"), "events": [UPDATE]}
    store.store(subscriber.caller.project, with_webhooks(hook), by="test")
    tell(subscriber.caller.project, "it")
    assert newest(subscriber.caller.project).url.endswith("/moved")
    fail(subscriber.caller.project, age=timedelta(0))
    state = ProjectReceiver.objects.get()
    assert (state.failures, state.switched_off_at) == (1, None)


def test_faults_of_our_own_are_not_the_receivers(subscriber: Subscriber) -> None:
    subscriber.subscribe(UPDATE)
    tell(subscriber.caller.project, "it")
    fail(subscriber.caller.project, age=timedelta(0), result=NotConfigured("no key"))
    assert not ProjectReceiver.objects.exists()


def test_a_test_is_sent_even_to_a_receiver_that_is_switched_off(subscriber: Subscriber) -> None:
    failing(subscriber, for_days=6, failures=20)
    project = subscriber.caller.project
    (webhook,) = store.current(project).webhooks.configured
    events.send_test(project, webhook, by="ines")
    subscriber.run()
    (request,) = subscriber.origin.webhooks
    body = request.json()
    assert (body.pop("event"), body.pop("actor"), len(body.pop("deliveryId"))) == ("test", {"type": "user"}, 21)
    assert body == {"projectId": project.pk, "projectHandle": "times", "webhookHandle": "cache"}
    assert ProjectReceiver.objects.get().switched_off_at is not None, "an operator switches it on"


def test_deliveries_can_be_sent_again(subscriber: Subscriber, dispatcher: Dispatcher) -> None:
    subscriber.origin.reply("/cache", Reply(status=410), Reply())
    reported(subscriber)
    outbox.send_again(WebhookDelivery.objects.get())
    dispatcher.deliver_due()
    assert WebhookDelivery.objects.get().state == "delivered"
