"""When to retry, according to an HTTP response."""

from datetime import UTC, datetime

import pytest

from livingdocs_import.egress.retry_after import is_retryable, retry_after

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 30 ", 30.0),
        ("99999999999999999999", 120.0),
        ("Sun, 01 Mar 2026 12:00:45 GMT", 45.0),
        ("Sun, 01 Mar 2026 12:00:45 -0000", 45.0),
        ("Sun, 01 Mar 2026 18:00:00 GMT", 120.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("\N{SUPERSCRIPT TWO}", None),
        ("Sun, 99 Mar 2026 12:00:45 GMT", None),
    ],
)
def test_both_forms_are_read_and_capped(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_these_may_pass(status: int) -> None:
    assert is_retryable(status)


@pytest.mark.parametrize("status", [204, 301, 400, 401, 403, 404, 410, 451])
def test_these_do_not(status: int) -> None:
    assert not is_retryable(status)
