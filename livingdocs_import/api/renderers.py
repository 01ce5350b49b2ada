"""DRF's hook for responses: compact JSON."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer


class CompactJSONRenderer(BaseRenderer):
    """Renders a value as compact UTF-8 JSON. Times are text already; stored JSON may be an `orjson.Fragment`."""

    media_type = "application/json"
    format = "json"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return orjson.dumps(data)
