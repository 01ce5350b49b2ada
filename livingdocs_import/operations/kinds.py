"""The kinds of operations: what is done with the rows of a batch, and who may do it.

The admin registers a kind for each action that can be chosen in a list (livingdocs_import/admin/background.py); other
pages register theirs with `kinds.register`. A worker imports the admin when it has an operation to carry out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.admin import autodiscover

from livingdocs_import.models.operation import Operation

ROWS_OF_A_BATCH = 50  # of one transaction: a second at most


class RowFailed(Exception):
    """A row could not be carried out; the arguments are the reasons, one sentence each."""


@dataclass(frozen=True)
class Batch:
    """Rows that are carried out in one transaction, for a user whose rights were read in it."""

    keys: Sequence[int]
    user: Any
    inputs: Mapping[str, Any]

    @property
    def by(self) -> str:
        """The user's name."""
        return str(self.user)


@dataclass(frozen=True)
class FailedRow:
    """A row that could not be carried out."""

    key: int
    name: str
    reason: str


@dataclass
class BatchResult:
    """What became of a batch: the number of rows that are done, and those that failed. The others are skipped."""

    done: int = 0
    failed: list[FailedRow] = field(default_factory=list)


@dataclass(frozen=True)
class Question:
    """What is asked before an operation begins. `form`: what is to be filled in, bound to the data or not."""

    sentences: Sequence[str] = ()
    form: Callable[[Any], forms.Form] | None = None
    is_destructive: bool = False


def nothing_to_ask(operation: Operation) -> Question:
    """For operations that lose nothing."""
    return Question()


@dataclass(frozen=True)
class Kind:
    """A kind of operation.

    `permission`, such as "media_library.change_mediaentry", is needed to confirm it and for every batch. `carry_out` is
    called inside the transaction of a batch, and checks the permission for each row; what it raises undoes the batch.
    `rows`: how many make a batch. `together`: a look-up whose value, a primary key, makes the batches instead, as for
    the items of one job. `back`: the name of the page that it was chosen on.
    """

    name: str
    label: str
    permission: str
    carry_out: Callable[[Batch], BatchResult]
    back: str
    ask: Callable[[Operation], Question] = nothing_to_ask
    rows: int = ROWS_OF_A_BATCH
    together: str = ""


class Kinds:
    """All kinds, by name."""

    def __init__(self) -> None:
        self._by_name: dict[str, Kind] = {}

    def register(self, kind: Kind) -> None:
        """Replaces the kind of that name: an admin page may be registered again."""
        self._by_name[kind.name] = kind

    def get(self, name: str) -> Kind | None:
        return self._by_name.get(name)

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._by_name.values())


kinds = Kinds()


def of_all_apps() -> Kinds:
    """The kinds of this process, with all that the admin registers; the rights in them are declared there, too."""
    autodiscover()
    return kinds
