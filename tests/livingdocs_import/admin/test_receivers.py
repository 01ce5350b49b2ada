"""Receivers in the admin: rates, switching off and on, sending all, within the projects of a user."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from livingdocs_import.admin import sending_again
from livingdocs_import.models import Membership, Operation, ProjectReceiver, WebhookAttempt, WebhookDelivery
from livingdocs_import.operations import carrying_out, steps
from livingdocs_import.webhooks import outbox, receivers
from tests.api_client import Caller
from tests.operators import member, operator
from tests.queued_webhooks import queued

LIST = "/admin/livingdocs_import/webhookdelivery/"
RECEIVERS = "/admin/livingdocs_import/projectreceiver/"
SEND_ALL = f"{LIST}send-all/"
URL = "https://api.example/hooks/in?token=s3cret"


def given_up(caller: Caller, number: int = 1, url: str = URL, **fields: Any) -> ProjectReceiver:
    """A receiver with so many deliveries that were given up."""
    receiver = receivers.receiver_for(caller.project.pk, url, "")
    queued(caller, url, number=number)
    ended = {"state": "given up", "due_at": None, "ended_at": timezone.now(), "attempts": 3}
    WebhookDelivery.objects.filter(lane=receiver.lane, state="pending").update(**ended | fields)
    return receiver


def held(caller: Caller, number: int = 1, url: str = URL) -> ProjectReceiver:
    receiver = given_up(caller, number, url, state="held", ended_at=None)
    receivers.switch_off(receiver, by="ines")
    return receiver


def states() -> list[str]:
    return sorted(WebhookDelivery.objects.values_list("state", flat=True))


def text(client: Client, path: str = LIST) -> str:
    return client.get(path).content.decode()


# --- What the page says ----------------------------------------------------------------------------------------------


def test_the_heading_counts_what_was_given_up_and_not_dismissed(times: Caller) -> None:
    client = operator()
    assert "No delivery was given up" in text(client)
    given_up(times, 2)
    assert "2 deliveries were given up" in text(client)
    first = WebhookDelivery.objects.order_by("pk")[0]
    client.post(f"{LIST}act/dismiss/", {"object": first.pk, "yes": "1"})
    page = text(client)
    assert "1 delivery was given up" in page
    assert ">dismissed<" in page
    first.refresh_from_db()
    assert (first.dismissed_by, first.state) == ("operator-0", "given up")
    assert "by operator-0" in text(client, f"{LIST}{first.pk}/change/")
    assert "1 given up" in text(client, "/admin/")


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("state__exact=given+up", 2),
        ("state__exact=dismissed", 1),
        ("state__exact=held", 3),
        ("state__exact=delivered", 0),
        ("receiver={receiver}", 3),
        ("receiver={other}", 3),
        ("receiver=77777", 0),
        ("q=api.example", 3),
        ("q=https%3A%2F%2Fapi.example%2Fhooks%2Fin", 3),
        ("q=api.example%2Fhooks", 3),
        ("q=api.example%2Felsewhere", 0),
        ("q=elsewhere.example%3A8443", 3),
        ("q=s3cret", 0),
        ("q=api.example%2Fhooks%2Fin%3Ftoken%3Ds", 3),
        ("q=api.example%2Fhooks%2Fin%3Ftoken%3Dx", 3),
    ],
)
def test_deliveries_are_found_by_state_receiver_and_address(times: Caller, query: str, number: int) -> None:
    """What a query string holds is never searched: it may be a secret."""
    one = given_up(times, 3)
    other = held(times, 3, "https://elsewhere.example:8443/x")
    WebhookDelivery.objects.filter(pk=WebhookDelivery.objects.order_by("pk")[0].pk).update(
        dismissed_at=timezone.now(), dismissed_by="ines"
    )
    page = text(operator(), f"{LIST}?{query.format(receiver=one.pk, other=other.pk)}")
    assert f"{number} webhook deliver" in page
    assert "s3cret" not in page.replace('value="s3cret"', "")


def test_the_next_try_and_the_strip_of_attempts_are_shown(times: Caller) -> None:
    queued(times, URL, minutes_ago=-80.5)
    delivery = WebhookDelivery.objects.get()
    WebhookDelivery.objects.update(attempts=2)
    for status in (None, 503):
        WebhookAttempt.objects.create(delivery=delivery, status=status, error="" if status else "time-out")
    page = text(operator())
    assert "in 80 min" in page
    assert page.count('class="no"') == 2
    assert page.count('class="next"') == 9, "eleven attempts at most within a day"
    assert "503" in page


def test_attempts_before_it_was_sent_again_are_shown_apart(times: Caller) -> None:
    given_up(times, attempts=2, attempts_before=1)
    delivery = WebhookDelivery.objects.get()
    for _ in range(2):
        WebhookAttempt.objects.create(delivery=delivery, status=503)
    page = text(operator())
    assert (page.count('class="no past"'), page.count('class="no"')) == (1, 1)


def test_the_pages_cost_the_same_with_many_rows(times: Caller) -> None:
    client = operator()

    def queries(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    given_up(times)
    few = [queries(path) for path in (LIST, RECEIVERS)]
    for number in range(30):
        given_up(times, 3, f"https://r{number}.example/x")
    assert [queries(path) for path in (LIST, RECEIVERS)] == few
    assert max(few) <= 20


# --- Off and on ------------------------------------------------------------------------------------------------------


def test_a_receiver_is_switched_off_after_a_question_and_on_again(times: Caller) -> None:
    receiver = receivers.receiver_for(times.project.pk, URL, "")
    queued(times, URL)
    client, named = operator(), {"object": receiver.pk}
    assert "Its deliveries are held from now on" in client.post(f"{RECEIVERS}act/switch_off/", named).content.decode()
    assert states() == ["pending"]
    client.post(f"{RECEIVERS}act/switch_off/", named | {"yes": "1"})
    assert states() == ["held"]
    page = text(client)
    assert "switched off by operator-0" in page
    assert "Send 1 held" in page
    assert "Switched off by operator-0" in text(client, "/admin/")
    assert "only failed" not in text(client, "/admin/"), "what an operator switched off is no alarm"
    client.post(f"{RECEIVERS}act/switch_on/", named)
    receiver.refresh_from_db()
    assert not receiver.is_switched_off
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == ["Switched off", "Switched on"]


# --- All of them -----------------------------------------------------------------------------------------------------


def test_all_that_were_given_up_are_sent_after_a_question(times: Caller) -> None:
    given_up(times, 2)
    given_up(times, 1, "https://b.example/x")
    client = operator()
    asked = client.post(SEND_ALL, {"state": "given up"})
    page = asked.content.decode()
    assert "Send 3 deliveries again?" in page
    assert "2 to api.example" in page
    assert "s3cret" not in page
    assert states() == ["given up"] * 3
    given_up(times, 1, "https://c.example/x")  # after the question
    confirmed = {"state": "given up", "until": asked.context["until"], "yes": "1"}
    said = client.post(SEND_ALL, confirmed, follow=True).content.decode()
    assert "3 deliveries are queued to be sent again" in said
    assert states() == ["given up", "pending", "pending", "pending"]
    assert LogEntry.objects.filter(change_message="Sent again: what was given up").count() == 2
    again = client.post(SEND_ALL, confirmed, follow=True).content.decode()
    assert "0 deliveries are queued" in again


@pytest.mark.parametrize("state", ["held", "given up"])
def test_all_of_one_receiver_are_sent(times: Caller, state: str) -> None:
    make = held if state == "held" else given_up
    one = make(times, 2)
    make(times, 1, "https://b.example/x")
    client, form = operator(), {"state": state, "receiver": one.pk}
    asked = client.post(SEND_ALL, form)
    client.post(SEND_ALL, form | {"until": asked.context["until"], "yes": "1"})
    assert states() == sorted([state, "pending", "pending"])


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 403),
        ({"state": "delivered"}, 403),
        ({"state": "held", "receiver": "77777"}, 404),
        ({"state": "held", "receiver": "x"}, 404),
        ({"state": "held", "yes": "1"}, 400),
        ({"state": "held", "yes": "1", "until": "2026-13-45T99:99:99Z"}, 400),
        ({"state": "held", "yes": "1", "until": "2026-11-30T10:00:00"}, 400),
    ],
)
def test_what_makes_no_sense_is_refused(times: Caller, form: dict[str, str], status: int) -> None:
    held(times)
    assert operator().post(SEND_ALL, form).status_code == status
    assert states() == ["held"]


def test_looking_at_the_address_sends_nothing(times: Caller) -> None:
    given_up(times)
    assert operator().get(SEND_ALL).status_code == 405


# --- Rights ----------------------------------------------------------------------------------------------------------


def test_a_viewer_sees_receivers_and_changes_nothing(times: Caller) -> None:
    receiver = given_up(times)
    client = member(times="viewer")
    page = text(client)
    assert "1 delivery was given up" in page
    assert "api.example/hooks/in" in page
    assert not [label for label in ("Switch off", "Send 1 again", ">Dismiss<") if label in page]
    assert client.post(SEND_ALL, {"state": "given up"}).status_code == 403
    assert client.post(f"{RECEIVERS}act/switch_off/", {"object": receiver.pk}).status_code == 403
    assert client.post(f"{LIST}act/dismiss/", {"object": WebhookDelivery.objects.get().pk}).status_code == 403


def test_an_operator_of_one_project_sends_nothing_of_another(times: Caller, herald: Caller) -> None:
    given_up(times)
    other = given_up(herald, 2)
    client = member(times="operator", herald="viewer")
    page = text(client)
    assert "3 deliveries were given up" in page
    assert page.count("Send 1 again") == 2, "of all, and of the receiver"
    asked = client.post(SEND_ALL, {"state": "given up"})
    assert "Send 1 delivery again?" in asked.content.decode()
    client.post(SEND_ALL, {"state": "given up", "until": asked.context["until"], "yes": "1"})
    assert set(WebhookDelivery.objects.filter(project=herald.project).values_list("state", flat=True)) == {"given up"}
    assert client.post(SEND_ALL, {"state": "given up", "receiver": other.pk}).status_code == 404
    client.post(f"{RECEIVERS}act/switch_off/", {"object": other.pk, "yes": "1"})
    other.refresh_from_db()
    assert not other.is_switched_off


def test_a_member_of_another_project_finds_none(times: Caller, herald: Caller) -> None:
    receiver = given_up(herald)
    client = member(times="administrator")
    assert client.get(f"{RECEIVERS}{receiver.pk}/change/").status_code == 404
    page = text(client)
    assert "No delivery was given up" in page
    assert "api.example" not in page
    assert "0 webhook deliver" in text(client, f"{LIST}?receiver={receiver.pk}")
    assert "0 webhook deliver" in text(client, f"{LIST}?q=api.example")


def test_deliveries_older_than_a_week_do_not_ask_for_a_person(times: Caller) -> None:
    given_up(times, ended_at=timezone.now() - timedelta(days=8))
    assert "No delivery was given up" in text(operator())


def test_more_than_two_hundred_are_sent_by_workers(times: Caller) -> None:
    given_up(times, 201)
    client = operator()
    asked = client.post(SEND_ALL, {"state": "given up"}, follow=True)
    assert "201 rows" in asked.content.decode()
    assert states() == ["given up"] * 201
    [(address, _)] = asked.redirect_chain
    client.post(address)
    carrying_out.work()
    assert states() == ["pending"] * 201


def confirm_all(client: Client) -> None:
    """Have more than two hundred sent again by workers."""
    asked = client.post(SEND_ALL, {"state": "given up"}, follow=True)
    [(address, _)] = asked.redirect_chain
    client.post(address)


def test_workers_leave_alone_what_was_sent_or_dismissed_since_the_question(times: Caller) -> None:
    given_up(times, 203)
    confirm_all(operator())
    sent, dismissed = WebhookDelivery.objects.order_by("pk")[:2]
    outbox.send_again(sent)
    WebhookDelivery.objects.filter(pk=sent.pk).update(state="delivered", due_at=None, ended_at=timezone.now())
    outbox.dismiss(dismissed, by="ines")
    carrying_out.work()
    assert states() == ["delivered", "given up"] + ["pending"] * 201
    operation = Operation.objects.get()
    assert (operation.done, operation.skipped, operation.failed) == (201, 2, 0)
    assert LogEntry.objects.filter(change_message="Sent again").count() == 201


def test_two_operators_who_choose_the_same_send_it_once(times: Caller) -> None:
    given_up(times, 201)
    first, second = operator(), operator()
    asked = [client.post(SEND_ALL, {"state": "given up"}, follow=True) for client in (first, second)]
    for client, question in zip((first, second), asked, strict=True):
        [(address, _)] = question.redirect_chain
        client.post(address)
    carrying_out.work()
    assert sorted(Operation.objects.values_list("done", "skipped")) == [(0, 201), (201, 0)]
    assert set(WebhookDelivery.objects.values_list("attempts_before", flat=True)) == {3}


def test_workers_send_nothing_of_a_project_in_which_the_role_was_lost(times: Caller, herald: Caller) -> None:
    given_up(times, 150)
    given_up(herald, 100)
    user = User.objects.create_user("ines", is_staff=True)
    for caller in (times, herald):
        Membership.objects.create(user=user, project=caller.project, role="operator")
    operation = steps.freeze(WebhookDelivery.objects.all(), sending_again.KIND, user=user, project=None)
    steps.begin(operation, {})
    Membership.objects.filter(project=herald.project).delete()
    carrying_out.work()
    operation.refresh_from_db()
    assert (operation.done, operation.skipped, operation.failed) == (150, 0, 100)
    assert operation.failures.all()[0].reason == "your role in the project does not allow it"
    assert set(WebhookDelivery.objects.filter(project=herald.project).values_list("state", flat=True)) == {"given up"}


@pytest.mark.parametrize("until", ["2000-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_more_than_two_hundred_are_never_sent_in_one_request(times: Caller, until: str) -> None:
    given_up(times, 201)
    operator().post(SEND_ALL, {"state": "given up", "until": until, "yes": "1"})
    assert states() == ["given up"] * 201
    assert Operation.objects.filter(state="asked").count() == int(until > "2026")


def test_what_is_of_a_webhook_that_is_gone_is_not_sent_again(times: Caller) -> None:
    given_up(times, 2, webhook="cache")
    queued(times, "https://b.example/")
    WebhookDelivery.objects.filter(webhook="").update(state="given up", due_at=None, ended_at=timezone.now())
    client = operator()
    until = timezone.now().isoformat()
    page = client.post(SEND_ALL, {"state": "given up", "yes": "1", "until": until}, follow=True).content.decode()
    assert "1 delivery is queued to be sent again." in page
    assert "2 deliveries are not sent: their webhook is not active in the configuration any more." in page
    gone = WebhookDelivery.objects.filter(webhook="cache").first()
    assert gone is not None
    page = client.post(f"{LIST}act/send_again/", {"object": gone.pk, "yes": "1"}, follow=True).content.decode()
    assert "is not sent: its webhook is not active" in page
    assert states() == ["given up", "given up", "pending"]
