"""Verify and read webhooks, in any web framework: all that is needed are the bytes of the body and the headers.

The service signs twice: `x-livingdocs-signature` is an HMAC with SHA-256 of the body, as the original makes it;
`webhook-signature` is that of Standard Webhooks, which signs id and time as well, so that an old message cannot be sent
again by a third party.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from json import loads
from typing import Protocol

from livingdocs_import_client.errors import InvalidSignature, UnexpectedAnswer
from livingdocs_import_client.jobs import Job, Kind, Progress
from livingdocs_import_client.json_types import JSONObject
from livingdocs_import_client.reading import as_object, optional_number, optional_object, optional_text, text

TOLERANCE = 300.0  # seconds between the clocks, and on the way
_KINDS = {
    "livingdocs-image-import": Kind.IMAGES,
    "livingdocs-video-import": Kind.VIDEOS,
    "livingdocs-file-import": Kind.FILES,
    "livingdocs-document-import": Kind.DOCUMENTS,
}


class Headers(Protocol):
    """The headers of a request, as any framework has them."""

    def items(self) -> Iterable[tuple[str, str]]: ...


class Scheme(StrEnum):
    """Which signatures a receiver requires."""

    BOTH = "both"  # what this service sends
    STANDARD = "standard"
    LIVINGDOCS = "livingdocs"  # all that the original sends; it does not prevent replays


@dataclass(frozen=True, slots=True)
class JobEnded:
    """The webhook of a job. It may come more than once, each time with the same `delivery_id`."""

    delivery_id: str
    job: Job
    state: str
    progress: Progress
    context: JSONObject | None
    raw: JSONObject


@dataclass(frozen=True, slots=True)
class Event:
    """A webhook of a project: `name` is `document.publish` and the like. It may come more than once."""

    delivery_id: str
    name: str
    document_id: int | None
    media_id: str | None
    raw: JSONObject


class WebhookVerifier:
    """Verifies webhooks with a secret, or with several during a rotation."""

    def __init__(
        self, secret: str | Sequence[str], *, scheme: Scheme = Scheme.BOTH, tolerance: float = TOLERANCE
    ) -> None:
        self._secrets = [secret] if isinstance(secret, str) else [*secret]
        if not all(self._secrets) or not self._secrets:
            raise ValueError("a secret must not be empty")
        self._scheme, self._tolerance = scheme, tolerance

    def verify(self, body: bytes, headers: Headers, *, now: float | None = None) -> JobEnded | Event:
        """Verify a webhook and parse it. InvalidSignature: answer it with 401. `now`: Unix time, for tests.

        `body` are the bytes as received: a parsed and serialised body may have another signature.
        """
        given = {name.lower(): value for name, value in headers.items()}
        if self._scheme is not Scheme.LIVINGDOCS:
            self._check_standard(body, given, time.time() if now is None else now)
        if self._scheme is not Scheme.STANDARD:
            self._check_livingdocs(body, given)
        return _message(body, given)

    def _check_livingdocs(self, body: bytes, headers: Mapping[str, str]) -> None:
        expected = (f"sha256={hmac.new(each.encode(), body, hashlib.sha256).hexdigest()}" for each in self._secrets)
        _compare(headers, "x-livingdocs-signature", [*expected])

    def _check_standard(self, body: bytes, headers: Mapping[str, str], now: float) -> None:
        delivery, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        signed = f"{delivery}.{stamp}.".encode() + body
        digests = (hmac.new(_standard_key(each), signed, hashlib.sha256).digest() for each in self._secrets)
        _compare(headers, "webhook-signature", [f"v1,{base64.b64encode(digest).decode()}" for digest in digests])
        if not (stamp.isascii() and stamp.isdigit() and abs(now - int(stamp[:12])) <= self._tolerance):
            raise InvalidSignature(f"webhook-timestamp is more than {self._tolerance:.0f} s away")


def _compare(headers: Mapping[str, str], name: str, expected: Sequence[str]) -> None:
    """One of the signatures given, separated by spaces, must be one of those expected."""
    given = headers.get(name, "").split(" ")[:10]
    if not any(hmac.compare_digest(each.encode(), right.encode()) for each in given for right in expected):
        raise InvalidSignature(f"{name} is missing" if name not in headers else f"{name} does not fit the secret")


def _standard_key(secret: str) -> bytes:
    """A secret in the standard's own notation (`whsec_` and base64) is decoded; any other is used as it stands."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            return secret.encode()
    return secret.encode()


def _message(body: bytes, headers: Mapping[str, str]) -> JobEnded | Event:
    try:
        message = as_object(loads(body), "body")
    except ValueError:
        raise UnexpectedAnswer("the webhook is no JSON") from None
    delivery = headers.get("x-livingdocs-delivery") or headers.get("webhook-id", "")
    if "source" not in message:
        return Event(
            delivery_id=delivery,
            name=text(message, "event"),
            document_id=optional_number(message, "documentId"),
            media_id=optional_text(message, "mediaId"),
            raw=message,
        )
    kind = _KINDS.get(text(message, "source"))
    if kind is None:
        raise UnexpectedAnswer(f"source: {text(message, 'source')!r} is unknown")
    overview = optional_object(message, "overview") or {}
    return JobEnded(
        delivery_id=delivery,
        job=Job(kind, text(message, "id"), count=optional_number(overview, "total") or 0),
        state=text(message, "state"),
        progress=_progress(overview),
        context=optional_object(message, "context"),
        raw=message,
    )


def _progress(overview: JSONObject) -> Progress:
    """All items are done when the webhook is sent; for documents, several counters mean success."""
    details = optional_object(overview, "details") or {}
    total, skipped, failed = (
        optional_number(of, name) or 0 for of, name in ((overview, "total"), (details, "skipped"), (details, "failed"))
    )
    return Progress(total=total, done=total, success=total - skipped - failed, skipped=skipped, failed=failed)
