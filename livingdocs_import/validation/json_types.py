"""The type of JSON values; read-only, so that narrower types are compatible."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

JSON: TypeAlias = Mapping[str, "JSON"] | Sequence["JSON"] | str | int | float | bool | None
JSONObject: TypeAlias = Mapping[str, JSON]
