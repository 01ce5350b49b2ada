"""Access tokens as JWTs: third parties verify the signature; this service reads only the id that finds their row."""

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
    """The first key signs, all are published. By default they are derived from FIELD_ENCRYPTION_KEYS."""
    if settings.TOKEN_SIGNING_KEYS:
        return [signing_keys.read(key, settings.TOKEN_SIGNING_PASSPHRASE) for key in settings.TOKEN_SIGNING_KEYS]
    return [signing_keys.derived(key) for key in settings.FIELD_ENCRYPTION_KEYS]


def sign(claims: Mapping[str, Any], key: SigningKey) -> str:
    """Sign these claims (`models/token_claims.py`) as a JWT.

    Text stays UTF-8: escaped, a long name would not fit in a header.
    """
    return _JWS.encode(orjson.dumps(claims), key.private, algorithm=key.algorithm, headers={"kid": key.kid})


def public_keys() -> dict[str, Any]:
    """The keys that third parties verify tokens with: a JWK set (RFC 7517)."""
    return {"keys": [key.public for key in keys()]}


def claimed_jti(value: str) -> str:
    """The `jti` of a JWT, unverified; "" if there is none that this service could have issued."""
    parts = value.split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(f"{parts[1]}=="))
    except ValueError:
        return ""
    jti = claims.get("jti") if isinstance(claims, dict) else None
    return jti if isinstance(jti, str) and JTI.fullmatch(jti) else ""
