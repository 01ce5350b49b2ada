"""Answers as JSON."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpResponse


class JSONResponse(HttpResponse):
    """A value as compact UTF-8 JSON. Datetimes are formatted by the response functions, so none arrive here.

    DRF's own Response is a template that one of several renderers fills in later; there is nothing to choose here.
    """

    def __init__(self, value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(
            orjson.dumps(value), status=status, headers=headers, content_type="application/json; charset=utf-8"
        )
