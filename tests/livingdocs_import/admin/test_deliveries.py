"""Webhook deliveries in the admin: every attempt can be seen, one can be sent again, nothing can be edited."""

from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from livingdocs_import.models import WebhookAttempt, WebhookDelivery
from livingdocs_import.webhooks import outbox
from tests.api_client import Caller
from tests.operators import operator
from tests.origin import Origin, Reply

LIST = "/admin/livingdocs_import/webhookdelivery/"


@pytest.fixture
def given_up(times: Caller) -> WebhookDelivery:
    """One that was refused for good, by a receiver whose address holds a secret."""
    delivery = outbox.notify(
        times.project, url="https://u:pw@hooks.example/done?token=s3cret", subject="job 25bzj8j", body={"id": "25bzj8j"}
    )
    now = timezone.now()
    WebhookAttempt.objects.create(
        delivery=delivery, at=now, error="time-out at https://hooks.example/done?token=s3cret"
    )
    WebhookAttempt.objects.create(delivery=delivery, at=now, status=410, milliseconds=41, answer="<b>gone</b>")
    WebhookDelivery.objects.update(state="given up", due_at=None, ended_at=now, attempts=2)
    delivery.refresh_from_db()
    return delivery


def test_the_page_shows_every_attempt_and_no_secret(given_up: WebhookDelivery) -> None:
    page = operator().get(f"{LIST}{given_up.pk}/change/").content.decode()
    assert "time-out at https://hooks.example/done?…" in page
    assert "&lt;b&gt;gone&lt;/b&gt;" in page
    assert ">410<" in page
    assert "s3cret" not in page
    assert "pw@" not in page


def test_the_list_shows_the_last_answer_and_no_secret(given_up: WebhookDelivery) -> None:
    page = operator().get(LIST).content.decode()
    assert '<td class="words" data-label="Last answer">410</td>' in page
    assert "s3cret" not in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("q=job+25bzj8j", 1),
        ("q=25bzj8j", 1),
        ("q=25bzj8", 0),
        ("state__exact=given+up&created=1", 1),
        ("state__exact=pending", 0),
    ],
)
def test_deliveries_are_found_by_what_one_asks_for(given_up: WebhookDelivery, query: str, count: int) -> None:
    assert f"{count} webhook deliver" in operator().get(f"{LIST}?{query}").content.decode()


def test_the_button_sends_the_same_message_again_under_the_same_id(
    times: Caller, origin: Origin, run_workers: Callable[[], None]
) -> None:
    """WHK-09"""
    origin.reply("/hook", Reply(status=410), Reply(status=200))
    delivery = outbox.notify(times.project, url=origin.url("/hook"), subject="job 25bzj8j", body={"id": "25bzj8j"})
    run_workers()
    delivery.refresh_from_db()
    assert delivery.state == "given up"

    answer = operator().post(f"{LIST}act/send_again/", {"object": delivery.pk, "yes": "1"}, follow=True)
    assert "Webhook about job 25bzj8j is queued to be sent again." in answer.content.decode()
    run_workers()
    delivery.refresh_from_db()
    assert delivery.state == "delivered"
    first, second = origin.asked("/hook")
    assert first.body == second.body
    assert first.headers["x-livingdocs-delivery"] == second.headers["x-livingdocs-delivery"] == delivery.delivery_id
    assert LogEntry.objects.get().change_message == "Sent again"


def test_several_can_be_sent_again_from_the_list(given_up: WebhookDelivery) -> None:
    client = operator()
    asked = client.post(LIST, {"action": "send_again", "_selected_action": [given_up.pk]})
    assert "The attempts so far stay in the history" in asked.content.decode()
    client.post(f"{LIST}act/send_again/", {"object": [given_up.pk], "yes": "1"})
    given_up.refresh_from_db()
    assert (given_up.state, given_up.attempts, given_up.attempts_before) == ("pending", 2, 2)


def test_one_that_is_being_sent_is_not_said_to_be_sent_again(given_up: WebhookDelivery) -> None:
    """Neither in the message nor in the history."""
    outbox.send_again(given_up)
    WebhookDelivery.objects.update(claimed=True)
    answer = operator().post(f"{LIST}act/send_again/", {"object": given_up.pk, "yes": "1"}, follow=True)
    text = answer.content.decode()
    assert "It is being sent already." in text
    assert "is queued to be sent again" not in text
    assert not LogEntry.objects.exists()


def test_who_may_only_look_cannot_send(given_up: WebhookDelivery) -> None:
    client = operator("livingdocs_import.view_webhookdelivery")
    assert "Send again" not in client.get(f"{LIST}{given_up.pk}/change/").content.decode()
    assert client.post(f"{LIST}act/send_again/", {"object": given_up.pk}).status_code == 403
    client.post(LIST, {"action": "send_again", "_selected_action": [given_up.pk]})
    given_up.refresh_from_db()
    assert given_up.state == "given up"


def test_looking_at_the_address_of_the_button_sends_nothing(given_up: WebhookDelivery) -> None:
    assert operator().get(f"{LIST}act/send_again/").status_code == 405
    given_up.refresh_from_db()
    assert given_up.state == "given up"


def test_a_delivery_cannot_be_added_changed_or_deleted(given_up: WebhookDelivery) -> None:
    client = operator()
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{given_up.pk}/change/", {"subject": "other"}).status_code == 403
    assert client.post(f"{LIST}{given_up.pk}/delete/", {"post": "yes"}).status_code == 403
    given_up.refresh_from_db()
    assert given_up.subject == "job 25bzj8j"
