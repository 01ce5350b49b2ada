"""The slowest bearable pace: so much in each span, and no credit for earlier ones."""

from livingdocs_import.server.limits import ConnectionLimits, TransferPace

LIMITS = ConnectionLimits(patience=10, slowest=100)


def test_a_pace_is_asked_for_span_by_span() -> None:
    pace = TransferPace(LIMITS, now=5, moved=7)
    assert pace.until == 15
    assert pace.kept(now=15, moved=1_007)
    assert pace.until == 25
    assert pace.kept(now=26, moved=1_000_000)
    assert not pace.kept(now=36, moved=1_000_999)


def test_who_does_nothing_is_slower_than_who_has_just_begun() -> None:
    stalled, begun = TransferPace(LIMITS, now=0), TransferPace(LIMITS, now=9)
    assert stalled.speed(now=9.1, moved=0) < begun.speed(now=9.1, moved=0)
