"""Public ids: short, random, safe in a URL (spec 2.7)."""

import os
import string
from collections.abc import Iterator

BASE36 = string.digits + string.ascii_lowercase
BASE62 = string.digits + string.ascii_letters
BASE64 = BASE62 + "_-"
_STOCK = 100  # ids generated at once by the iterators


class _Alphabet:
    """Turns random bytes into characters with equal probability: bytes that would favour some are dropped.

    A document has dozens of component ids; generated character by character they would cost more than the rest of it.
    """

    def __init__(self, characters: str) -> None:
        fair = 256 - 256 % len(characters)
        self._table = bytes(ord(characters[byte % len(characters)]) for byte in range(256))
        self._unfair = bytes(range(fair, 256))

    def pick(self, length: int) -> str:
        picked = b""
        while len(picked) < length:
            picked += os.urandom(length + length // 4 + 6).translate(self._table, self._unfair)
        return picked[:length].decode()

    def stream(self, length: int) -> Iterator[str]:
        while True:
            picked = self.pick(_STOCK * length)
            for start in range(0, len(picked), length):
                yield picked[start : start + length]


_base36, _base62, _base64 = _Alphabet(BASE36), _Alphabet(BASE62), _Alphabet(BASE64)


def job_id() -> str:
    """Ten characters of `0-9a-z` (spec 2.7)."""
    return _base36.pick(10)


def media_id() -> str:
    """Twelve characters of `0-9A-Za-z`."""
    return _base62.pick(12)


def media_ids() -> Iterator[str]:
    """An endless iterator of the same, for one thread of one process.

    It reads random bytes by the hundred, because single reads are expensive. Two users sharing it would get the same
    ids.
    """
    return _base62.stream(12)


def component_ids() -> Iterator[str]:
    """`doc-` and ten characters of `0-9a-z`; an endless iterator for one thread of one process."""
    return map("doc-{}".format, _base36.stream(10))


def report_id() -> str:
    """Twelve characters of `0-9A-Za-z`: for the report about the build of a delivery."""
    return _base62.pick(12)


def delivery_id() -> str:
    """Twenty-four characters of `0-9A-Za-z`: constant over all attempts of one webhook delivery."""
    return _base62.pick(24)


def event_delivery_ids() -> Iterator[str]:
    """Twenty-one characters of `0-9A-Za-z_-`, for deliveries of a project's webhooks; an endless iterator."""
    return _base64.stream(21)
