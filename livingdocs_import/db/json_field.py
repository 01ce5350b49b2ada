"""The column type for JSON that is stored and returned as a whole, never searched."""

from typing import Any

import orjson
from django.db import models


class CompactJSON(models.TextField):  # type: ignore[type-arg]
    """JSON as compact text on every database.

    PostgreSQL's own type would parse, reorder and re-print each value: several times the cost of everything else that
    an import does to a row (benchmarks/README.md). Integers fit 64 bits; the request parser ensures that.
    """

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        return value if hasattr(value, "as_sql") else self.get_prep_value(value)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else orjson.loads(value)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""
