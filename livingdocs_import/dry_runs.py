"""What an import would do with an item, and what items before it would have made: plain values of a dry run.

A dry run decides like an import and writes nothing. What an item would have made is kept in an overlay, and later items
of the same job look there before they look into the database.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import orjson

from livingdocs_import.validation.json_types import JSON, JSONObject

MAX_CHANGES = 50  # of one item, in the answer to every question for the status
MAX_VALUE = 300  # characters of a value that is shown


class Would(StrEnum):
    """What becomes of the item when it is imported."""

    CREATE = "create"
    UPDATE = "update"
    SKIP = "skip"
    FAIL = "fail"
    UPDATE_OR_SKIP = "update or skip"  # which of the two depends on its file


@dataclass(frozen=True, slots=True)
class Change:
    """One property before and after; None: it is not there."""

    property: str
    old: JSON
    new: JSON


@dataclass(frozen=True, slots=True)
class Plan:
    """What would become of one item, and why. `facts`: what it was compared with, such as `mediaId` and `version`."""

    would: Would
    why: str
    changes: tuple[Change, ...] = ()
    facts: JSONObject = field(default_factory=dict)

    @property
    def version(self) -> int | None:
        """The version of the entry or document that the item was compared with; None: there was none."""
        version = self.facts.get("version")
        return version if isinstance(version, int) else None

    def over_changes_by_hand(self, *, touched: bool) -> "Plan":
        """The same plan; with `touched` in its facts if it would overwrite what was changed by hand (spec 3.28)."""
        overwrites = touched and self.would in (Would.UPDATE, Would.UPDATE_OR_SKIP)
        return replace(self, facts={**self.facts, "touched": True}) if overwrites else self

    def as_dict(self) -> JSONObject:
        """As it is stored with the item: long values cut, and not more changes than an answer can carry."""
        shown: list[JSON] = [
            {"property": change.property, "old": shortened(change.old), "new": shortened(change.new)}
            for change in self.changes[:MAX_CHANGES]
        ]
        more = {"more": len(self.changes) - MAX_CHANGES} if len(self.changes) > MAX_CHANGES else {}
        return {"would": self.would.value, "why": self.why, "changes": shown, **more, **self.facts}


def shortened(value: JSON) -> JSON:
    """The value; one that is too long as the beginning of its text."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return value if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"


def metadata_changes(old: Mapping[str, JSON], new: Mapping[str, JSON]) -> Iterator[Change]:
    """The properties that differ, each as `metadata.<handle>`."""
    for handle in sorted(old.keys() | new.keys()):
        if old.get(handle) != new.get(handle):
            yield Change(f"metadata.{handle}", old.get(handle), new.get(handle))


class Overlay:
    """What earlier items of a dry run would have made, by key; values are JSON.

    `stored` looks up what items of earlier chunks left; what is written here is in `written`, to be stored with the
    plans themselves.
    """

    def __init__(
        self,
        stored: Callable[[Collection[str]], Mapping[str, JSON]] = lambda _keys: {},
        coming_again: Collection[str] = frozenset(),
    ) -> None:
        """`coming_again`: external ids of this chunk that a later item of the job has, too."""
        self._stored = stored
        self.coming_again = coming_again
        self.written: dict[str, JSON] = {}

    def read(self, keys: Collection[str]) -> dict[str, JSON]:
        """What there is under these keys."""
        missing = [key for key in keys if key not in self.written]
        found = dict(self._stored(missing)) if missing else {}
        return found | {key: self.written[key] for key in keys if key in self.written}

    def write(self, key: str, value: JSON) -> None:
        """From now on this is there; None: what the database has there is gone."""
        self.written[key] = value
