"""Headers that an operator adds to webhooks: only to addresses with their prefix."""

import json
from typing import Any

import pytest
from django.core import checks

from livingdocs_import.models import WebhookDelivery
from livingdocs_import.webhooks.operator_headers import entries, headers_for
from tests.subscribers import Subscriber

TOKEN = {"Authorization": "Bearer s3cret"}


def setting(*given: tuple[str, dict[str, str]]) -> str:
    return json.dumps([{"urlPrefix": prefix, "headers": headers} for prefix, headers in given])


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://hooks.example/in/", True),
        ("https://hooks.example/in/a?b=c", True),
        ("https://HOOKS.example:443/in/a", True),
        ("https://hooks.example/other", False),
        ("http://hooks.example/in/a", False),
        ("https://hooks.example:8443/in/a", False),
        ("https://hooks.example.evil.example/in/a", False),
        ("https://hooks.example/in/../other", False),
        ("https://hooks.example/in/%2e%2E/other", False),
        ("https://hooks.example/in/%252e%252e%252fother", False),
    ],
)
def test_an_address_fits_by_server_and_path(url: str, fits: bool) -> None:
    """WHK-11"""
    added = headers_for(url, setting(("https://hooks.example/in/", TOKEN)))
    assert added == ({"authorization": "Bearer s3cret"} if fits else {})


def test_of_several_that_fit_the_later_one_counts() -> None:
    given = setting(("https://a.example", {"X-A": "1", "X-B": "1"}), ("https://a.example/in", {"x-a": "2"}))
    assert headers_for("https://a.example/in", given) == {"x-a": "2", "x-b": "1"}


@pytest.mark.parametrize(
    "wrong",
    [
        "{", "{}", "[1]", '[{"urlPrefix": "https://a.example"}]', setting(("a.example", TOKEN)),
        setting(("https://a.example", {})),
        *(
            setting(("https://a.example", {name: value}))
            for name, value in (
                ("Content-Type", "text/plain"), ("Host", "b.example"), ("X-Livingdocs-Signature", "x"),
                ("webhook-id", "x"), ("A B", "x"), ("X-A", "a\r\nb"), ("X-A", ""), ("X-A", "ü"),
            )
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_a_check_and_shows_no_value(settings: Any, wrong: str) -> None:
    settings.WEBHOOK_HEADERS = wrong
    with pytest.raises(ValueError, match=r"\w") as said:
        entries(wrong)
    assert "s3cret" not in str(said.value)
    assert "LI.E007" in [message.id for message in checks.run_checks()]


def test_they_are_sent_with_webhooks_of_jobs_and_of_projects(subscriber: Subscriber, settings: Any) -> None:
    """WHK-11"""
    settings.WEBHOOK_HEADERS = setting((subscriber.origin.url("/gateway/"), TOKEN))
    subscriber.subscribe("document.create", handle="gateway/cache")
    subscriber.caller.import_documents(
        {"id": "a", "title": "A", "contentType": "article", "checksum": "1"},
        webhook=subscriber.origin.url("/gateway/job"),
    )
    subscriber.run()
    subscriber.caller.import_documents(webhook=subscriber.origin.url("/elsewhere"))
    subscriber.run()
    sent = {request.path: request.headers.get("authorization") for request in subscriber.origin.webhooks}
    assert sent == {"/gateway/cache": "Bearer s3cret", "/gateway/job": "Bearer s3cret", "/elsewhere": None}


def test_a_setting_that_cannot_be_read_makes_webhooks_wait(subscriber: Subscriber, settings: Any) -> None:
    settings.WEBHOOK_HEADERS = "{"
    subscriber.caller.import_documents(webhook=subscriber.origin.url("/job"))
    subscriber.run()
    waiting = WebhookDelivery.objects.get()
    assert (waiting.state, waiting.tries.get().error) == ("pending", "not sent: WEBHOOK_HEADERS is not JSON")
