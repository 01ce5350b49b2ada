"""The actors of changes to entries."""

from dataclasses import dataclass

from livingdocs_import.models import AccessToken
from media_library.models import EntryChange


@dataclass(frozen=True)
class Actor:
    """The kind of actor and its name, for the audit log and events (spec 7.2)."""

    kind: str
    name: str = ""

    @classmethod
    def client(cls, token: AccessToken) -> "Actor":
        return cls(EntryChange.Actor.API_CLIENT.value, token.name)

    @classmethod
    def user(cls, name: str) -> "Actor":
        """A user of the admin."""
        return cls(EntryChange.Actor.USER.value, name)


IMPORTER = Actor(EntryChange.Actor.IMPORTER.value, "Importer")
SCHEDULER = Actor(EntryChange.Actor.SCHEDULER.value)
