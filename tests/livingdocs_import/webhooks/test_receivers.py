"""A receiver that is switched off gets nothing; its deliveries are held, and an operator can send them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from livingdocs_import import housekeeping
from livingdocs_import.egress.post import Posted
from livingdocs_import.models import ProjectReceiver, ReceiverDay, WebhookDelivery
from livingdocs_import.project_config import store
from livingdocs_import.webhooks import events, outbox, receivers
from livingdocs_import.webhooks.dispatcher import record
from livingdocs_import.webhooks.messages import IMPORTER, Event
from livingdocs_import.webhooks.receiver_rates import ReceiverRate, rates
from livingdocs_import.webhooks.retry_policy import GIVE_UP_AFTER, GIVE_UP_EVENTS_AFTER, max_attempts
from tests.api_client import Caller
from tests.origin import Origin, Reply
from tests.queued_webhooks import queued
from tests.subscribers import Run, Subscriber, with_webhooks

UPDATE = "mediaLibraryEntry.update"


def states() -> list[str]:
    return list(WebhookDelivery.objects.order_by("pk").values_list("state", flat=True))


def be_due() -> None:
    WebhookDelivery.objects.filter(state="pending").update(due_at=timezone.now())


def hook_of(caller: Caller, origin: Origin, path: str = "/hook") -> ProjectReceiver:
    return receivers.receiver_for(caller.project.pk, origin.url(path), "")


def rate_of(receiver: ProjectReceiver) -> ReceiverRate:
    return rates([receiver], timezone.now())[receiver.pk]


# --- Off and on ------------------------------------------------------------------------------------------------------


def test_what_is_new_is_held_while_a_receiver_is_switched_off(times: Caller, origin: Origin, run_workers: Run) -> None:
    """WHK-30"""
    receiver = hook_of(times, origin)
    assert receivers.switch_off(receiver, by="ines")
    queued(times, origin.url("/hook"), number=3)
    run_workers()
    assert (states(), origin.webhooks) == (["held"] * 3, [])
    assert receivers.switch_on(receiver)
    queued(times, origin.url("/hook"))
    run_workers()
    assert (states(), len(origin.webhooks)) == (["held"] * 3 + ["delivered"], 1), "what is held waits for an operator"


def test_what_waits_is_held_at_once_and_an_attempt_under_way_is_finished(times: Caller, origin: Origin) -> None:
    queued(times, origin.url("/hook"), number=2, minutes_ago=-5)
    under_way = WebhookDelivery.objects.order_by("pk")[0]
    WebhookDelivery.objects.filter(pk=under_way.pk).update(claimed=True)
    receivers.switch_off(hook_of(times, origin), by="ines")
    assert states() == ["pending", "held"]


def test_a_delivery_whose_attempt_fails_meanwhile_is_held(times: Caller, origin: Origin) -> None:
    """The receiver is switched off while it is being sent to."""
    receiver = hook_of(times, origin)
    queued(times, origin.url("/hook"))
    (claimed,) = WebhookDelivery.objects.select_related("project").claim(1, lease=timedelta(minutes=1))
    receivers.switch_off(receiver, by="ines")
    assert states() == ["pending"], "it is not known yet how it ends"
    record(claimed, Posted(503, 1, "", None))
    assert states() == ["held"]
    assert WebhookDelivery.objects.get().due_at is None


def test_other_receivers_and_other_projects_are_sent_to(
    times: Caller, herald: Caller, origin: Origin, run_workers: Run
) -> None:
    receivers.switch_off(hook_of(times, origin), by="ines")
    queued(herald, origin.url("/hook"))
    queued(times, "http://elsewhere.invalid/hook")
    run_workers()
    assert len(origin.webhooks) == 1
    assert set(states()) == {"delivered", "pending"}


def test_a_thousand_deliveries_are_held_by_one_statement(times: Caller, origin: Origin) -> None:
    receiver = hook_of(times, origin)
    receivers.switch_off(receiver, by="ines")
    queued(times, origin.url("/hook"), number=1000)
    receiver.refresh_from_db()
    with CaptureQueriesContext(connection) as queries:
        assert receivers.hold_due([receiver]) == 1000
    assert len([query for query in queries if query["sql"].startswith("UPDATE")]) == 1


def test_switching_off_twice_is_done_once(times: Caller, origin: Origin) -> None:
    receiver = hook_of(times, origin)
    assert receivers.switch_off(receiver, by="ines")
    assert not receivers.switch_off(receiver, by="ola")
    assert ProjectReceiver.objects.get().switched_off_by == "ines"
    assert receivers.switch_on(receiver)
    assert not receivers.switch_on(receiver)


def test_nothing_is_held_by_a_process_that_read_the_receiver_before_it_was_switched_on(
    times: Caller, origin: Origin
) -> None:
    """It would not be sent: the operator has already seen what is held."""
    receiver = hook_of(times, origin)
    receivers.switch_off(receiver, by="ines")
    off = receivers.switched_off()
    queued(times, origin.url("/hook"), number=3)
    receivers.switch_on(receiver)
    assert receivers.hold_due(off.values()) == 0
    claimed = WebhookDelivery.objects.select_related("project").claim(2, lease=timedelta(minutes=1))
    with transaction.atomic():
        assert receivers.hold_claimed(claimed) == claimed, "they are sent"
    assert states() == ["pending"] * 3
    assert receivers.switch_off(receiver, by="ola")
    assert receivers.hold_due(off.values()) == 0, "it is switched off by another since"
    with transaction.atomic():
        assert receivers.hold_claimed(claimed) == []
    assert states() == ["held"] * 3


def test_the_configuration_is_another_switch(subscriber: Subscriber) -> None:
    """WHK-21: `active` neither changes with the receiver nor changes it."""
    subscriber.subscribe(UPDATE, active=False)
    project = subscriber.caller.project
    url = subscriber.origin.url("/cache")
    receivers.switch_off(receivers.receiver_for(project.pk, url, "cache"), by="ines")
    assert not store.current(project).webhooks.configured[0].active
    store.store(project, with_webhooks({"handle": "cache", "url": url, "events": [UPDATE]}), by="test")
    events.record(project, [Event(UPDATE, {"mediaId": "it"})], actor=IMPORTER)
    subscriber.run()
    assert states() == ["held"]


def test_another_address_at_the_same_host_does_not_switch_on_what_an_operator_switched_off(
    subscriber: Subscriber,
) -> None:
    project, origin = subscriber.caller.project, subscriber.origin
    receivers.switch_off(receivers.receiver_for(project.pk, origin.url("/old"), "cache"), by="ines")
    subscriber.subscribe(UPDATE)
    events.record(project, [Event(UPDATE, {"mediaId": "it"})], actor=IMPORTER)
    subscriber.run()
    assert (states(), origin.webhooks) == (["held"], [])


# --- Sent by an operator ---------------------------------------------------------------------------------------------


def test_a_held_delivery_is_attempted_once_while_its_receiver_is_switched_off(
    times: Caller, origin: Origin, run_workers: Run
) -> None:
    origin.reply("/hook", Reply(status=503), Reply())
    receivers.switch_off(hook_of(times, origin), by="ines")
    queued(times, origin.url("/hook"))
    run_workers()
    for state in ("held", "delivered"):
        outbox.send_again(WebhookDelivery.objects.get())
        run_workers()
        be_due()
        run_workers()
        assert states() == [state]
    assert len(origin.webhooks) == 2


def test_sending_again_appends_to_the_history(times: Caller, origin: Origin, run_workers: Run) -> None:
    """WHK-31, Q-24: the delivery keeps its date and its attempts, and gets all the time of a new one."""
    origin.reply("/hook", Reply(status=410), Reply(status=503), Reply())
    queued(times, origin.url("/hook"))
    old = timezone.now() - timedelta(days=3)
    WebhookDelivery.objects.update(created_at=old)
    run_workers()
    outbox.send_again(WebhookDelivery.objects.get())
    run_workers()
    delivery = WebhookDelivery.objects.get()
    assert delivery.state == "pending", "three days after its date it is tried again"
    assert delivery.due_at is not None
    assert delivery.due_at - timezone.now() < timedelta(seconds=10), "with the first pause"
    be_due()
    run_workers()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.created_at, delivery.attempts, delivery.attempts_before) == (
        "delivered",
        old,
        3,
        1,
    )
    assert list(delivery.tries.values_list("status", flat=True)) == [410, 503, 200]


def test_a_dismissed_delivery_is_not_counted_until_it_is_sent_again(times: Caller) -> None:
    queued(times, "https://a.example/x", number=2)
    now = timezone.now()
    WebhookDelivery.objects.update(state="given up", due_at=None, ended_at=now)
    first, second = WebhookDelivery.objects.order_by("pk")
    assert outbox.dismiss(first, by="ines") == 1
    assert outbox.dismiss(first, by="ola") == 0
    assert list(outbox.given_up_lately(now)) == [second]
    first.refresh_from_db()
    assert (first.state, first.dismissed_by) == ("given up", "ines")
    outbox.send_again(first)
    first.refresh_from_db()
    assert (first.state, first.dismissed_at, first.dismissed_by) == ("pending", None, "")


def test_only_what_was_given_up_can_be_dismissed(times: Caller) -> None:
    queued(times, "https://a.example/x")
    assert outbox.dismiss(WebhookDelivery.objects.get(), by="ines") == 0


# --- Since when it fails ---------------------------------------------------------------------------------------------


def test_a_host_has_failed_since_its_first_failure_whatever_the_addresses_of_jobs(times: Caller) -> None:
    for number in range(4):
        queued(times, f"https://a.example/hook?job={number}")
    first, *others, last = WebhookDelivery.objects.select_related("project").claim(4, lease=timedelta(minutes=1))
    record(first, Posted(503, 1, "", None))
    since = ProjectReceiver.objects.get().failing_since
    for one in others:
        record(one, Posted(503, 1, "", None))
    receiver = ProjectReceiver.objects.get()
    assert (receiver.failing_since, receiver.failures, receiver.url) == (since, 3, others[-1].url)
    record(last, Posted(200, 1, "", None))
    assert ProjectReceiver.objects.get().failing_since is None


def test_what_waits_for_a_former_address_of_a_webhook_says_nothing_about_the_present_one(
    subscriber: Subscriber,
) -> None:
    """Both are of one host."""
    project, origin = subscriber.caller.project, subscriber.origin
    claimed = []
    for path in ("/old", "/cache"):
        webhook = {"handle": "cache", "url": origin.url(path), "events": [UPDATE]}
        store.store(project, with_webhooks(webhook), by="test")
        events.record(project, [Event(UPDATE, {"mediaId": each}) for each in "abcd"], actor=IMPORTER)
        pending = WebhookDelivery.objects.filter(url=origin.url(path)).select_related("project")
        claimed.append(pending.claim(4, lease=timedelta(minutes=1)))
    assert [len(each) for each in claimed] == [4, 4]
    since = []
    for old, new in zip(*claimed, strict=True):
        record(old, Posted(410, 1, "", None))
        record(new, Posted(503, 1, "", None))
        since.append(ProjectReceiver.objects.get().failing_since)
    receiver = ProjectReceiver.objects.get()
    assert (receiver.url, receiver.failures, len(set(since))) == (origin.url("/cache"), 4, 1)
    assert receiver.statuses == [410, 503] * 4, "each attempt is shown"


def test_a_delivery_that_was_queued_when_its_host_had_another_name_is_recorded(times: Caller) -> None:
    """A release may spell a host in another way; what is queued keeps the lane that it has."""
    queued(times, "https://a.example/hook")
    WebhookDelivery.objects.update(lane=f"{times.project.pk} A.EXAMPLE:443 ")
    (claimed,) = WebhookDelivery.objects.select_related("project").claim(1, lease=timedelta(minutes=1))
    record(claimed, Posted(200, 1, "", None))
    assert (states(), ProjectReceiver.objects.get().lane) == (["delivered"], claimed.lane)


# --- Rates -----------------------------------------------------------------------------------------------------------


def test_the_rate_counts_what_was_delivered_given_up_and_waits(times: Caller, origin: Origin, run_workers: Run) -> None:
    origin.reply("/hook", *[Reply(status=status) for status in (200, 410, 503, 204)])
    for _ in range(4):
        queued(times, origin.url("/hook"))
        run_workers()
    receiver = ProjectReceiver.objects.get()
    rate = rate_of(receiver)
    assert (rate.delivered, rate.of, rate.percent) == (2, 4, 50.0)
    assert (rate.waiting, rate.again, rate.given_up, rate.held) == (1, 1, 1, 0)
    assert rate.milliseconds is not None
    assert receiver.statuses == [200, 410, 503, 204]


def test_days_before_the_last_thirty_do_not_count_and_are_deleted(times: Caller, origin: Origin) -> None:
    receiver, today = hook_of(times, origin), timezone.now().date()
    for days, number in ((0, 1), (29, 2), (30, 4), (40, 8)):
        ReceiverDay.objects.create(receiver=receiver, day=today - timedelta(days=days), delivered=number)
    assert rate_of(receiver).delivered == 3
    housekeeping.purge_old()
    assert ReceiverDay.objects.count() == 3


def test_a_receiver_that_was_not_sent_to_for_a_month_is_forgotten_unless_it_is_switched_off(
    times: Caller, settings: Any
) -> None:
    for name in ("gone", "off"):
        receivers.receiver_for(times.project.pk, f"https://{name}.example/x", "")
    long_ago = timezone.now() - timedelta(days=settings.DELIVERY_RETENTION_DAYS + 1)
    ProjectReceiver.objects.update(last_attempt_at=long_ago)
    ProjectReceiver.objects.filter(name="off.example:443").update(switched_off_at=long_ago, switched_off_by="ines")
    housekeeping.purge_old()
    receiver = ProjectReceiver.objects.get()
    assert receiver.name == "off.example:443"
    receivers.switch_on(receiver)
    housekeeping.purge_old()
    assert ProjectReceiver.objects.exists(), "its rate is of use to the operator who has just switched it on"


@pytest.mark.parametrize("fields", [{"state": "held", "due_at": None}, {"state": "pending"}])
def test_a_receiver_stays_while_deliveries_are_held_or_wait_for_it(
    times: Caller, settings: Any, fields: dict[str, Any]
) -> None:
    receivers.receiver_for(times.project.pk, "https://a.example/x", "")
    long_ago = timezone.now() - timedelta(days=settings.DELIVERY_RETENTION_DAYS + 1)
    ProjectReceiver.objects.update(last_attempt_at=long_ago)
    queued(times, "https://a.example/x")
    WebhookDelivery.objects.update(**fields)
    housekeeping.purge_old()
    assert ProjectReceiver.objects.exists()
    WebhookDelivery.objects.update(state="delivered", due_at=None)
    housekeeping.purge_old()
    assert not ProjectReceiver.objects.exists()


def test_no_more_than_twelve_attempts_are_remembered() -> None:
    receiver = ProjectReceiver()
    for status in [None, *range(200, 212)]:
        receiver.remember(status)
    assert receiver.statuses == list(range(200, 212))


@pytest.mark.parametrize(("within", "number"), [(GIVE_UP_AFTER, 11), (GIVE_UP_EVENTS_AFTER, 15)])
def test_a_delivery_is_attempted_so_often_at_most(within: timedelta, number: int) -> None:
    assert max_attempts(within) == number


def test_queueing_events_reads_and_writes_nothing_of_receivers(subscriber: Subscriber) -> None:
    subscriber.subscribe(UPDATE)
    project = subscriber.caller.project
    receivers.switch_off(receivers.receiver_for(project.pk, subscriber.origin.url("/cache"), "cache"), by="ines")
    events.record(project, [Event(UPDATE, {"mediaId": "warm"})], actor=IMPORTER)
    with CaptureQueriesContext(connection) as queries:
        events.record(project, [Event(UPDATE, {"mediaId": "it"})], actor=IMPORTER)
    assert not [query["sql"] for query in queries if "receiver" in query["sql"]]
