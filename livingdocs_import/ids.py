"""Public ids: short, random, safe in a URL (spec 2.7)."""

import secrets
import string

BASE36 = string.digits + string.ascii_lowercase
BASE62 = string.digits + string.ascii_letters


def _pick(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def job_id() -> str:
    """Ten characters of `0-9a-z` (rulings: job id)."""
    return _pick(BASE36, 10)


def media_id() -> str:
    """Twelve characters of `0-9A-Za-z`."""
    return _pick(BASE62, 12)


def component_id() -> str:
    """`doc-` and ten characters of `0-9a-z`."""
    return "doc-" + _pick(BASE36, 10)


def delivery_id() -> str:
    """Twenty-four characters of `0-9A-Za-z`: constant over all attempts of one webhook delivery."""
    return _pick(BASE62, 24)
