"""Time zones by their IANA names, as this machine knows them."""

from functools import lru_cache
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo | None:
    """The zone, e.g. "Europe/Zurich"; None if there is none of this name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, not a zone's name, or the name of a folder of zones
        return None


def validate_time_zone(name: str) -> None:
    """Raise a ValidationError that quotes an unknown name."""
    if zone_named(name) is None:
        raise ValidationError(f'There is no time zone "{name}"; expected one like Europe/Zurich or UTC.')
