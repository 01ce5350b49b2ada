"""DRF's hook for answers: compact JSON."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer


class CompactJSONRenderer(BaseRenderer):
    """A value as compact UTF-8 JSON. Moments are text by now; what is stored as JSON may be an `orjson.Fragment`."""

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
