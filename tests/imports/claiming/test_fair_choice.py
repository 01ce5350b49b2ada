"""The order of claims: projects by the slots they use, jobs by priority and waiting time."""

from datetime import UTC, datetime, timedelta

from imports.claiming.fair_choice import DownloadSlots, OpenJob, Shares, in_order

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def job(pk: int, project: int = 1, *, weight: int = 1, priority: int = 0, waited: int | None = None) -> OpenJob:
    claimed_at = None if waited is None else MOMENT - timedelta(seconds=waited)
    return OpenJob(pk, project, "images", weight, priority, claimed_at)


def order(jobs: list[OpenJob], **served: float) -> list[int]:
    return [each.pk for each in in_order(jobs, {int(name[1:]): number for name, number in served.items()})]


def test_the_project_that_holds_least_comes_first() -> None:
    assert order([job(1, 1), job(2, 2)], p1=3, p2=1) == [2, 1]


def test_a_project_gains_nothing_by_cutting_its_batch_into_jobs() -> None:
    jobs = [job(number, 1) for number in range(1, 1000)] + [job(1000, 2)]
    assert order(jobs, p1=1, p2=0)[0] == 1000


def test_a_weight_of_three_may_hold_three_times_as_much() -> None:
    assert order([job(1, 1, weight=3), job(2, 2)], p1=5, p2=2) == [1, 2]
    assert order([job(1, 1, weight=3), job(2, 2)], p1=7, p2=2) == [2, 1]


def test_within_a_project_priority_comes_before_waiting() -> None:
    jobs = [job(1, waited=60), job(2, waited=5), job(3, priority=1, waited=1), job(4, priority=-1, waited=900), job(5)]
    assert order(jobs) == [3, 5, 1, 2, 4]


def take(slots: DownloadSlots, each: OpenJob) -> int:
    number = slots.left_for(each)
    for _ in range(number):
        slots.take(each)
    return number


def test_one_project_alone_leaves_slots_for_the_next_one() -> None:
    slots = DownloadSlots(32)
    assert take(slots, job(1)) == 22, "one job: two thirds"
    assert take(slots, job(2)) == 2, "its project: three quarters"
    assert slots.free == 8
    assert slots.left_for(job(3, 2)) >= 5


def test_many_that_use_slots_for_long_still_leave_some() -> None:
    slots = DownloadSlots(32)
    for project in range(1, 4):
        take(slots, job(project, project))
    assert slots.left_for(job(99, 99)) >= 1


def test_a_place_that_is_left_can_be_taken_again() -> None:
    slots = DownloadSlots(4)
    for _ in range(slots.left_for(job(1))):
        slots.take(job(1))
    assert slots.left_for(job(1)) == 0
    slots.leave(job(1))
    assert slots.left_for(job(1)) == 1


def test_who_comes_gets_a_part_from_now_on_and_not_what_others_had_before() -> None:
    shares = Shares()
    shares.served([1])
    shares.add(1, 100.0)
    served = shares.served([1, 2])
    assert served == {1: 100.0, 2: 100.0}
    shares.add(1, 1.0)
    assert order([job(1, 1), job(2, 2)], p1=101.0, p2=100.0) == [2, 1]


def test_who_has_no_work_is_forgotten() -> None:
    shares = Shares()
    shares.served([1, 2])
    shares.add(1, 50.0)
    assert shares.served([2]) == {2: 0.0}
