"""When a media entry may be used: `li-invalid` and `li-datetime-validity` (spec 6.4)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from livingdocs_import.metadata import Context, MetadataSchema

SCHEMA = MetadataSchema.compile(
    [
        {"handle": "blocked", "type": "li-invalid"},
        {"handle": "contract", "type": "li-datetime-validity"},
        {"handle": "embargo", "type": "li-datetime-validity"},
    ],
    Context.MEDIA,
)


def year(number: int) -> datetime:
    return datetime(number, 1, 1, tzinfo=UTC)


def between(start: int | None, end: int | None) -> dict[str, Any]:
    return {
        "from": None if start is None else f"{start}-01-01T00:00:00Z",
        "to": None if end is None else f"{end}-01-01T01:00:00+01:00",
    }


@pytest.mark.parametrize(
    ("values", "valid", "changes"),
    [
        ({}, True, None),
        ({"blocked": False, "contract": {}}, True, None),
        ({"blocked": True}, False, None),
        ({"blocked": True, "contract": between(2020, 2030)}, False, None),  # time alone will not help
        ({"blocked": False, "contract": between(2020, 2022)}, False, None),
        ({"contract": between(2020, 2030)}, True, year(2030)),
        ({"contract": between(2026, None)}, False, year(2026)),
        ({"contract": between(2020, None)}, True, None),
        ({"contract": between(None, 2030)}, True, year(2030)),
        ({"contract": between(None, 2025)}, False, None),  # the end does not belong to it
        ({"contract": between(2025, None)}, True, None),  # the start does
        ({"contract": between(2030, 2020)}, False, None),
        ({"contract": between(2020, 2030), "embargo": between(2026, 2028)}, False, year(2026)),
        ({"contract": between(2020, 2030), "embargo": between(2024, 2028)}, True, year(2028)),
        ({"contract": between(2030, None), "embargo": between(None, 2026)}, False, None),
        ({"contract": {"from": "soon"}}, True, None),  # stored before there were rules
        ({"contract": "soon", "blocked": "yes"}, True, None),
    ],
)
def test_validity_and_when_it_changes(values: dict[str, Any], valid: bool, changes: datetime | None) -> None:
    assert SCHEMA.validity(values, year(2025)) is valid
    assert SCHEMA.next_change(values, year(2025)) == changes
    if changes is not None:
        assert SCHEMA.validity(values, changes) is not valid
