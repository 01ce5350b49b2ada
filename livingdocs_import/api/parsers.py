"""DRF's hook for bodies: strict JSON, of a bounded size (spec 2.2)."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from livingdocs_import import errors
from livingdocs_import.api import big_bodies
from livingdocs_import.validation.strict_json import read_json


class StrictJSONParser(BaseParser):
    """JSON is the only thing this API takes, and it is UTF-8 whatever the content type says."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        limit = settings.API_MAX_BODY_BYTES
        announced = int(stream.META.get("CONTENT_LENGTH") or 0)
        if announced > limit:
            raise errors.PayloadTooLarge(limit)
        try:
            # How much is read at once is a server's choice if no length was announced.
            body = stream.read() if announced else b"".join(iter(partial(stream.read, 1 << 16), b""))
        except OSError as error:  # as WSGI servers say that no more will come
            raise errors.Invalid({"message": "The request body was cut short: its last chunk never came"}) from error
        if len(body) > limit:
            raise errors.PayloadTooLarge(limit)
        if len(body) < announced:
            raise errors.Invalid(
                {"message": f"The request body was cut short: {len(body)} of {announced} bytes arrived"}
            )
        if len(body) > settings.API_BIG_BODY_BYTES and parser_context is not None:
            parser_context["view"].until_answered.enter_context(big_bodies.slot())
        return read_json(body)
