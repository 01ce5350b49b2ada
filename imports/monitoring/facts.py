"""The facts about the service that the overview shows, as plain values, and the limits at which they matter."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from media_library.storage.health import StorageState

DAY = timedelta(hours=24)
MOVING_WITHIN = timedelta(minutes=1)  # a live worker takes due work within seconds
STUCK_AFTER = timedelta(minutes=4)
SWEEP_OVERDUE_AFTER = timedelta(minutes=2)  # one of the worker processes sweeps every five seconds
WORKER_MISSING_AFTER = timedelta(minutes=1)  # each writes a heartbeat every ten seconds
NEARLY_FULL = 0.8  # of a quota
LITTLE_SPACE = 0.1  # of a storage
ENDS_SOON = timedelta(days=7)  # of a token
MANY_FAILURES = 50  # open ones of one cause at one host …
FAILURES_OF_HOUR = 0.05  # … or this part of the items that ended in the last hour …
FEW_FAILURES = 10  # … if they are not fewer than these


@dataclass(frozen=True)
class Queue:
    """Whether due work is being taken.

    `waits`: how long the longest-waiting claimable row has been due; None: nothing is claimable. All rows of a large
    batch are due at once, so that a long wait alone proves nothing: `taken` is how long ago a worker last claimed rows,
    zero while one has some, None if that is not known. `depth`: the number of rows that have not ended.
    """

    waits: timedelta | None = None
    taken: timedelta | None = None
    depth: int = 0

    @property
    def moving(self) -> bool:
        return self.taken is not None and self.taken <= MOVING_WITHIN

    @property
    def stuck(self) -> bool:
        """Whether nothing was claimed for minutes although something could be."""
        waits_long = self.waits is not None and self.waits > STUCK_AFTER
        return waits_long and (self.taken is None or self.taken > STUCK_AFTER)

    @property
    def idle(self) -> timedelta:
        """For how long claimable work has waited and nothing was claimed."""
        return min(span for span in (self.waits, self.taken, timedelta.max) if span is not None)


@dataclass(frozen=True)
class Sweeps:
    """Whether some process runs housekeeping. `since`: the time since the last round; None: never."""

    since: timedelta | None = None

    @property
    def overdue(self) -> bool:
        return self.since is None or self.since > SWEEP_OVERDUE_AFTER


@dataclass(frozen=True)
class Workers:
    """The processes that run imports, or webhooks. `since`: time since the last heartbeat; None: more than a day."""

    alive: int = 0
    since: timedelta | None = None

    @property
    def missing(self) -> bool:
        return not self.alive


@dataclass(frozen=True)
class Away:
    """A dependency for which downloads wait: the storage, or our own network."""

    part: str
    since: datetime
    span: timedelta


@dataclass(frozen=True)
class Allowance:
    """A project's use of one kind in the last 24 hours. `limit` None: unlimited."""

    kind: str
    used: int
    limit: int | None
    project: str = ""
    project_key: int = 0

    @property
    def full(self) -> bool:
        return self.limit is not None and self.used >= self.limit

    @property
    def nearly_full(self) -> bool:
        return bool(self.limit) and self.used >= NEARLY_FULL * (self.limit or 0)

    @property
    def percent(self) -> int:
        """Rounded down, so that what is not full is not shown as 100; 0 without a limit."""
        return 100 if self.full else 100 * self.used // self.limit if self.limit else 0


@dataclass(frozen=True)
class ReceiverTrouble:
    """The deliveries of a project to one receiver that were given up, wait for another try, or are held.

    `project`: its name for people, `handle` for programs. `span`: since the first failure after the last success; if
    nothing is known of attempts, since the oldest of those that were given up was created; None: none was. `answers`:
    its last attempt succeeded, after some were given up. `percent` of its deliveries of 30
    days were taken; `statuses` are those of its last attempts, oldest first (0: no answer). `key`: its primary key, if
    something was sent to it.
    """

    receiver: str
    project: str
    given_up: int = 0
    again: int = 0
    held: int = 0
    span: timedelta | None = None
    answers: bool = False
    handle: str = ""
    percent: float | None = None
    statuses: tuple[int, ...] = ()
    key: int | None = None


@dataclass(frozen=True)
class SwitchedOff:
    """A receiver that only failed: switched off for it, or exhausted (one of its deliveries was given up)."""

    webhook: str
    project_key: int
    off: bool
    span: timedelta


@dataclass(frozen=True)
class FailureCount:
    """The open failures of one cause at one host, or of one cause at any host.

    `last`: the time since the newest. `lately`: the part in jobs of which items failed in the last hour.
    """

    cause: str
    title: str
    host: str = ""
    number: int = 0
    lately: int = 0
    since: timedelta = timedelta(0)
    last: timedelta = timedelta(0)
    projects: tuple[str, ...] = ()
    hosts: int = 0


@dataclass(frozen=True)
class EndingToken:
    """An API client whose token ends soon and was not rotated."""

    key: int
    name: str
    project: str
    ends_in: timedelta


@dataclass(frozen=True)
class Facts:
    """All that decides whether a person is needed. Lists have the most important first."""

    imports: Queue = Queue()
    webhooks: Queue = Queue()
    import_workers: Workers = Workers(alive=1)
    webhook_workers: Workers = Workers(alive=1)
    sweeps: Sweeps = Sweeps(since=timedelta(0))
    away: list[Away] = field(default_factory=list)
    storage: StorageState = field(default_factory=StorageState)  # as this process reaches it
    allowances: list[Allowance] = field(default_factory=list)  # nearly full, or full
    receivers: list[ReceiverTrouble] = field(default_factory=list)
    switched_off: list[SwitchedOff] = field(default_factory=list)
    failures: list[FailureCount] = field(default_factory=list)  # by cause and host
    open_failures: int = 0
    ended_in_hour: int = 0  # items
    ending_tokens: list[EndingToken] = field(default_factory=list)

    @property
    def little_space(self) -> bool:
        """Whether the storage is nearly full; False where it does not report its space, as buckets do."""
        free, total = self.storage.free, self.storage.total
        return free is not None and total is not None and free < LITTLE_SPACE * total
