"""Why items of a dry run would fail, and what the files that were looked at allow to expect of the others."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Min

from imports.cause_explanations import is_of_host
from imports.models import ImportJob
from livingdocs_import.dry_runs import Would


@dataclass(frozen=True)
class PlannedFailures:
    """How many items would fail of one cause (docs/specification/causes.md); `first`: the position of one."""

    cause: str
    count: int
    first: int


def failures(job: ImportJob) -> list[PlannedFailures]:
    """Why items of a dry run would fail, the most frequent cause first."""
    failed = job.items.exclude(cause="").values("cause")
    causes = failed.annotate(count=Count("pk"), first=Min("position")).order_by("-count", "cause")
    return [PlannedFailures(**row) for row in causes]


@dataclass(frozen=True)
class Sample:
    """The files that a dry run has looked at.

    `failed` has the number of those that could not be had or used, by cause; `expected` is how many more such failures
    that makes among the files that were not looked at.
    """

    asked: int
    failed: Sequence[tuple[str, int]]
    expected: int


def sample(job: ImportJob) -> Sample:
    """What became of the items with a host; those that would fail before their download are not among them."""
    fetched = job.items.exclude(host_key=0).exclude(would="")  # 0: nothing was to be fetched
    by_cause = list(fetched.order_by().values_list("cause").annotate(number=Count("pk")).order_by("-number", "cause"))
    failed = [(cause, number) for cause, number in by_cause if cause and is_of_host(cause)]
    fine = sum(number for cause, number in by_cause if not cause)
    asked = fine + sum(number for _, number in failed)
    others = sum(number for would, number in job.outcomes.items() if would != Would.FAIL) - fine
    return Sample(asked, failed, expected_failures(others, asked, asked - fine))


def expected_failures(others: int, asked: int, failed: int) -> int:
    """Of `others` so many as of those that were asked, to one significant digit."""
    if not asked:
        return 0
    number = round(others * failed / asked)
    return min(round(number, 1 - len(str(number))), others)
