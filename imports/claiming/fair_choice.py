"""Choose the next job to claim from: projects by the slots they use, then jobs by priority and waiting time.

Pure decisions. A project with a thousand jobs, or whose downloads hang, uses slots and comes after one that uses none.
No project gets all slots, so that the next one need not wait until a download ends.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

PROJECT_PART = 3.0  # a project may use three times as many slots as are free: three quarters, if it is alone
JOB_PART = 2.0  # the same for one job: two thirds
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class OpenJob:
    """A job with claimable items."""

    pk: int
    project: int
    kind: str
    weight: int = 1
    priority: int = 0
    claimed_at: datetime | None = None  # null: never
    dry_run: bool = False
    probe: int = 0  # of how many items a dry run looks at the file


@dataclass
class DownloadSlots:
    """The slots for downloads in one process, and their use by projects."""

    total: int
    by_project: Counter[int] = field(default_factory=Counter)
    by_job: Counter[int] = field(default_factory=Counter)

    @property
    def free(self) -> int:
        return self.total - self.by_project.total()

    def take(self, job: OpenJob) -> None:
        self.by_project[job.project] += 1
        self.by_job[job.pk] += 1

    def leave(self, job: OpenJob) -> None:
        self.by_project[job.project] -= 1
        self.by_job[job.pk] -= 1

    def left_for(self, job: OpenJob) -> int:
        """How many more this job may take, one after the other.

        Each one reduces the free slots: the shares converge, and some slots stay free.
        """
        left, of_project, of_job = self.free, self.by_project[job.project], self.by_job[job.pk]
        taken = 0
        while left > 0 and of_project < PROJECT_PART * job.weight * left and of_job < JOB_PART * job.weight * left:
            left, of_project, of_job, taken = left - 1, of_project + 1, of_job + 1, taken + 1
        return taken


def in_order(jobs: Iterable[OpenJob], taken_by_project: Mapping[int, float]) -> list[OpenJob]:
    """The jobs in order: the project that uses least for its weight; in it the highest priority; then the least
    recently claimed."""
    return sorted(
        jobs,
        key=lambda job: (
            taken_by_project.get(job.project, 0) / job.weight,
            -job.priority,
            job.claimed_at or LONG_AGO,
            job.pk,
        ),
    )


class Shares:
    """The time that projects used of a serial resource of one process, by weight.

    A new or returning project starts at the lowest value of the others: it gets its share from now on, not for the time
    before.
    """

    def __init__(self) -> None:
        self._served: dict[int, float] = {}

    def served(self, projects: Iterable[int]) -> Mapping[int, float]:
        """For projects that have work now; others are dropped."""
        present = set(projects)
        known = [seconds for project, seconds in self._served.items() if project in present]
        least = min(known, default=0.0)
        self._served = {project: max(self._served.get(project, least), least) for project in present}
        return self._served

    def add(self, project: int, seconds: float) -> None:
        self._served[project] = self._served.get(project, 0.0) + seconds
