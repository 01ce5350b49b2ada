"""DRF's hook for bodies: strict JSON of bounded size, possibly compressed (spec 2.2)."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from livingdocs_import import errors
from livingdocs_import.api import big_bodies
from livingdocs_import.api.negotiation import GZIP, UNDECLARED, content_encoding, media_type
from livingdocs_import.content_encoding import CannotDecode, EndsEarly, decoded
from livingdocs_import.validation.limits import FREE_INFLATION, MAX_INFLATION
from livingdocs_import.validation.strict_json import read_json

PIECE = 1 << 16  # bytes; without it, a body of unknown length would be read in pieces of the server's choice


class StrictJSONParser(BaseParser):
    """Accepts JSON only, which is UTF-8 whatever the content type says."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        sent = SentBody(stream)
        take_slot = partial(_take_slot, parser_context)
        if content_encoding(stream.META) in GZIP:
            return _read(_inflated(sent, take_slot), media_type)
        body = sent.whole()
        if len(body) > settings.API_BIG_BODY_BYTES:
            take_slot()
        return _read(body, media_type)


class SentBody:
    """A body to be read once. Raises PayloadTooLarge, and Invalid if it was cut short."""

    def __init__(self, request: Any) -> None:
        self._request = request
        self._limit = settings.API_MAX_BODY_BYTES
        self._announced = int(request.META.get("CONTENT_LENGTH") or 0)
        self.size = 0  # bytes read so far
        if self._announced > self._limit:
            raise errors.PayloadTooLarge(self._limit)

    def whole(self) -> bytes:
        """The whole body."""
        return b"".join(self.pieces(self._announced or PIECE))

    def pieces(self, length: int = PIECE) -> Iterator[bytes]:
        """The body in pieces."""
        try:
            while piece := self._request.read(length):
                self.size += len(piece)
                if self.size > self._limit:
                    raise errors.PayloadTooLarge(self._limit)
                yield piece
        except OSError as error:  # WSGI servers signal a cut-off body like this
            raise errors.Invalid({"message": "The request body was cut short: its last chunk never came"}) from error
        if self.size < self._announced:
            short = f"The request body was cut short: {self.size} of {self._announced} bytes arrived"
            raise errors.Invalid({"message": short})


def _inflated(sent: SentBody, take_slot: Callable[[], object]) -> bytes:
    """The decompressed body. Decompression stops as soon as a bomb is recognised."""
    most, big = settings.API_MAX_BODY_BYTES, settings.API_BIG_BODY_BYTES
    pieces, size, has_slot = [], 0, False
    try:
        for piece in decoded(sent.pieces(), "gzip"):
            size += len(piece)
            if size > most:
                raise errors.PayloadTooLarge(most)
            if size > FREE_INFLATION + MAX_INFLATION * sent.size:
                raise errors.TooCompressed(MAX_INFLATION)
            if size > big and not has_slot:
                take_slot()
                has_slot = True
            pieces.append(bytes(piece))
    except CannotDecode as error:
        raise errors.Invalid({"message": "The request body is not valid gzip"}) from error
    except EndsEarly as error:
        raise errors.Invalid({"message": "The request body is not valid gzip: it ends too early"}) from error
    return b"".join(pieces)


def _read(body: bytes, content_type: str | None) -> Any:
    """The parsed JSON. Malformed JSON with another content type gets a hint about that (GEN-06)."""
    try:
        return read_json(body)
    except errors.NotJSON as error:
        kind = media_type(content_type or "")
        if kind in UNDECLARED:
            raise errors.UnsupportedMediaType(kind, error.why) from error
        raise


def _take_slot(parser_context: Mapping[str, Any] | None) -> None:
    """Hold the slot until the view has responded."""
    if parser_context is not None:
        parser_context["view"].until_answered.enter_context(big_bodies.slot())
