"""Read from an HTTP response whether and when to retry."""

from datetime import datetime
from email.utils import parsedate_to_datetime

MAX_RETRY_AFTER = 120.0  # seconds; longer values are cut to this


def is_retryable(status: int) -> bool:
    """Whether the request may succeed when it is repeated: 408, 425, 429 and the 500s."""
    return status in {408, 425, 429} or status >= 500


def retry_after(header: str | None, now: datetime) -> float | None:
    """The seconds of a Retry-After header, at most MAX_RETRY_AFTER; None without a header that can be parsed.

    Both forms of RFC 9110 are accepted: a number of seconds, or an HTTP date (compared with `now`, which is aware).
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), MAX_RETRY_AFTER))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:  # "-0000": an HTTP date is always UTC
        moment = moment.replace(tzinfo=now.tzinfo)
    return min(max((moment - now).total_seconds(), 0.0), MAX_RETRY_AFTER)
