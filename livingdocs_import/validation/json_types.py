"""What JSON can say, as a type; read-only, so that whatever has narrower values fits."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

JSON: TypeAlias = Mapping[str, "JSON"] | Sequence["JSON"] | str | int | float | bool | None
JSONObject: TypeAlias = Mapping[str, JSON]
