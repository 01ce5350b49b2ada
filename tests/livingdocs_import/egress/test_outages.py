"""Items wait for dependencies that are down, and one at a time probes whether they are back."""

from datetime import timedelta

import pytest

from livingdocs_import.db.clock import from_now
from livingdocs_import.egress.host_limits import UnansweredRequest
from livingdocs_import.egress.outages import NetworkWatch, Outages, Part
from livingdocs_import.models import ServiceOutage

LONG = timedelta(hours=6)


@pytest.fixture
def outages(db: None) -> Outages:
    return Outages(give_up_after=LONG)


def test_what_one_process_meets_the_others_learn(outages: Outages) -> None:
    other = Outages(give_up_after=LONG)
    outages.begins(Part.STORAGE, "the file could not be stored")
    other.refresh()
    assert other.awaited([Part.STORAGE, Part.NETWORK]) == "storage"
    assert other.awaited([Part.NETWORK]) is None


def test_beginning_twice_keeps_the_first_moment(outages: Outages) -> None:
    outages.begins(Part.STORAGE)
    before = ServiceOutage.objects.get().since
    outages.begins(Part.STORAGE)
    assert ServiceOutage.objects.get().since == before


def test_one_probe_every_few_seconds(outages: Outages) -> None:
    outages.begins(Part.STORAGE)
    assert not outages.may_probe(Part.STORAGE), "it has just failed"
    ServiceOutage.objects.update(probe_at=from_now())
    assert outages.may_probe(Part.STORAGE)
    assert not outages.may_probe(Part.STORAGE)


def test_it_ends_when_the_part_was_there(outages: Outages) -> None:
    outages.begins(Part.STORAGE)
    assert outages.ends(Part.STORAGE)
    assert not outages.ends(Part.STORAGE)
    assert not ServiceOutage.objects.exists()


def test_it_is_not_worth_waiting_for_ever(outages: Outages) -> None:
    outages.begins(Part.STORAGE)
    ServiceOutage.objects.update(since=from_now(-LONG - timedelta(seconds=1)))
    outages.refresh()
    assert outages.awaited([Part.STORAGE]) is None
    assert "storage" in outages.away


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def silent(*hosts: str, reached: bool = False) -> list[UnansweredRequest]:
    return [UnansweredRequest(host, begun=0.0, ended=5.0, reached=reached) for host in hosts]


FIVE = ("a", "b", "c", "d", "e")


def test_five_hosts_out_of_reach_and_no_answer_are_our_network() -> None:
    watch = NetworkWatch(clock=Clock())
    assert not watch.is_away(silent("a", "b", "c", "d", "d"), None, was_away=False)
    assert watch.is_away(silent("e"), None, was_away=False)


def test_hosts_that_refuse_were_reached() -> None:
    clock = Clock()
    watch = NetworkWatch(clock=clock)
    assert not watch.is_away([*silent(*FIVE), *silent("f", reached=True)], None, was_away=False)
    clock.now += 1
    assert watch.is_away(silent(*FIVE), None, was_away=False)


def test_any_answer_speaks_for_the_network() -> None:
    clock = Clock()
    watch = NetworkWatch(clock=clock)
    assert watch.is_away(silent(*FIVE), 900.0, was_away=False)
    assert watch.is_away([], 900.0, was_away=True)
    assert not watch.is_away([], 1000.5, was_away=True)
    assert not watch.is_away(silent("a"), 1000.5, was_away=False), "all is forgotten"


def test_what_is_long_ago_does_not_count() -> None:
    clock = Clock()
    watch = NetworkWatch(clock=clock)
    watch.is_away(silent("a", "b", "c", "d"), None, was_away=False)
    clock.now += 61
    assert not watch.is_away(silent("e"), None, was_away=False)
