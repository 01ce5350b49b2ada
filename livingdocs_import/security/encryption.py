"""Encrypt secrets at rest: Fernet tokens, made with the first of FIELD_ENCRYPTION_KEYS, read with any of them."""

from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from livingdocs_import.errors import UnreadableSecret

PREFIX = "enc:v1:"  # what is stored without it was stored before secrets were encrypted


def encrypt(secret: str) -> str:
    """A token for a secret, whatever it looks like: what somebody sends is never taken for a token. "" stays ""."""
    return PREFIX + _all().encrypt(secret.encode()).decode() if secret else ""


def decrypt(stored: str) -> str:
    """The secret of a token; a plain value from before is given back as it is. Raises UnreadableSecret."""
    if not is_encrypted(stored):
        return stored
    try:
        return _all().decrypt(_token(stored)).decode()
    except InvalidToken:
        raise UnreadableSecret("none of FIELD_ENCRYPTION_KEYS can decrypt a stored secret") from None


def is_encrypted(stored: str) -> bool:
    return stored.startswith(PREFIX)


def is_current(stored: str) -> bool:
    """Whether there is nothing to do when keys are rotated: encrypted with the first key, or empty."""
    if not is_encrypted(stored):
        return not stored
    try:
        _first().decrypt(_token(stored))
    except InvalidToken:
        return False
    return True


def renewed(stored: str) -> str:
    """The same secret encrypted with the first key; unchanged if it is so already. Raises UnreadableSecret."""
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
