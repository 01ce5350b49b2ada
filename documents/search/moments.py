"""Moments as filters write them: ISO 8601, or relative to now (`now-2d`)."""

import re
from calendar import monthrange
from datetime import datetime, timedelta

from livingdocs_import.validation.value_types import instant

_RELATIVE = re.compile(r"now(?:([+-])([0-9]{1,5})([smhdwMy]))?")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(text: object, now: datetime) -> datetime | None:
    """The moment that a text names, a date alone its midnight; None when it names none, or one outside the calendar."""
    relative = _RELATIVE.fullmatch(text) if isinstance(text, str) else None
    if relative is None:
        return instant(text, bare_date=True)
    sign, number, unit = relative.groups()
    if unit is None:
        return now
    amount = int(f"{sign}{number}")
    try:
        if unit in _UNITS:
            return now + timedelta(**{_UNITS[unit]: amount})
        return _months_later(now, amount * (12 if unit == "y" else 1))
    except (ValueError, OverflowError):
        return None


def _months_later(now: datetime, months: int) -> datetime:
    """The same day of another month, or its last one."""
    year, month = divmod(now.year * 12 + now.month - 1 + months, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))
