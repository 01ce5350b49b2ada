"""What operators see of data: no secrets, few digits."""

from datetime import timedelta

import pytest

from livingdocs_import.admin import readable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://wire:pw@photos.example.com/a.jpg?sig=s3cret#x", "https://photos.example.com/a.jpg?…"),
        ("HTTP 404 from https://a.example/b?token=1 twice", "HTTP 404 from https://a.example/b?… twice"),
        (" HTTPS://a.example/two words?sig=s3 cret", "https://a.example/two%20words?…"),
        ("s3://key:secret@bucket/a?b", "s3://bucket/a?…"),
        ("Who? Me: a@b.example", "Who? Me: a@b.example"),
    ],
)
def test_urls_lose_credentials_and_query_wherever_they_stand(text: str, shown: str) -> None:
    assert readable.redacted(text) == shown


def test_json_is_one_value_a_line_and_its_urls_are_redacted() -> None:
    value = {"url": "https://u:p@a.example/?q=1", "list": [1, {"ü": "https://b.example/"}]}
    lines = readable.json_lines(value)
    assert lines.splitlines()[1] == '  "url": "https://a.example/?…",'
    assert '"ü": "https://b.example/"' in lines


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0 s"), (0.4, "0 s"), (59.6, "1 min"), (125, "2 min 5 s"), (7_200, "2 h"), (266_400, "3 d 2 h")],
)
def test_a_duration_has_two_units_at_most(seconds: float, words: str) -> None:
    assert readable.duration(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("count", "seconds", "words"),
    [(0, 10, ""), (5, 0, ""), (1, 60, "1.0/min"), (42, 10, "4.2/s"), (25_000, 20, "1,250/s")],
)
def test_a_pace_has_as_many_digits_as_are_worth_reading(count: int, seconds: float, words: str) -> None:
    assert readable.rate(count, timedelta(seconds=seconds)) == words


def test_of_a_very_long_text_the_beginning_is_shown() -> None:
    shown = readable.redacted("x " * 25_000 + "https://a.example/?token=1")
    assert shown.endswith("x … (26 more characters)")
