"""Decide what an import of an image, video or file does to its entry; without side effects (spec 6.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

ALREADY_EXISTS = "already exists"


@dataclass(frozen=True)
class KnownEntry:
    """The entry that has the external id now."""

    media_type: str
    base_type: str
    state: str
    sha256: str
    metadata: Mapping[str, Any]
    title: str


@dataclass(frozen=True)
class IncomingMedia:
    """The imported item: validated, and its bytes hashed. `stored`: whether they were put into the storage."""

    external_id: str
    system_name: str
    media_type: str
    base_type: str
    sha256: str
    metadata: Mapping[str, Any]
    title: str
    stored: bool


@dataclass(frozen=True)
class Create:
    """There is no entry yet."""


@dataclass(frozen=True)
class Update:
    """The entry gets the differences; `asset`: its bytes are replaced."""

    asset: bool
    metadata: bool
    title: bool


@dataclass(frozen=True)
class Skip:
    """Nothing differs: it was imported before."""

    reason: str = ALREADY_EXISTS


@dataclass(frozen=True)
class Fail:
    """The entry cannot accept the item."""

    reason: str


@dataclass(frozen=True)
class Stale:
    """The entry has changed since its bytes were compared: compare again."""


Decision = Create | Update | Skip | Fail | Stale


def decide(known: KnownEntry | None, incoming: IncomingMedia) -> Decision:
    """The rows of the table from top to bottom (spec 6.2)."""
    if known is None:
        return Create() if incoming.stored else Stale()
    if known.base_type != incoming.base_type:
        return Fail("externalId is already used by a media library entry of another type")
    if known.media_type != incoming.media_type:
        return Fail("mediaType cannot be changed")
    if known.state in {"archived", "revoked"}:
        return Fail(
            f'Media with externalId "{incoming.external_id}" from system "{incoming.system_name}" '
            f"has been {known.state}."
        )
    update = Update(
        asset=known.sha256 != incoming.sha256,
        metadata=dict(known.metadata) != dict(incoming.metadata),
        title=known.title != incoming.title,
    )
    if not (update.asset or update.metadata or update.title):
        return Skip()
    if update.asset and not incoming.stored:
        return Stale()
    return update


def foresee(known: KnownEntry | None, incoming: IncomingMedia) -> Decision | None:
    """The same before the bytes are there; None: an update or nothing, which depends on the file.

    `incoming` has the metadata that it will have if the file is the one that the entry has: with another file it will
    be an update in any case. A file that is refused is another matter.
    """
    same_file = replace(incoming, sha256=known.sha256 if known else "", stored=True)
    decision = decide(known, same_file)
    return None if isinstance(decision, Skip) else decision
