"""Changes of entries as events for the project's webhooks (spec 6.5, 7.2)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from livingdocs_import.models import Project
from livingdocs_import.webhooks import events
from livingdocs_import.webhooks.messages import Event, EventActor
from media_library.entries.actors import SCHEDULER, Actor
from media_library.models import MediaEntry


@dataclass(frozen=True, slots=True)
class EntryState:
    """The part of an entry's state that has events."""

    archived: bool = False
    revoked: bool = False
    invalid: bool = False

    @classmethod
    def of(cls, entry: MediaEntry) -> Self:
        return cls(entry.archived, entry.revoked, entry.invalid)

    @property
    def is_active(self) -> bool:
        """Whether its file may be used."""
        return not (self.revoked or self.invalid)


class Change(NamedTuple):
    """The change of one entry. `before` is None for a new one; `by_time`: not by a write."""

    media_id: str
    before: EntryState | None
    after: EntryState
    by_time: bool = False


def record(project: Project, changes: Iterable[Change], actor: Actor) -> None:
    """Report changes to the project's webhooks, inside their transaction."""
    event_actor = None if actor == SCHEDULER else EventActor(actor.kind, actor.name)
    events.record(project, _events(changes), actor=event_actor)


def _events(changes: Iterable[Change]) -> Iterator[Event]:
    for change in changes:
        for name in names(change):
            yield Event(f"mediaLibraryEntry.{name}", {"mediaId": change.media_id})


def names(change: Change) -> list[str]:
    """Every change is an `update`, plus an event for each change of state. A new entry is only `create`."""
    before, after = change.before, change.after
    if before is None:
        return ["create"]
    states = {
        "archive": after.archived and not before.archived,
        "revoke": after.revoked and not before.revoked,
        "invalid": after.invalid and not before.invalid,
        "active": after.is_active and not before.is_active,
    }
    return [*([] if change.by_time else ["update"]), *(name for name, is_so in states.items() if is_so)]
