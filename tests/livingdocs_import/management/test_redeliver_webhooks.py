"""redeliver_webhooks: named deliveries, or all that were given up."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from livingdocs_import.models import WebhookDelivery
from livingdocs_import.project_config import store
from livingdocs_import.webhooks import outbox
from tests.api_client import Caller
from tests.commands import run, run_examples
from tests.subscribers import with_webhooks

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
    assert sent.err == "1 delivery is sent again\n"
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


def test_one_whose_webhook_is_gone_is_left_out_and_stays_as_it_is(times: Caller) -> None:
    """Queued, it would be given up unsent: even one that was delivered."""
    gone = delivery(times, webhook="cache")
    done = delivery(times, webhook="cache", state=State.DELIVERED)
    of_job = delivery(times)
    left_out = "not sent: the webhook is not active in the configuration"
    ran = run("redeliver_webhooks", "--given-up")
    assert ran.err == f"1 delivery is sent again\n1 delivery {left_out}\n"
    assert [line.split()[0] for line in ran.lines[1:]] == [of_job.delivery_id]
    assert run("redeliver_webhooks", done.delivery_id).err == f"0 deliveries are sent again\n1 delivery {left_out}\n"
    assert pending() == {of_job.delivery_id}
    gone.refresh_from_db()
    done.refresh_from_db()
    assert (gone.state, done.state) == (State.GIVEN_UP, State.DELIVERED)


def test_one_of_an_active_webhook_is_sent_again(times: Caller) -> None:
    hook = {"handle": "cache", "url": "https://r.example/hook", "events": ["document.publish"]}
    store.store(times.project, with_webhooks(hook), by="test")
    named = delivery(times, webhook="cache")
    assert run("redeliver_webhooks", named.delivery_id).err == "1 delivery is sent again\n"
    assert pending() == {named.delivery_id}


def test_ids_and_options_that_choose_do_not_go_together(times: Caller) -> None:
    ran = run("redeliver_webhooks", "x", "--project", "times")
    assert "--project and --receiver take no ids" in ran.err


@pytest.mark.parametrize(
    "arguments", [[], ["--given-up", "x"], ["--held", "x"], ["x", "--project", "times"], ["--held", "--dismissed"]]
)
def test_what_is_to_be_sent_must_be_said(times: Caller, arguments: list[str]) -> None:
    assert run("redeliver_webhooks", *arguments).code == 2
