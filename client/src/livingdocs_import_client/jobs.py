"""Import jobs, their progress, and the outcome of each item."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from livingdocs_import_client.json_types import JSONObject
from livingdocs_import_client.problems import Problem


class Kind(StrEnum):
    """The kinds of imports: the last step of their path, and the list of items in a request."""

    IMAGES = "images"
    VIDEOS = "videos"
    FILES = "files"
    DOCUMENTS = "documents"

    @property
    def rows_key(self) -> str:
        """Where a status answer has its rows."""
        return "logs" if self is Kind.DOCUMENTS else self.value


@dataclass(frozen=True, slots=True)
class Job:
    """A batch that the service has accepted.

    `offset` is the place of its first item in the whole input, `count` the number of its items, `key` the
    Idempotency-Key it was posted with. Of a job that was not posted here only `kind` and `id` are known.
    """

    kind: Kind
    id: str
    offset: int = 0
    count: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of jobs, counted in items; it can be added. `waiting_for` is the reason why a job is stalled."""

    total: int = 0
    done: int = 0
    success: int = 0
    skipped: int = 0
    failed: int = 0
    waiting_for: str | None = None

    def __add__(self, other: Progress) -> Progress:
        return Progress(
            self.total + other.total,
            self.done + other.done,
            self.success + other.success,
            self.skipped + other.skipped,
            self.failed + other.failed,
            self.waiting_for or other.waiting_for,
        )

    def __str__(self) -> str:
        waiting = f", waiting for: {self.waiting_for}" if self.waiting_for else ""
        counts = f"{self.success} imported, {self.skipped} skipped, {self.failed} failed"
        return f"{self.done} of {self.total} ({counts}){waiting}"


@dataclass(frozen=True, slots=True)
class Row:
    """The outcome of one item.

    `status` is `success`, `skipped` or `failed` for every kind; `state` is the contract's own word (`imported`,
    `published`, …). `problems` say why it failed, `image` is what an image directive of a document takes, `raw` all
    that was answered.
    """

    external_id: str
    status: str
    state: str
    title: str | None
    reason: str | None
    problems: tuple[Problem, ...]
    media_id: str | None
    document_id: int | None
    image: JSONObject | None
    raw: JSONObject

    @property
    def failed(self) -> bool:
        return self.status == "failed"


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job's state. There are rows when it has ended well, or when they were asked for before."""

    id: str
    finished: bool
    state: str
    progress: Progress
    rows: tuple[Row, ...] = ()
