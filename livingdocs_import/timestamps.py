"""Timestamps in responses."""

import datetime
from functools import lru_cache


@lru_cache(maxsize=1024)  # objects written together share one timestamp
def timestamp(moment: datetime.datetime) -> str:
    """`2020-12-27T09:19:00.928Z`: UTC, milliseconds (GEN-05)."""
    return f"{moment.astimezone(datetime.UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def started_at(moment: datetime.datetime) -> str:
    """`2020-01-01 13:45:12`: the `startedAt` of a job's status, in UTC (spec 3.3)."""
    return f"{moment.astimezone(datetime.UTC):%Y-%m-%d %H:%M:%S}"


@lru_cache(maxsize=1024)
def stored_timestamp(text: str) -> str:
    """The same from a database's text: `2020-12-27 09:19:00.928123+00`, with as many digits as needed.

    Without an offset it is UTC, as in SQLite; an offset other than zero comes from a session in another time zone.
    """
    day, _, rest = text.partition(" ")
    rest = rest.removesuffix("+00")
    if "+" in rest or "-" in rest:
        return timestamp(datetime.datetime.fromisoformat(text))
    clock, _, fraction = rest.partition(".")
    return f"{day}T{clock}.{fraction[:3]:0<3}Z"
