"""Each attempt keeps the headers of request and response, without any secret, also where the receiver repeats them."""

import json
from typing import Any

import pytest
from django.core import serializers

from livingdocs_import.models import Project, WebhookAttempt
from livingdocs_import.security.masking import MASK
from tests.api_client import Caller
from tests.operators import operator
from tests.origin import Origin, Reply
from tests.queued_webhooks import queued
from tests.subscribers import Run

TOKEN = "Bearer s3cret-of-the-gateway"
KEY = "k3y-of-the-address"


@pytest.fixture
def signed(times: Caller, origin: Origin, settings: Any) -> str:
    """The URL of a receiver that needs a token and a key, of a project whose webhooks are signed."""
    headers = {"Authorization": TOKEN, "X-Tenant": "t3nant"}
    settings.WEBHOOK_HEADERS = json.dumps([{"urlPrefix": origin.url("/hook"), "headers": headers}])
    Project.objects.filter(pk=times.project.pk).update(webhook_secret="hush")
    return origin.url(f"/hook?key={KEY}")


def attempt_at(caller: Caller, url: str, run: Run) -> WebhookAttempt:
    queued(caller, url)
    run()
    return WebhookAttempt.objects.latest("pk")


def test_the_request_is_kept_with_masked_secrets(times: Caller, origin: Origin, run_workers: Run, signed: str) -> None:
    attempt = attempt_at(times, signed, run_workers)
    (request,) = origin.webhooks
    assert request.headers["authorization"] == TOKEN
    kept = {name.lower(): value for name, value in attempt.request_headers}
    confidential = {"authorization", "x-tenant", "x-livingdocs-signature", "webhook-signature"}
    assert {name for name, value in kept.items() if value == MASK} == confidential
    sent = {name: request.headers[name] for name in kept.keys() - confidential}
    assert {name: value for name, value in kept.items() if name not in confidential} == sent
    assert "webhook-timestamp" in sent


def test_the_response_is_kept_without_cookies(times: Caller, origin: Origin, run_workers: Run) -> None:
    headers = {"Retry-After": "120", "Set-Cookie": "session=1", "X-Internal": "yes"}
    origin.reply("/hook", Reply(b"busy", status=503, headers=headers))
    attempt = attempt_at(times, origin.url("/hook"), run_workers)
    kept = dict(attempt.response_headers)
    assert kept["Retry-After"] == "120"
    assert not {"Set-Cookie", "X-Internal"} & kept.keys()
    assert attempt.answer == "busy"


def test_no_secret_is_stored_although_the_receiver_repeats_them_all(
    times: Caller, origin: Origin, run_workers: Run, signed: str
) -> None:
    """The whole table is written out and searched."""
    first = attempt_at(times, signed, run_workers)
    (request,) = origin.webhooks
    signatures = [request.headers[name] for name in ("x-livingdocs-signature", "webhook-signature")]
    secrets = [TOKEN, TOKEN.partition(" ")[2], KEY, "t3nant", *signatures]
    echo = f"{' '.join(secrets)} {json.dumps(secrets)}"
    # At the end of the kilobyte a secret is cut off.
    for body in (echo, "x" * (1024 - 10) + TOKEN.partition(" ")[2]):
        headers = {"Location": f"/next?key={KEY}", "WWW-Authenticate": TOKEN, "Via": "t3nant"}
        origin.reply("/hook", Reply(body.encode(), status=503, headers=headers))
        WebhookAttempt.objects.exclude(pk=first.pk).delete()
        attempt_at(times, signed, run_workers)
        stored = serializers.serialize("json", WebhookAttempt.objects.exclude(pk=first.pk))
        repeated = [secret for secret in [TOKEN, "s3cret-of", KEY, "t3nant"] if secret in stored]
        assert repeated == []
        assert MASK in stored
    assert not [secret for secret in secrets if secret in serializers.serialize("json", [first])]


def test_the_page_shows_both(times: Caller, origin: Origin, run_workers: Run, signed: str) -> None:
    origin.reply("/hook", Reply(b"upstream is away", status=503, headers={"Retry-After": "120"}))
    attempt = attempt_at(times, signed, run_workers)
    page = operator().get(f"/admin/livingdocs_import/webhookdelivery/{attempt.delivery_id}/change/").content.decode()
    assert f"authorization: {MASK}" in page
    assert "webhook-timestamp: " in page
    assert "Retry-After: 120" in page
    assert "upstream is away" in page
    assert not [secret for secret in (TOKEN, KEY, "t3nant", "hush") if secret in page]


def test_an_attempt_that_finds_no_receiver_has_its_request_alone(times: Caller, run_workers: Run) -> None:
    attempt = attempt_at(times, "http://nowhere.invalid/hook", run_workers)
    assert attempt.status is None
    assert dict(attempt.request_headers)["Content-Type"] == "application/json"
    assert attempt.response_headers is None
