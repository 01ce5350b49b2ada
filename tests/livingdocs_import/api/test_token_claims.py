"""Access tokens are JWTs that other programs read and verify; here the row decides, and nothing that a token claims."""

import base64
import hashlib
import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db import IntegrityError, transaction

from livingdocs_import.api.permissions import SCOPES
from livingdocs_import.models import AccessToken
from livingdocs_import.models.access_token import MAX_LENGTH
from livingdocs_import.security import signed_tokens
from tests.api_client import Caller

PRIVATE = {
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
}
MAX_SIGNATURE = 683  # characters, of an RSA key with 4096 bits


@pytest.fixture(autouse=True)
def _guessing_is_not_braked(settings: Any) -> None:
    settings.WRONG_TOKENS_PER_MINUTE = 0


def made(kind: str = "EdDSA") -> str:
    """A private key as an operator sets it."""
    der = PRIVATE[kind]().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return base64.b64encode(der).decode()


def segment(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def claims_of(token: str) -> dict[str, Any]:
    """Read as a public client does: without verifying."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def status(caller: Caller, token: str) -> int:
    """Of a request for an entry that does not exist."""
    caller.token = token
    return int(caller.get("mediaLibrary/abc").status_code)


def published(caller: Caller) -> dict[str, Any]:
    answer = caller.client.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def verified(caller: Caller, token: str) -> dict[str, Any]:
    """The claims of a token, as a third party finds out that they are ours. Raises jwt.InvalidTokenError."""
    key = jwt.PyJWKSet.from_dict(published(caller))[jwt.get_unverified_header(token)["kid"]]
    claims: dict[str, Any] = jwt.decode(token, key)
    return claims


def test_a_token_contains_its_project_and_scopes(times: Caller) -> None:
    """TOK-01"""
    claims = claims_of(times.token)
    assert {name: claims[name] for name in ("scope", "name", "projectId", "channelId", "type")} == {
        "scope": "public-api:read public-api:write",
        "name": "tests",
        "projectId": times.project.pk,
        "channelId": times.project.pk,
        "type": "client",
    }
    assert str(UUID(claims["jti"])) == claims["jti"] == claims["code"] == AccessToken.objects.get().jti
    assert time.time() - 60 < claims["iat"] <= time.time()
    assert "exp" not in claims
    assert jwt.get_unverified_header(times.token)["typ"] == "JWT"


def test_a_token_with_an_end_contains_it(times: Caller) -> None:
    """TOK-01"""
    moment = datetime(2031, 1, 31, 12, tzinfo=UTC)
    _, token = AccessToken.objects.issue(times.project, name="Zürich 🦆", scopes=[], expires_at=moment)
    assert claims_of(token)["exp"] == int(moment.timestamp())
    assert claims_of(token)["name"] == "Zürich 🦆"


@pytest.mark.parametrize("kind", PRIVATE)
def test_third_parties_verify_tokens_with_the_published_keys(times: Caller, settings: Any, kind: str) -> None:
    """TOK-01"""
    settings.TOKEN_SIGNING_KEYS = [made(kind)]
    row, token = AccessToken.objects.issue(times.project, name="feed", scopes=["public-api:read"])
    assert verified(times, token)["jti"] == row.jti
    assert jwt.get_unverified_header(token) == {"alg": kind, "typ": "JWT", "kid": row.kid}
    assert status(times, token) == 404


def test_published_keys_have_no_private_part(times: Caller, settings: Any) -> None:
    settings.TOKEN_SIGNING_KEYS = [made(kind) for kind in PRIVATE]
    keys = published(times)["keys"]
    assert [key["alg"] for key in keys] == list(PRIVATE)
    assert {name for key in keys for name in key} == {"kid", "alg", "use", "kty", "crv", "x", "y", "n", "e"}
    answer = times.client.get("/.well-known/jwks.json")
    assert answer["Cache-Control"] == "public, max-age=300"
    assert times.client.head("/.well-known/jwks.json").status_code == 200
    refused = times.client.post("/.well-known/jwks.json")
    assert (refused.status_code, refused["Allow"], refused.json()["status"]) == (405, "GET, HEAD", 405)


def test_without_a_key_of_its_own_an_installation_signs_all_the_same(times: Caller, settings: Any) -> None:
    """With what is derived from the keys for secrets: the same in all its processes."""
    settings.TOKEN_SIGNING_KEYS = []
    _, token = AccessToken.objects.issue(times.project, name="feed", scopes=[])
    assert verified(times, token)["name"] == "feed"
    settings.FIELD_ENCRYPTION_KEYS = [
        base64.b64encode(secrets.token_bytes(32)).decode(),
        *settings.FIELD_ENCRYPTION_KEYS,
    ]
    assert verified(times, token)["name"] == "feed"


def test_keys_are_rotated_one_behind_the_other(times: Caller, settings: Any) -> None:
    old, new = made(), made("ES256")
    settings.TOKEN_SIGNING_KEYS = [old]
    _, before = AccessToken.objects.issue(times.project, name="before", scopes=["public-api:read"])
    settings.TOKEN_SIGNING_KEYS = [new, old]
    _, after = AccessToken.objects.issue(times.project, name="after", scopes=["public-api:read"])
    assert [verified(times, token)["name"] for token in (before, after)] == ["before", "after"]

    settings.TOKEN_SIGNING_KEYS = [new]
    with pytest.raises(KeyError):
        verified(times, before)
    assert status(times, before) == 404, "here it stays valid until it is suspended"
    AccessToken.objects.filter(name="before").update(suspended_at=datetime.now(UTC))
    assert status(times, before) == 401


def test_a_changed_claim_is_refused_whatever_its_signature(times: Caller, settings: Any) -> None:
    """TOK-02. With our own key, too: the digest is of the whole token."""
    header, payload, signature = times.token.split(".")
    claims = claims_of(times.token)
    ours = signed_tokens.keys()[0]
    assert status(times, f"{header}.{segment(claims | {'scope': 'public-api:config:write'})}.{signature}") == 401
    assert status(times, f"{header}.{payload}.{segment(b'x' * 64)}") == 401
    assert status(times, f"{header}.{payload}.") == 401
    assert status(times, f"{header}.{payload}.{signature}=") == 401
    assert status(times, f"{segment({'alg': 'none'})}.{payload}.") == 401
    assert status(times, signed_tokens.sign(claims | {"projectId": times.project.pk + 1}, ours)) == 401
    assert status(times, signed_tokens.sign({**claims, "nonce": secrets.token_urlsafe(16)}, ours)) == 401
    hmac_key = hashlib.sha256(ours.public["x"].encode()).digest()
    assert status(times, jwt.encode(claims, hmac_key, algorithm="HS256", headers={"kid": ours.kid})) == 401
    assert status(times, f"{header}.{payload}.{signature}") == 404


def test_what_is_secret_in_a_token_is_not_its_key_alone(times: Caller) -> None:
    """Two tokens of one second, with the same name and scopes, differ by more than what lists of tokens show."""
    tokens = [AccessToken.objects.issue(times.project, name="feed", scopes=[])[1] for _ in range(2)]
    first, second = map(claims_of, tokens)
    assert first["nonce"] != second["nonce"]
    assert len(base64.urlsafe_b64decode(first["nonce"] + "==")) == 16
    assert first["nonce"] not in str(AccessToken.objects.values())


def test_what_the_row_says_counts_and_not_what_the_token_claims(times: Caller) -> None:
    """TOK-03"""
    assert "public-api:read" in claims_of(times.token)["scope"]
    AccessToken.objects.update(scopes=["public-api:write"])
    assert status(times, times.token) == 403
    AccessToken.objects.update(scopes=["public-api:read"])
    assert status(times, times.token) == 404


def test_the_end_that_the_row_has_counts(times: Caller) -> None:
    """TOK-03"""
    moment = datetime(2031, 1, 31, tzinfo=UTC)
    row, token = AccessToken.objects.issue(times.project, name="f", scopes=["public-api:read"], expires_at=moment)
    AccessToken.objects.filter(pk=row.pk).update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert status(times, token) == 401


def test_a_suspended_token_is_refused_though_its_signature_is_good(times: Caller) -> None:
    """TOK-03"""
    AccessToken.objects.update(suspended_at=datetime.now(UTC))
    assert verified(times, times.token)["name"] == "tests"
    assert status(times, times.token) == 401


def opaque(times: Caller) -> tuple[AccessToken, str]:
    """A token as earlier releases made it."""
    value = f"ld_{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(value.encode()).hexdigest()
    fields = {"project": times.project, "name": "old", "scopes": ["public-api:read"], "digest": digest}
    return AccessToken.objects.create(prefix=value[:12], **fields), value


def test_opaque_tokens_of_earlier_releases_stay_valid(times: Caller) -> None:
    """TOK-04"""
    row, value = opaque(times)
    assert status(times, value) == 404
    assert status(times, value[:-1] + "!") == 401
    assert str(row) == f"old ({value[:12]}…)"
    AccessToken.objects.filter(pk=row.pk).update(suspended_at=datetime.now(UTC))
    assert status(times, value) == 401


def test_a_row_is_found_in_one_way_and_no_other(times: Caller) -> None:
    row, _ = opaque(times)
    for fields in ({"prefix": None}, {"jti": "00000000-0000-4000-8000-000000000000"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AccessToken.objects.filter(pk=row.pk).update(**fields)


DEEP = b'{"jti":' + b"[" * 2500
BAD_JTIS = [
    "x",
    7,
    None,
    [],
    {},
    True,
    1e300,
    "\0" * 36,
    "ü" * 36,
    "0" * 36,
    "{%s}" % ("0" * 34),
    "' OR 1=1 --".ljust(36),
]
BAD_PAYLOADS = [
    b"", b"null", b"7", b'"jti"', b"[]", b"[[1]]", b"{}", b"{", b"\xff\xfe", b"\0", DEEP, b"[" * 2900, b'{"jti":NaN}',
    b'{"jti":"\\ud800"}', b'{"jti":"\\u0000"}', b'{"jti":1' + b"0" * 2900 + b"}",
    *(json.dumps({"jti": jti}).encode() for jti in BAD_JTIS),
]  # fmt: skip


@pytest.mark.parametrize("payload", BAD_PAYLOADS, ids=range(len(BAD_PAYLOADS)))
def test_a_jwt_that_makes_no_sense_is_a_401(times: Caller, payload: bytes) -> None:
    """AUTH-03"""
    for header in ({"alg": "none"}, {"alg": "HS256", "kid": "../../etc/passwd"}, [], 7):
        assert status(times, f"{segment(header)}.{segment(payload)}.{segment(b'x' * 64)}") == 401


@pytest.mark.parametrize(
    "token",
    ["..", "...", ".", "a.b.c", "eyJ", "eyJ.eyJ.", "=.=.=", "a.====.c", "a.b.c.d.e", ".x.", "%2e.%2e.%2e",
     "." * MAX_LENGTH, "x" * 8000, f"e.{'e' * 7900}.e", "eyJhbGciOiJub25lIn0.eyJqdGkiOiJ4In0.", "é.é.é"],
)  # fmt: skip
def test_something_like_a_jwt_is_a_401(times: Caller, token: str) -> None:
    """AUTH-03"""
    assert status(times, token) == 401


@pytest.mark.parametrize("name", ["\U0001f986" * 200, "\x7f" * 200, '"' * 200])
def test_the_longest_token_that_is_made_is_accepted(times: Caller, name: str) -> None:
    everything = [*SCOPES]
    _, token = AccessToken.objects.issue(
        times.project, name=name, scopes=everything, expires_at=datetime(9999, 12, 31, tzinfo=UTC)
    )
    assert claims_of(token)["name"] == name
    assert len(token) + MAX_SIGNATURE < MAX_LENGTH
    assert status(times, token) == 404
