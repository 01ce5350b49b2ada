"""The headers of a webhook's request, and the form of them that operators see: secrets masked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from livingdocs_import.db.encrypted_field import StoredSecret
from livingdocs_import.errors import NotConfigured, UnreadableSecret
from livingdocs_import.models import WebhookDelivery
from livingdocs_import.security.masking import MASK
from livingdocs_import.webhooks import operator_headers
from livingdocs_import.webhooks.signing import SIGNATURES, signatures

MaskedHeaders = list[tuple[str, str]]


@dataclass(frozen=True)
class RequestHeaders:
    """Headers by their names. `confidential`: the names of those whose values no operator sees."""

    values: Mapping[str, str]
    confidential: frozenset[str]

    @property
    def secrets(self) -> list[str]:
        """The confidential values, which a receiver may repeat in its response."""
        return [self.values[name] for name in sorted(self.confidential)]

    @property
    def masked(self) -> MaskedHeaders:
        """All headers, with MASK in place of confidential values."""
        return [(name, MASK if name in self.confidential else value) for name, value in self.values.items()]


def build(delivery: WebhookDelivery, secret: StoredSecret, now: datetime) -> RequestHeaders:
    """The headers of an attempt, signed as of `now` if there is a secret. Those that operators add are confidential.

    Raises NotConfigured if the settings or the secret cannot be read.
    """
    added = _added(delivery.url)
    values = {**added, "Content-Type": "application/json", "x-livingdocs-delivery": delivery.delivery_id}
    if secret:
        values |= signatures(_revealed(secret), delivery.delivery_id, now, delivery.body.encode())
    return RequestHeaders(values, frozenset(added) | (SIGNATURES & values.keys()))


def _added(url: str) -> dict[str, str]:
    try:
        return operator_headers.headers_for(url, settings.WEBHOOK_HEADERS)
    except ValueError as error:
        raise NotConfigured(f"not sent: WEBHOOK_HEADERS {error}") from error


def _revealed(secret: StoredSecret) -> str:
    try:
        return secret.reveal()
    except UnreadableSecret as error:
        raise NotConfigured(f"not sent, for it could not be signed: {error}") from error
