"""Keys that sign access tokens: read from settings, named by their thumbprints, published without secrets.

All are asymmetric: a program that verifies tokens cannot issue any. A key is PKCS #8 in base64, with or without its PEM
header and footer.
"""

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_der_private_key
from jwt.algorithms import get_default_algorithms

PrivateKey: TypeAlias = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey

RSA_BITS = range(2048, 4097)  # smaller keys are insecure; larger ones make tokens longer than we accept
CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
OF_THUMBPRINT = {"OKP": ("crv", "kty", "x"), "EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}  # RFC 7638, 3.2
FRAME = re.compile(r"-----BEGIN [A-Z ]+-----(.*?)-----END [A-Z ]+-----", re.DOTALL)
DERIVED = b"livingdocs-import: signatures of access tokens"


@dataclass(frozen=True)
class SigningKey:
    """One key; `public` is its public half as a JWK, with `kid`, `alg` and `use`."""

    private: PrivateKey = field(repr=False)
    algorithm: str
    public: dict[str, str]

    @property
    def kid(self) -> str:
        return self.public["kid"]


def split(text: str) -> list[str]:
    """The keys of a text, in order: separated by commas or white space, or each with the header and footer of a PEM."""
    framed = FRAME.sub(lambda match: f" {''.join(match[1].split())} ", text.replace("\\n", "\n"))
    return framed.replace(",", " ").split()


@lru_cache(maxsize=32)
def read(key: str, passphrase: str = "") -> SigningKey:
    """Read one element of `split`. Raises ValueError with a message that does not repeat the key."""
    try:
        der = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("is no key, which is PKCS #8 in base64") from error
    return _signing_key(_loaded(der, passphrase))


@lru_cache(maxsize=32)
def derived(secret: str) -> SigningKey:
    """Derive a key from one of FIELD_ENCRYPTION_KEYS, for installations without keys for signing."""
    seed = HKDF(SHA256(), length=32, salt=None, info=DERIVED).derive(base64.urlsafe_b64decode(secret))
    return _signing_key(Ed25519PrivateKey.from_private_bytes(seed))


def _loaded(der: bytes, passphrase: str) -> Any:
    try:
        return load_der_private_key(der, None)
    except TypeError as error:  # the PEM is encrypted
        if not passphrase:
            raise ValueError("is encrypted: set TOKEN_SIGNING_PASSPHRASE") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("is no private key") from error
    try:
        return load_der_private_key(der, passphrase.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("cannot be decrypted with TOKEN_SIGNING_PASSPHRASE") from error


def _signing_key(private: Any) -> SigningKey:
    algorithm = _algorithm(private)
    jwk = get_default_algorithms()[algorithm].to_jwk(private.public_key(), as_dict=True)
    named = {name: str(jwk[name]) for name in OF_THUMBPRINT[jwk["kty"]]}
    digest = hashlib.sha256(json.dumps(named, separators=(",", ":"), sort_keys=True).encode()).digest()
    kid = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return SigningKey(private, algorithm, named | {"kid": kid, "alg": algorithm, "use": "sig"})


def _algorithm(private: Any) -> str:
    match private:
        case Ed25519PrivateKey():
            return "EdDSA"
        case EllipticCurvePrivateKey() if private.curve.name in CURVES:
            return CURVES[private.curve.name]
        case RSAPrivateKey() if private.key_size in RSA_BITS:
            return "RS256"
        case RSAPrivateKey():
            raise ValueError(f"has {private.key_size} bits: RSA keys have {RSA_BITS[0]} to {RSA_BITS[-1]} here")
    raise ValueError("is of a kind that signs no tokens: make one with `openssl genpkey -algorithm ed25519`")
