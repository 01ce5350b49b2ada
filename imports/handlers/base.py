"""The interface of a kind of job: prepare its items, and apply them inside a transaction."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self, TypeVar

from imports.models import ImportItem, ImportJob
from livingdocs_import.dry_runs import Overlay, Plan, Would
from livingdocs_import.egress.download import Fetcher
from livingdocs_import.errors import Evidence, Failure, Rejected
from livingdocs_import.project_config import ProjectConfig
from livingdocs_import.validation.json_types import JSONObject

DRY_RUN = "dry run"  # the reason of every item that was only planned


@dataclass(frozen=True)
class ItemOutcome:
    """The outcome of one item. OPEN: it did not end, and is claimed again at once.

    `cause`: a code for the failure (docs/specification/causes.md). `counted_as`: the kind's own outcome for the
    webhook's overview (documents: imported, published …). `orphaned_keys`: stored files without references.
    `evidence`: the origin's response, if that was the failure. `bytes`: of the file that was downloaded. `plan`: of an
    item of a dry run.
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
    bytes: int = 0
    plan: Plan | None = None

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


def planned(item: ImportItem, plan: Plan, details: JSONObject | None = None, cause: str = "") -> ItemOutcome:
    """What an item of a dry run ends with; `counted_as`: the job counts what its items would become."""
    return ItemOutcome(
        item,
        ImportItem.Outcome.SKIPPED,
        reason=DRY_RUN,
        cause=cause,
        details=details,
        result=plan.as_dict(),
        counted_as=plan.would.value,
        plan=plan,
    )


def planned_failure(failed: ItemOutcome) -> ItemOutcome:
    """The same for an item that would end like this."""
    return planned(failed.item, Plan(Would.FAIL, failed.reason), failed.details, failed.cause)


class ItemHandler(Protocol[P]):
    """Runs the items of one kind of job, or plans them (docs/adr/0030)."""

    def begin(self, job: ImportJob, config: ProjectConfig, items: Sequence[ImportItem]) -> list[P]:
        """Load what is known of these items before any download or check."""

    def plan(
        self, job: ImportJob, config: ProjectConfig, batch: Sequence[P], overlay: Overlay, *, until: float
    ) -> list[ItemOutcome]:
        """What `apply` would do, as `planned` outcomes, inside a transaction that only reads.

        It looks into the overlay before it looks into the database, and leaves there what it would have made.
        Items that would be begun after `until` (monotonic seconds) are requeued.
        """

    def apply(self, job: ImportJob, batch: Sequence[P]) -> list[ItemOutcome]:
        """Write prepared items as rows, inside a transaction; returns one ItemOutcome for each, in order."""

    def failed(self, job: ImportJob, item: ImportItem, failure: Failure) -> ItemOutcome:
        """The outcome of an item after this failure."""


class DownloadHandler(ItemHandler[P], Protocol[P]):
    """A handler whose items are downloaded: each is prepared in a thread of its own.

    `begin` is the only step before the transaction that may ask the database.
    """

    def max_seconds(self) -> float:
        """The maximum duration of a download, in seconds."""

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
