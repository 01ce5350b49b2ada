"""redeliver_webhooks: named deliveries, or all that were given up."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from livingdocs_import.models import WebhookDelivery
from livingdocs_import.webhooks import outbox
from tests.api_client import Caller
from tests.commands import run, run_examples

State = WebhookDelivery.State


def delivery(caller: Caller, **fields: Any) -> WebhookDelivery:
    then = timezone.now() - timedelta(days=4)
    return WebhookDelivery.objects.create(
        project=caller.project, subject="job 25bzj8j", url="https://r.example/hook?key=5ec2e7", body="{}",
        created_at=then, **{"state": State.GIVEN_UP, "ended_at": then, "due_at": None, "attempts": 9} | fields,
    )  # fmt: skip


def pending() -> set[str]:
    return set(WebhookDelivery.objects.filter(state=State.PENDING).values_list("delivery_id", flat=True))


def test_the_examples_of_redeliver_webhooks(times: Caller, herald: Caller) -> None:
    ours, theirs = delivery(times), delivery(herald)
    delivery(times, state=State.DELIVERED)
    asked, sent, _ = run_examples("redeliver_webhooks", {})
    assert asked.err == "2 deliveries would be sent again\n"
    assert {line.split()[0] for line in asked.lines[1:]} == {ours.delivery_id, theirs.delivery_id}
    assert sent.err == "1 deliveries are sent again\n"
    assert pending() == {ours.delivery_id}
    assert run("redeliver_webhooks", "--given-up", "--project", "times").err == "0 deliveries are sent again\n"


def test_the_secret_of_an_address_is_not_shown(times: Caller) -> None:
    delivery(times)
    ran = run("redeliver_webhooks", "--given-up", "--dry-run", "--json")
    assert ran.facts[0]["receiver"] == "https://r.example/hook?…"
    assert pending() == set()


def test_named_ones_are_sent_again_whatever_their_state(times: Caller) -> None:
    done = delivery(times, state=State.DELIVERED)
    assert run("redeliver_webhooks", done.delivery_id).code == 0
    done.refresh_from_db()
    assert (done.state, done.attempts, done.ended_at) == (State.PENDING, 9, None)


def test_an_unknown_one_is_named_and_none_is_sent(times: Caller) -> None:
    there = delivery(times)
    ran = run("redeliver_webhooks", there.delivery_id, there.delivery_id[:-1] + "_")
    assert ran.code == 1
    assert f"did you mean '{there.delivery_id}'?" in ran.err
    assert pending() == set()


def test_a_delivery_that_is_being_sent_is_left_alone(times: Caller) -> None:
    delivery(times, state=State.PENDING, due_at=timezone.now(), ended_at=None, claimed=True)
    (batch,) = outbox.batches(WebhookDelivery.objects.all())
    assert outbox.send_again(*batch) == 0


def test_many_are_read_in_batches(times: Caller) -> None:
    for _ in range(5):
        delivery(times)
    assert [len(batch) for batch in outbox.batches(WebhookDelivery.objects.all(), size=2)] == [2, 2, 1]


@pytest.mark.parametrize(
    "arguments", [[], ["--given-up", "x"], ["--held", "x"], ["x", "--project", "times"], ["--held", "--dismissed"]]
)
def test_what_is_to_be_sent_must_be_said(times: Caller, arguments: list[str]) -> None:
    assert run("redeliver_webhooks", *arguments).code == 2
