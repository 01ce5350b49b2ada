"""The interface of a kind of job: prepare its items, and apply them inside a transaction."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self, TypeVar

from imports.models import ImportItem, ImportJob
from livingdocs_import.egress.download import Fetcher
from livingdocs_import.errors import Evidence, Failure, Rejected
from livingdocs_import.project_config import ProjectConfig
from livingdocs_import.validation.json_types import JSONObject


@dataclass(frozen=True)
class ItemOutcome:
    """The outcome of one item. OPEN: it did not end, and is claimed again at once.

    `cause`: why it failed, as a code (docs/specification/causes.md). `counted_as` names the kind's own outcome for the
    webhook's overview (documents: imported, published …). `orphaned_keys`: stored files that nothing refers to.
    `evidence`: what the origin answered, where it failed for that.
    """

    item: ImportItem
    outcome: str
    reason: str = ""
    cause: str = ""
    details: JSONObject | None = None
    result: JSONObject | None = None
    counted_as: str = ""
    orphaned_keys: list[str] = field(default_factory=list)
    evidence: Evidence | None = None

    @classmethod
    def requeue(cls, item: ImportItem) -> Self:
        """The item did not end, and is claimed again at once."""
        return cls(item, ImportItem.Outcome.OPEN)


class PreparedItem(Protocol):
    """An item before its transaction. Each handler has a subclass with what it needs to apply the item."""

    item: ImportItem
    failure: Failure | None

    @property
    def begun(self) -> bool:
        """False: there was no time for the item, and it is claimed again."""


class FailureReports(ABC):
    """A handler's reports of failures: the documented reason, and the details (spec 5.7)."""

    @property
    @abstractmethod
    def could_not(self) -> str:
        """The documented reason of failures without one of their own."""

    def failed(self, job: ImportJob, item: ImportItem, failure: Failure) -> ItemOutcome:
        """The outcome of an item after this failure."""
        reason = failure.reason if isinstance(failure, Rejected) else self.could_not
        return ItemOutcome(
            item,
            ImportItem.Outcome.FAILED,
            reason=self.shown(reason),
            cause=failure.cause,
            details={"message": self.shown(failure.detail), **_facts(failure)},
            orphaned_keys=self.left_over(job, item, failure),
            evidence=failure.evidence,
        )

    def shown(self, text: str) -> str:
        """A reason or a message as the status has it."""
        return text

    def left_over(self, job: ImportJob, item: ImportItem, failure: Failure) -> list[str]:
        """Stored files without references after the item has failed."""
        return []


def _facts(failure: Failure) -> JSONObject:
    """Members of `error_details` besides the message (docs/specification/causes.md)."""
    facts: JSONObject = {"errors": failure.errors, "cause": failure.cause, "parameter": failure.parameter}
    return {name: fact for name, fact in facts.items() if fact}


P = TypeVar("P", bound=PreparedItem)
Prepared_contra = TypeVar("Prepared_contra", bound=PreparedItem, contravariant=True)


class ItemHandler(Protocol[Prepared_contra]):
    """Runs the items of one kind of job."""

    def apply(self, job: ImportJob, batch: Sequence[Prepared_contra]) -> list[ItemOutcome]:
        """Write prepared items as rows, inside a transaction; returns one ItemOutcome for each, in order."""

    def failed(self, job: ImportJob, item: ImportItem, failure: Failure) -> ItemOutcome:
        """The outcome of an item after this failure."""


class DownloadHandler(ItemHandler[P], Protocol[P]):
    """A handler whose items are downloaded: each is prepared in a thread of its own."""

    def max_seconds(self) -> float:
        """The maximum duration of a download, in seconds."""

    def begin(self, job: ImportJob, items: Sequence[ImportItem]) -> list[P]:
        """Load what is known of these items before any download; the only step that may use the database."""

    def prepare(
        self, job: ImportJob, config: ProjectConfig, prepared: P, fetcher: Fetcher, *, store: bool = True
    ) -> None:
        """Download, check and store the item's file without the database. Failures are set on the item, not raised.

        Without `store` nothing is kept: it only tests whether the worker survives.
        """


class ContentHandler(ItemHandler[P], Protocol[P]):
    """A handler whose items need no network: they are prepared in chunks."""

    def prepare(self, job: ImportJob, config: ProjectConfig, items: Sequence[ImportItem], *, until: float) -> list[P]:
        """Prepare these items as far as possible without locks. Nothing is begun after `until` (monotonic seconds)."""
