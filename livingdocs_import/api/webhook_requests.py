"""The webhooks that we send, as OpenAPI describes them: an Operation Object of the receiver (spec 7.1, 7.2)."""

from collections.abc import Mapping
from typing import Any

from livingdocs_import.api.operations import JSON_TYPE, Example, JSONSchema
from livingdocs_import.api.shapes import KEY, TEXT, closed, described

SIGNED = "Only if there is a secret. "
HEADERS: Mapping[str, tuple[bool, str]] = {
    "x-livingdocs-delivery": (True, "The same on every attempt to deliver the message."),
    "x-livingdocs-signature": (
        False,
        f"{SIGNED}`sha256=` and the HMAC with SHA-256 of the body in hexadecimal digits.",
    ),
    "webhook-id": (False, f"{SIGNED}Standard Webhooks: that of the delivery."),
    "webhook-timestamp": (False, f"{SIGNED}Standard Webhooks: when this attempt was made, in seconds since 1970."),
    "webhook-signature": (
        False,
        f"{SIGNED}Standard Webhooks: `v1,` and the HMAC with SHA-256 of `<webhook-id>.<webhook-timestamp>.<body>` in "
        "base64.",
    ),
}
ACTOR = {
    "oneOf": [
        closed("ImporterActor", {"type": {"const": "importer"}, "name": TEXT}),
        closed("APIClientActor", {"type": {"const": "api-client"}, "name": TEXT}),
        closed("UserActor", {"type": {"const": "user"}}, {"name": TEXT, "email": TEXT}),
    ]
}
TAG = "Webhooks"
HAPPENED = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "publish": "published",
    "unpublish": "unpublished",
    "build": "to be built again",
    "archive": "archived",
    "revoke": "revoked",
    "active": "in use again",
    "invalid": "invalid",
}
ANSWERS: Mapping[str, str] = {
    "2XX": "The message has arrived. The body is not read.",
    "4XX": "408, 425 and 429: tried again later. Any other: given up.",
    "5XX": "Tried again later.",
}


def webhook_request(
    operation_id: str, tag: str, summary: str, description: str, schema: JSONSchema, examples: tuple[Example, ...] = ()
) -> dict[str, Any]:
    """A message of this shape, and what the receiver's answers mean."""
    content: dict[str, Any] = {"schema": schema}
    if examples:
        content["examples"] = {each.name: {"value": each.value} for each in examples}
    return {
        "operationId": operation_id,
        "tags": [tag],
        "summary": summary,
        "description": description,
        "security": [],
        "parameters": [
            {"name": name, "in": "header", "required": required, "description": about, "schema": TEXT}
            for name, (required, about) in HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {JSON_TYPE: content}},
        "responses": {status: {"description": about} for status, about in ANSWERS.items()},
    }


def event(
    name: str, about: Mapping[str, JSONSchema], when: str, body: Mapping[str, JSONSchema] | None = None
) -> dict[str, Any]:
    """The webhook for an event of a project (spec 7.2). `about`: ids of its subject; `body`: other properties."""
    title = "".join(f"{part[0].upper()}{part[1:]}" for part in name.split("."))
    envelope = {
        "event": {"const": name},
        "deliveryId": described(TEXT, "As in `x-livingdocs-delivery`."),
        "projectId": KEY,
        "projectHandle": TEXT,
        "webhookHandle": described(TEXT, "The handle of the webhook in the project's configuration."),
    }
    schema = closed(f"{title}Message", {**envelope, **about, **(body or {})}, {"actor": ACTOR})
    return webhook_request(
        f"on{title}",
        TAG,
        _summary(name),
        f"Sent {when}, after the commit of the change, to the webhooks in the project's configuration that have the "
        "event; at least once, in no particular order, with retries for 72 hours.",
        schema,
    )


def _summary(name: str) -> str:
    """document.create: Document created."""
    subject, _, what = name.partition(".")
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in subject)
    return f"{words.capitalize()} {HAPPENED.get(what, what)}".strip()


TEST = {"test": event("test", {}, "when an operator tries a webhook")}
