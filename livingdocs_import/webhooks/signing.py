"""Sign a webhook: Livingdocs' own signature, and the headers of Standard Webhooks (Q-24)."""

import base64
import hashlib
import hmac
from datetime import datetime

SIGNATURES = frozenset({"x-livingdocs-signature", "webhook-signature"})  # the headers that hold one


def signatures(secret: str, delivery_id: str, moment: datetime, body: bytes) -> dict[str, str]:
    """Livingdocs' signature of the body, and the Standard Webhooks headers over id, time and body."""
    stamp = str(int(moment.timestamp()))
    plain = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    signed = hmac.new(_standard_key(secret), f"{delivery_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "x-livingdocs-signature": f"sha256={plain}",
        "webhook-id": delivery_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def _standard_key(secret: str) -> bytes:
    """Decode a secret in the standard's own notation (`whsec_` and base64); any other is used as it is."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            return secret.encode()
    return secret.encode()
