"""Access tokens as JWTs: signed for third parties, read here for nothing but the id that finds their row."""

import base64
import re
from collections.abc import Mapping
from typing import Any

import jwt
import orjson
from django.conf import settings

from livingdocs_import.security import signing_keys
from livingdocs_import.security.signing_keys import SigningKey

JTI = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_JWS = jwt.PyJWS()


def keys() -> list[SigningKey]:
    """The first signs, all are published. Without TOKEN_SIGNING_KEYS: those that go with FIELD_ENCRYPTION_KEYS."""
    if settings.TOKEN_SIGNING_KEYS:
        return [signing_keys.read(key, settings.TOKEN_SIGNING_PASSPHRASE) for key in settings.TOKEN_SIGNING_KEYS]
    return [signing_keys.derived(key) for key in settings.FIELD_ENCRYPTION_KEYS]


def sign(claims: Mapping[str, Any], key: SigningKey) -> str:
    """The JWT that makes these claims (`models/token_claims.py`).

    Text stays UTF-8: escaped, a long name would not fit in a header.
    """
    return _JWS.encode(orjson.dumps(claims), key.private, algorithm=key.algorithm, headers={"kid": key.kid})


def public_keys() -> dict[str, Any]:
    """What third parties verify tokens with: a JWK set (RFC 7517)."""
    return {"keys": [key.public for key in keys()]}


def claimed_jti(value: str) -> str:
    """The `jti` in a JWT, believed by nobody; "" where there is none that we could have given."""
    parts = value.split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(f"{parts[1]}=="))
    except ValueError:
        return ""
    jti = claims.get("jti") if isinstance(claims, dict) else None
    return jti if isinstance(jti, str) and JTI.fullmatch(jti) else ""
