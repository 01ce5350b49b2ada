"""The webhook of a job: its body, its time, and a receiver that does not answer."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from imports import services
from imports.models import ImportJob
from imports.outcomes import job_end
from livingdocs_import.egress.post import Posted
from livingdocs_import.errors import NotConfigured, PermanentFailure, TransientFailure
from livingdocs_import.models import Project, WebhookAttempt, WebhookDelivery
from livingdocs_import.project_config import store
from livingdocs_import.webhooks import outbox
from livingdocs_import.webhooks.dispatcher import Dispatcher
from livingdocs_import.webhooks.retry_policy import plan_next
from tests import images
from tests.api_client import CONFIG, Caller, image_item, store_unreadable_config
from tests.origin import Origin, Reply

Run = Callable[[], None]
HOUR = timedelta(hours=1)


def test_a_finished_job_is_announced_once(times: Caller, origin: Origin, run_workers: Run) -> None:
    """WHK-01, WHK-02, WHK-03, WHK-04, WHK-05"""
    good = image_item(origin.reply("/a", Reply(images.png(images.picture(1, 1)))))
    context = {"myIdentifier": "ü", "deep": [{"n": None}, 1.5]}
    job = times.import_images(good, image_item(origin.url("/none")), webhook=origin.url("/hook"), context=context)
    run_workers()
    run_workers()
    (hook,) = origin.webhooks
    assert hook.json() == {
        "source": "livingdocs-image-import",
        "id": job,
        "state": "success",
        "overview": {"total": 2, "details": {"success": 1, "skipped": 0, "failed": 1}},
        "context": context,
    }
    assert hook.headers["content-type"] == "application/json"
    assert hook.headers["x-livingdocs-delivery"] == WebhookDelivery.objects.get().delivery_id


def test_without_a_context_the_key_is_absent(times: Caller, origin: Origin, run_workers: Run) -> None:
    times.import_images(webhook=origin.url("/hook"))
    run_workers()
    assert "context" not in origin.webhooks[0].json()


def test_without_a_webhook_nothing_is_sent(times: Caller, origin: Origin, run_workers: Run) -> None:
    """WHK-06"""
    times.import_images(image_item(origin.url("/none")), context={"a": 1})
    run_workers()
    assert origin.webhooks == []
    assert not WebhookDelivery.objects.exists()


def test_a_broken_job_is_announced_too(times: Caller, origin: Origin, run_workers: Run) -> None:
    """WHK-07"""
    job = times.import_images(image_item(origin.url("/none")), webhook=origin.url("/hook"))
    job_end.end_early(ImportJob.objects.get(), state="failed", reason="internal error", cause="configuration", note="")
    run_workers()
    assert (origin.webhooks[0].json()["id"], origin.webhooks[0].json()["state"]) == (job, "failed")


def test_the_status_is_final_before_the_webhook_leaves(times: Caller, origin: Origin, dispatcher: Dispatcher) -> None:
    """WHK-08: the row is written with the job's end, and not due before the POST has been answered (spec 7.1)."""
    job = times.import_images(webhook=origin.url("/hook"))
    assert times.status(job)["finished"] is True
    assert dispatcher.deliver_due() == 0
    assert WebhookDelivery.objects.get().due_at >= ImportJob.objects.get().finished_at + timedelta(seconds=0.9)


@pytest.mark.parametrize(
    "reply", [Reply(status=500), Reply(status=302, headers={"Location": "/elsewhere"}), Reply(hang_up=True, raw=b"")]
)
def test_a_failing_receiver_does_not_change_the_job(
    times: Caller, origin: Origin, run_workers: Run, reply: Reply
) -> None:
    """WHK-09, WHK-10: and is asked again later, every attempt on record."""
    origin.reply("/hook", reply)
    job = times.import_images(webhook=origin.url("/hook"))
    run_workers()
    assert times.status(job)["state"] == "success"
    pending = WebhookDelivery.objects.get()
    assert (pending.state, pending.tries.count()) == ("pending", 1)
    assert timedelta(seconds=2) < pending.due_at - timezone.now() < timedelta(seconds=10)
    assert len(origin.webhooks) == 1, "no redirect is followed"


def test_every_attempt_is_kept_and_has_the_same_id(times: Caller, origin: Origin, run_workers: Run) -> None:
    """WHK-10"""
    origin.reply("/hook", Reply(b"not now", status=503), Reply(b"thanks"))
    times.import_images(webhook=origin.url("/hook"))
    run_workers()
    WebhookDelivery.objects.update(due_at=timezone.now())
    run_workers()
    assert [(a.status, a.answer) for a in WebhookAttempt.objects.all()] == [(503, "not now"), (200, "thanks")]
    assert WebhookDelivery.objects.get().state == "delivered"
    first, second = origin.webhooks
    assert first.headers["x-livingdocs-delivery"] == second.headers["x-livingdocs-delivery"]
    assert first.body == second.body


@pytest.mark.parametrize("host", ["https://nobody.invalid/hook", "http://127.0.0.1:9/hook", "http://169.254.169.254/"])
def test_a_receiver_that_cannot_be_reached_never_fails_a_job(times: Caller, run_workers: Run, host: str) -> None:
    """Rulings: a webhook host that does not exist never refuses or fails a job."""
    job = times.import_images(webhook=host)
    run_workers()
    assert times.status(job)["state"] == "success"
    assert WebhookAttempt.objects.get().error


def test_an_address_that_is_not_allowed_is_given_up(times: Caller, origin: Origin, run_workers: Run) -> None:
    times.import_images(webhook="http://10.0.0.1:8080/hook")
    run_workers()
    assert WebhookDelivery.objects.get().state == "given up"


@pytest.mark.parametrize(
    ("tried", "state"),
    [
        (Posted(200, 1, "", None), "delivered"),
        (Posted(204, 1, "", None), "delivered"),
        (Posted(301, 1, "", None), "pending"),
        (Posted(400, 1, "", None), "given up"),
        (Posted(408, 1, "", None), "pending"),
        (Posted(410, 1, "", None), "given up"),
        (Posted(425, 1, "", None), "pending"),
        (Posted(429, 1, "", 90.0), "pending"),
        (Posted(500, 1, "", None), "pending"),
        (TransientFailure("could not connect"), "pending"),
        (PermanentFailure("the address is not allowed"), "given up"),
    ],
)
def test_what_an_answer_means(tried: Any, state: str) -> None:
    """Q-24"""
    judged, pause = plan_next(tried, 1, age=timedelta(0))
    assert judged == state
    if getattr(tried, "retry_after", None):
        assert pause >= timedelta(seconds=90)


def test_pauses_grow_and_end_after_a_day() -> None:
    age, pauses = timedelta(0), []
    for attempt in range(1, 50):
        state, pause = plan_next(Posted(500, 1, "", None), attempt, age=age)
        if state == "given up":
            break
        pauses.append(pause)
        age += pause
    assert 8 <= len(pauses) <= 12
    assert pauses[-1] > pauses[0] * 100
    assert timedelta(hours=12) < age < timedelta(hours=24)


def test_a_project_with_a_secret_signs_both_ways(times: Caller, origin: Origin, run_workers: Run) -> None:
    secret = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
    Project.objects.update(webhook_secret=secret)
    times.import_images(webhook=origin.url("/hook"))
    run_workers()
    (hook,) = origin.webhooks
    plain = hmac.new(secret.encode(), hook.body, hashlib.sha256).hexdigest()
    assert hook.headers["x-livingdocs-signature"] == f"sha256={plain}"
    Webhook(secret).verify(hook.body, dict(hook.headers))
    assert hook.headers["webhook-id"] == hook.headers["x-livingdocs-delivery"]


def signed_with(secret: str, hook: Any) -> bool:
    plain = hmac.new(secret.encode(), hook.body, hashlib.sha256).hexdigest()
    return bool(hook.headers.get("x-livingdocs-signature") == f"sha256={plain}")


def with_secret(secret: Any) -> dict[str, Any]:
    return CONFIG | {"settings": CONFIG["settings"] | {"import": {"webhookSecret": secret}}}


@pytest.mark.parametrize("own", ["", "the project's"])
def test_a_secret_in_the_configuration_outranks_the_projects(
    times: Caller, origin: Origin, run_workers: Run, own: str
) -> None:
    Project.objects.update(webhook_secret=own)
    times.project.refresh_from_db()
    store.store(times.project, with_secret("the configuration's"), by="test")
    times.import_images(webhook=origin.url("/hook"))
    run_workers()
    assert signed_with("the configuration's", origin.webhooks[0])
    store_unreadable_config(times.project)
    times.import_images(webhook=origin.url("/hook"))
    run_workers()
    assert signed_with("the configuration's", origin.webhooks[1]), "also while the newest revision cannot be read"


def test_a_secret_that_is_referred_to_is_the_projects(times: Caller, origin: Origin, run_workers: Run) -> None:
    """WHK-24"""
    Project.objects.update(webhook_secret="the project's")
    times.project.refresh_from_db()
    store.store(times.project, with_secret({"$secretRef": {"name": "import"}}), by="test")
    times.import_images(webhook=origin.url("/hook"))
    run_workers()
    assert signed_with("the project's", origin.webhooks[0])


def test_a_secret_is_the_projects_when_no_configuration_can_be_read(
    times: Caller, origin: Origin, run_workers: Run
) -> None:
    Project.objects.update(webhook_secret="the project's")
    times.project.refresh_from_db()
    times.project.config_revisions.all().delete()
    store_unreadable_config(times.project)
    times.import_images(image_item("https://pictures.example/a"), webhook=origin.url("/hook"))
    run_workers()
    assert signed_with("the project's", origin.webhooks[0])


def test_a_webhook_whose_secret_cannot_be_read_waits_and_never_leaves_unsigned(
    times: Caller, origin: Origin, run_workers: Run, settings: Any, dispatcher: Dispatcher
) -> None:
    keys = settings.FIELD_ENCRYPTION_KEYS
    Project.objects.update(webhook_secret="hunter2")
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    times.import_images(webhook=origin.url("/hook"))
    run_workers()
    waiting = WebhookDelivery.objects.get()
    assert (waiting.state, origin.webhooks) == ("pending", [])
    assert "could not be signed: none of FIELD_ENCRYPTION_KEYS can decrypt" in waiting.tries.get().error
    state, pause = plan_next(NotConfigured("not signed"), 30, age=48 * HOUR)
    assert (state, pause <= timedelta(minutes=10)) == ("pending", True), "for days, if need be"

    settings.FIELD_ENCRYPTION_KEYS = keys
    WebhookDelivery.objects.update(due_at=timezone.now())
    dispatcher.deliver_due()
    assert WebhookDelivery.objects.get().state == "delivered"
    assert origin.webhooks[0].headers["x-livingdocs-signature"]


def test_an_operator_can_send_it_again(times: Caller, origin: Origin, run_workers: Run, dispatcher: Dispatcher) -> None:
    origin.reply("/hook", Reply(status=410), Reply())
    times.import_images(webhook=origin.url("/hook"))
    run_workers()
    given_up = WebhookDelivery.objects.get()
    assert given_up.state == "given up"
    outbox.send_again(given_up)
    dispatcher.deliver_due()
    assert WebhookDelivery.objects.get().state == "delivered"
    assert len({hook.headers["x-livingdocs-delivery"] for hook in origin.webhooks}) == 1


def test_a_cancelled_job_is_announced_with_what_it_had_done(times: Caller, origin: Origin, run_workers: Run) -> None:
    job = times.import_images(image_item(origin.url("/a")), webhook=origin.url("/hook"))
    assert services.cancel_job(ImportJob.objects.get(), by="the night shift")
    run_workers()
    assert origin.webhooks[0].json()["overview"]["details"] == {"success": 0, "skipped": 0, "failed": 1}
    assert times.status(job)["images"][0]["reason"] == "cancelled"
