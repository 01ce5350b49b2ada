"""What a bulk import asks of a service, whether it is this one or a remote one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from imports.bulk.checking import Check
from imports.bulk.kinds import BulkKind
from imports.bulk.rows import Row
from livingdocs_import.validation.json_types import JSON, JSONObject


class ServiceRefuses(Exception):
    """The service does not accept the batch; nothing of it is stored. The message says what to do."""


class JobLost(Exception):
    """The job has no rows: it failed as a whole, or the service has removed them. The message says which."""


class KeyTaken(Exception):
    """The key was used for another batch: only an earlier run of this import has used it."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is said of all batches."""

    kind: BulkKind
    system_name: str
    webhook: str = ""
    dry_run: bool = False
    probe: int = 0


@dataclass(frozen=True, slots=True)
class PostedJob:
    """A job, and how many rows it has: those that follow the rows of the job before it."""

    id: str
    count: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a batch. `refused`: reasons by the index of the row among the posted ones.

    `is_known`: False where an earlier run has posted it, and its jobs are not known.
    """

    jobs: Sequence[PostedJob] = ()
    refused: Mapping[int, str] = field(default_factory=dict)
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Progress:
    """How far jobs are, counted in items. `lost`: of jobs that are gone. `waiting_for`: why one of them is stalled."""

    total: int = 0
    success: int = 0
    skipped: int = 0
    failed: int = 0
    lost: int = 0
    waiting_for: str = ""
    finished: bool = False

    @property
    def done(self) -> int:
        return self.success + self.skipped + self.failed + self.lost


def with_detail(reason: str, detail: str) -> str:
    """A reason, and what is wrong in particular: `Invalid metadata (The metadata property 'credit' …)`."""
    return f"{reason} ({detail})" if detail and detail != reason else reason


@dataclass(frozen=True, slots=True)
class Failed:
    """An item that failed, by its position in its job."""

    position: int
    reason: str
    detail: str = ""

    def __str__(self) -> str:
        return with_detail(self.reason, self.detail)


@dataclass(frozen=True, slots=True)
class Planned:
    """What would become of an item, by its position in its job. `touched`: a person has changed what it updates."""

    position: int
    would: str
    why: str
    touched: bool = False
    changes: Sequence[JSON] = ()
    detail: str = ""  # what is wrong in particular

    @property
    def reason(self) -> str:
        """Why, in particular."""
        return with_detail(self.why, self.detail)


@dataclass(frozen=True, slots=True)
class Existing:
    """What the service has under an external id, as far as an input can be compared with it."""

    external_id: str
    id: str
    title: str | None = None
    metadata: JSONObject | None = None
    checksum: str | None = None


class Service(Protocol):
    """One project of one service."""

    @property
    def name(self) -> str:
        """Names it to people, and in a state file."""

    @property
    def keeps_keys(self) -> timedelta:
        """For how long it answers a key with what it has accepted under it."""

    def check(self, kind: BulkKind) -> Check:
        """The check of its items, as far as it is possible without a request."""

    def now(self) -> datetime:
        """The time of the service, by which it forgets keys."""

    def post(self, rows: Sequence[Row], options: Options, *, key: str, digest: str) -> Accepted:
        """Post a batch under a key. ServiceRefuses, KeyTaken."""

    def progress(self, kind: BulkKind, jobs: Sequence[PostedJob]) -> Progress:
        """The progress of all these jobs together."""

    def failures(self, kind: BulkKind, job: str) -> Iterator[Failed]:
        """The failed items of a job that has ended, in the order of their positions. JobLost."""

    def plans(self, kind: BulkKind, job: str) -> Iterator[Planned]:
        """The plans of all items of a dry run that has ended, in the order of their positions. JobLost."""

    @property
    def gives_titles(self) -> bool:
        """Whether `existing` has the titles of entries."""

    def existing(self, kind: BulkKind, system_name: str, external_ids: Sequence[str]) -> Sequence[Existing]:
        """What there is under these external ids, in any order. ServiceRefuses: it cannot be asked for."""

    def all_existing(self, kind: BulkKind, system_name: str) -> Iterator[Existing] | None:
        """Everything that this system has imported; None: the service cannot list it."""
