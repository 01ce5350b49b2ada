"""The dates of a publication and the embargo (spec 5.5)."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from documents.revisions.publish_control import (
    Embargo,
    PublicationDates,
    PublishControl,
    embargo_after,
    publication_dates,
    visible_date,
)

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def day(number: int) -> datetime:
    return datetime(1999, 3, number, tzinfo=UTC)


NEVER = PublicationDates()
BEFORE = PublicationDates(first=day(1), last=day(2), significant=day(3), visible_override=day(4))


@pytest.mark.parametrize(
    ("current", "control", "expected"),
    [
        pytest.param(NEVER, {}, (NOW, NOW, None, None), id="the first publication is now"),
        pytest.param(NEVER, {"first": day(9)}, (day(9), NOW, None, None), id="DOC-32"),
        pytest.param(NEVER, {"last": day(9)}, (day(9), day(9), None, None), id="DOC-33, first is last"),
        pytest.param(NEVER, {"significant": day(9)}, (NOW, NOW, day(9), None), id="DOC-34"),
        pytest.param(NEVER, {"visible_override": day(9)}, (NOW, NOW, None, day(9)), id="DOC-35"),
        pytest.param(BEFORE, {}, (day(1), NOW, day(3), day(4)), id="DOC-38, the others stay too"),
        pytest.param(BEFORE, {"last": day(9)}, (day(1), day(9), day(3), day(4)), id="DOC-38 with a last date"),
        pytest.param(BEFORE, {"first": day(9)}, (day(9), NOW, day(3), day(4)), id="first is stored on a re-import"),
        pytest.param(BEFORE, {"significant": day(9)}, (day(1), NOW, day(9), day(4)), id="significant replaces"),
        pytest.param(BEFORE, {"visible_override": day(9)}, (day(1), NOW, day(3), day(9)), id="override replaces"),
    ],
)
def test_the_dates_after_publishing(
    current: PublicationDates, control: dict[str, datetime], expected: tuple[datetime | None, ...]
) -> None:
    assert publication_dates(current, PublishControl(**control), NOW) == PublicationDates(*expected)  # type: ignore[arg-type]


def test_publish_control_is_read_from_an_item() -> None:
    control = PublishControl.of_item(
        {
            "publishControl": {
                "firstPublicationDate": "1999-03-18T17:27:00.107Z",
                "significantPublicationDate": "1999-03-19T17:27:00.107+01:00",
                "visiblePublicationDateOverride": "1999-03-20",
                "lastPublicationDate": "1999-03-21T17:27:00.107Z",
                "embargo": {"reason": "vote", "until": "2024-05-02T00:00:00Z"},
            }
        }
    )
    assert control == PublishControl(
        first=datetime(1999, 3, 18, 17, 27, 0, 107_000, UTC),
        last=datetime(1999, 3, 21, 17, 27, 0, 107_000, UTC),
        significant=datetime(1999, 3, 19, 16, 27, 0, 107_000, UTC),
        visible_override=day(20),
        embargo=Embargo("vote", datetime(2024, 5, 2, tzinfo=UTC)),
    )


def test_the_deprecated_publication_date_is_the_last_one_if_that_is_not_given() -> None:
    """DOC-37"""
    assert PublishControl.of_item({"publicationDate": "1999-03-09T00:00:00Z"}).last == day(9)
    both = {
        "publicationDate": "1999-03-09T00:00:00Z",
        "publishControl": {"lastPublicationDate": "1999-03-10T00:00:00Z"},
    }
    assert PublishControl.of_item(both).last == day(10)


@pytest.mark.parametrize("item", [{}, {"publishControl": None}, {"publishControl": {"firstPublicationDate": None}}])
def test_null_is_absent(item: dict[str, Any]) -> None:
    assert PublishControl.of_item(item) == PublishControl()


@pytest.mark.parametrize(
    "date",
    [
        "yesterday",
        "",
        1234567890,
        True,
        [],
        {},
        "2023-02-30T00:00:00Z",
        "2023-02-30",
        "2024-01-01T24:01:00Z",
        "2016-12-31T23:59:60Z",
        "10000-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2024-01-01T00:00:00+99:99",
        "9999-12-31T23:59:59-01:00",
        "2024-W01-1",
        "20240101",
        "٢٠٢٤-01-01",
        "2024-01-01T00:00:00Z ",
    ],
)
@pytest.mark.parametrize(
    "item",
    [
        lambda date: {"publicationDate": date},
        lambda date: {"publishControl": {"firstPublicationDate": date}},
        lambda date: {"publishControl": {"lastPublicationDate": date}},
        lambda date: {"publishControl": {"significantPublicationDate": date}},
        lambda date: {"publishControl": {"visiblePublicationDateOverride": date}},
        lambda date: {"publishControl": {"embargo": {"until": date}}},
    ],
    ids=["publicationDate", "first", "last", "significant", "visible", "embargo"],
)
def test_what_is_no_date_is_refused(item: Any, date: Any) -> None:
    """DOC-39"""
    with pytest.raises(ValueError, match=r'must match format "date-time"'):
        PublishControl.of_item(item(date))


def test_dates_are_kept_in_utc() -> None:
    control = PublishControl.of_item({"publicationDate": "2024-01-01T01:30:00+01:30"})
    assert control.last == datetime(2024, 1, 1, tzinfo=UTC)
    assert control.last.tzinfo is UTC


# --- Visible date ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dates", "preference", "expected"),
    [
        (NEVER, (), None),
        (BEFORE, (), day(4)),
        (PublicationDates(first=day(1), last=day(2)), (), day(1)),
        (BEFORE, ("publishControl.lastPublicationDate",), day(2)),
        (BEFORE, ("publishControl.significantPublicationDate",), day(3)),
        (BEFORE, ("metadata.shown", "publishControl.firstPublicationDate"), day(20)),
        (BEFORE, ("metadata.none", "metadata.words", "publishControl.firstPublicationDate"), day(1)),
        (BEFORE, ("unheard.of",), None),
    ],
)
def test_the_date_readers_see(dates: PublicationDates, preference: tuple[str, ...], expected: datetime | None) -> None:
    """PUB-04"""
    assert visible_date(dates, {"shown": "1999-03-20", "words": "soon"}, preference) == expected


# --- Embargo ---------------------------------------------------------------------------------------------------------


def test_an_embargo_holds_until_its_end() -> None:
    """DOC-57"""
    embargo = Embargo(until=NOW)
    assert embargo.is_active(NOW - timedelta(microseconds=1))
    assert not embargo.is_active(NOW)
    assert not embargo.is_active(NOW.astimezone(timezone(timedelta(hours=9))))
    assert Embargo().is_active(NOW)


def test_an_embargo_stays_until_it_is_replaced_or_lifted() -> None:
    old, new = Embargo("old"), Embargo("new")
    assert embargo_after(old, PublishControl()) == old
    assert embargo_after(old, PublishControl(embargo=new)) == new
    assert embargo_after(old, PublishControl.of_item({"publishControl": {"embargo": None}})) is None
    assert embargo_after(None, PublishControl()) is None


@pytest.mark.parametrize("embargo", [Embargo(), Embargo("vote"), Embargo("vote", NOW), Embargo(until=NOW)])
def test_an_embargo_is_stored_as_it_is_read(embargo: Embargo) -> None:
    assert Embargo.read(embargo.as_dict()) == embargo
