"""Receivers believe what the service has signed, in every framework, and nothing else."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.test import RequestFactory
from standardwebhooks import Webhook

from livingdocs_import_client import (
    Client,
    Event,
    ImportClientError,
    InvalidSignature,
    Job,
    JobEnded,
    Kind,
    MediaItem,
    Progress,
    UnexpectedAnswer,
    WebhookVerifier,
)
from livingdocs_import_client.webhooks import Scheme
from readme import block
from running_service import SECRET
from tests.origin import Origin

BODY = json.dumps(
    {
        "source": "livingdocs-document-import", "id": "25bzj8j", "state": "success",
        "overview": {"total": 5, "details": {"imported": 1, "published": 2, "skipped": 1, "failed": 1}},
        "context": {"shelf": 12},
    }
).encode()  # fmt: skip
EVENT = b'{"event":"document.publish","deliveryId":"d","documentId":4021}'
PLAIN = "the secret of the project"


def signed(body: bytes = BODY, secret: str = PLAIN, at: float | None = None) -> dict[str, str]:
    """Signatures by others' code: the standard's own library, and openssl's algorithm by hand."""
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    key = secret if secret.startswith("whsec_") else base64.b64encode(secret.encode()).decode()
    return {
        "X-Livingdocs-Delivery": "d-1",
        "X-Livingdocs-Signature": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}",
        "Webhook-Id": "d-1",
        "Webhook-Timestamp": str(int(moment.timestamp())),
        "Webhook-Signature": Webhook(key).sign("d-1", moment, body.decode()),
    }


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in signed().items() if name not in names}


def test_what_the_service_sends_is_believed(client: Client, origin: Origin) -> None:
    path = f"/webhook-{uuid.uuid4().hex}"
    item = MediaItem(url=origin.url("/cat.jpg"), id=uuid.uuid4().hex, file_name="A cat")
    (job,) = client.import_images([item], system_name="s", webhook=origin.url(path), context={"shelf": 12})
    (hook,) = origin.wait_for(1, path, seconds=100)
    message = WebhookVerifier(SECRET).verify(hook.body, hook.headers)
    assert isinstance(message, JobEnded)
    assert (message.job.id, message.job.kind, message.state, message.context) == (
        job.id,
        Kind.IMAGES,
        "success",
        {"shelf": 12},
    )
    assert message.progress == Progress(total=1, done=1, success=1)
    assert message.delivery_id == hook.headers["x-livingdocs-delivery"]
    with pytest.raises(InvalidSignature):
        WebhookVerifier("another").verify(hook.body, hook.headers)


@pytest.mark.parametrize("secret", [PLAIN, SECRET])
def test_a_webhook_of_a_job_says_what_came_of_it(secret: str) -> None:
    message = WebhookVerifier(secret).verify(BODY, signed(secret=secret))
    assert message == JobEnded(
        "d-1", Job(Kind.DOCUMENTS, "25bzj8j", count=5), "success",
        Progress(total=5, done=5, success=3, skipped=1, failed=1), {"shelf": 12}, json.loads(BODY),
    )  # fmt: skip


def test_a_webhook_of_a_project_is_an_event() -> None:
    message = WebhookVerifier(PLAIN).verify(EVENT, signed(EVENT))
    assert message == Event("d-1", "document.publish", 4021, None, json.loads(EVENT))


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY + b" ", signed()),
        (BODY, signed(secret="another")),
        (BODY, {}),
        (BODY, without("X-Livingdocs-Signature")),
        (BODY, without("Webhook-Signature")),
        (BODY, without("Webhook-Timestamp")),
        (BODY, signed() | {"Webhook-Id": "d-2"}),
        (BODY, signed() | {"Webhook-Timestamp": "nonsense"}),
        (BODY, signed() | {"X-Livingdocs-Signature": "sha256="}),
        (BODY, signed() | {"Webhook-Signature": "v1,é"}),
        (BODY, signed(at=time.time() - 3600)),
        (BODY, signed(at=time.time() + 3600)),
    ],
    ids=range(12),
)
def test_nothing_else_is_believed(body: bytes, headers: Mapping[str, str]) -> None:
    with pytest.raises(InvalidSignature):
        WebhookVerifier(PLAIN).verify(body, headers)


def test_while_a_secret_is_replaced_both_count() -> None:
    both = WebhookVerifier(["new", PLAIN])
    assert both.verify(BODY, signed())
    assert both.verify(BODY, signed(secret="new"))
    with pytest.raises(ValueError, match="empty"):
        WebhookVerifier("")


def test_one_of_the_signatures_is_enough_where_the_receiver_says_so() -> None:
    assert WebhookVerifier(PLAIN, scheme=Scheme.LIVINGDOCS).verify(BODY, without("Webhook-Signature"))
    assert WebhookVerifier(PLAIN, scheme=Scheme.STANDARD).verify(BODY, without("X-Livingdocs-Signature"))
    several = signed() | {"Webhook-Signature": f"v1,abc {signed()['Webhook-Signature']}"}
    assert WebhookVerifier(PLAIN).verify(BODY, several)


def test_a_signed_message_that_says_something_unknown_is_an_error_of_the_family() -> None:
    for body in (b"[]", b"nonsense", b'{"source": "x", "id": "1"}', b"{}"):
        with pytest.raises(UnexpectedAnswer):
            WebhookVerifier(PLAIN).verify(body, signed(body))
    assert issubclass(InvalidSignature, ImportClientError)


Receive = Callable[[bytes, Mapping[str, str]], int]


def namespace(word: str) -> dict[str, Any]:
    found: dict[str, Any] = {"__name__": "receiver"}
    exec(block(word), found)
    return found


def flask(body: bytes, headers: Mapping[str, str]) -> int:
    receiver = namespace("Flask")["app"].test_client()
    return int(receiver.post("/webhook", data=body, headers=dict(headers)).status_code)


def django(body: bytes, headers: Mapping[str, str]) -> int:
    assert settings.configured
    request = RequestFactory().post("/webhook", body, content_type="application/json", headers=dict(headers))
    return int(namespace("HttpRequest")["webhook"](request).status_code)


def fastapi(body: bytes, headers: Mapping[str, str]) -> int:
    async def receive() -> int:
        transport = httpx.ASGITransport(namespace("FastAPI")["app"])
        async with httpx.AsyncClient(transport=transport, base_url="http://receiver") as sender:
            return (await sender.post("/webhook", content=body, headers=dict(headers))).status_code

    return asyncio.run(receive())


@pytest.mark.parametrize("receive", [flask, django, fastapi])
def test_the_receivers_in_the_readme_work(receive: Receive, capsys: pytest.CaptureFixture[str]) -> None:
    assert receive(BODY, signed()) == 204
    assert "25bzj8j 5 of 5 (3 imported, 1 skipped, 1 failed)" in capsys.readouterr().out
    assert receive(EVENT, signed(EVENT)) == 204
    assert receive(BODY, signed(EVENT)) == 401
