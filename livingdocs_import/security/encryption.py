"""Encrypt secrets at rest: Fernet tokens, made with the first of FIELD_ENCRYPTION_KEYS, read with any of them."""

from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from livingdocs_import.errors import UnreadableSecret

PREFIX = "enc:v1:"  # stored values without it date from before encryption


def encrypt(secret: str) -> str:
    """A token for a secret, even if the secret itself looks like a token. "" stays ""."""
    return PREFIX + _all().encrypt(secret.encode()).decode() if secret else ""


def decrypt(stored: str) -> str:
    """The secret of a token; a plain value from before encryption is returned unchanged. Raises UnreadableSecret."""
    if not is_encrypted(stored):
        return stored
    try:
        return _all().decrypt(_token(stored)).decode()
    except InvalidToken:
        raise UnreadableSecret("none of FIELD_ENCRYPTION_KEYS can decrypt a stored secret") from None


def is_encrypted(stored: str) -> bool:
    return stored.startswith(PREFIX)


def is_current(stored: str) -> bool:
    """Whether a key rotation can skip it: encrypted with the first key, or empty."""
    if not is_encrypted(stored):
        return not stored
    try:
        _first().decrypt(_token(stored))
    except InvalidToken:
        return False
    return True


def renewed(stored: str) -> str:
    """The same secret encrypted with the first key; unchanged if it already is. Raises UnreadableSecret."""
    return stored if is_current(stored) else encrypt(decrypt(stored))


def _token(stored: str) -> bytes:
    return stored.removeprefix(PREFIX).encode()


def _all() -> MultiFernet:
    return _ciphers(tuple(settings.FIELD_ENCRYPTION_KEYS))


def _first() -> MultiFernet:
    return _ciphers(tuple(settings.FIELD_ENCRYPTION_KEYS[:1]))


@lru_cache(maxsize=8)
def _ciphers(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
