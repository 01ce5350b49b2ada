"""Decide about one document item: skip, fail, or one of three changes (spec 5.1).

The decision comes before any write or check against the configuration. The later steps (design, content, metadata,
publication) may still fail the item, and then nothing of it is stored.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

from documents.importing.incoming import Flags, Incoming
from documents.revisions.publication_effect import PublicationEffect
from documents.revisions.publish_control import Embargo, embargo_after
from documents.revisions.reasons import cannot_be_published, unknown_content_type

DELETED = "Document has been deleted"
NOT_FOUND = "Document not found"
TYPE_CHANGED = "contentType cannot be changed"
NEVER_OVERWRITE = "neverOverwrite"
TOUCHED = "document has manual changes"
UNCHANGED = "checksum unchanged"


@dataclass(frozen=True, slots=True)
class Current:
    """The present document of an import log.

    `checksum` is that of the last successful import: a failed one leaves none, so that a retry with the same checksum
    is a new attempt (DOC-62). `is_touched`: its newest revision is not an import's (spec 5.3).
    """

    content_type: str
    checksum: str
    is_touched: bool = False
    is_deleted: bool = False
    embargo: Embargo | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """Document, publication and log stay unchanged."""

    reason: str


@dataclass(frozen=True, slots=True)
class Fail:
    """The item failed; document, publication and log stay unchanged."""

    reason: str
    cause: str = "conflict"  # docs/specification/causes.md


@dataclass(frozen=True, slots=True)
class Unpublish:
    """No new revision: the publication ends, if there is one, and the log stores the checksum."""

    effect: PublicationEffect = PublicationEffect.UNPUBLISHED


@dataclass(frozen=True, slots=True)
class Create:
    """A new document of this content type."""

    content_type: str
    effect: PublicationEffect


@dataclass(frozen=True, slots=True)
class Update:
    """A new revision of the document."""

    effect: PublicationEffect


Change = Skip | Fail | Unpublish | Create | Update


def decide(
    current: Current | None,
    incoming: Incoming,
    flags: Flags,
    *,
    content_types: Container[str],
    never_published: Container[str] = (),
    now: datetime,
) -> Change:
    """Steps 1 to 6 and the choice between 10, 11 and 12, in that order (spec 5.1).

    `current` is None if the external id was never imported; `content_types` are the configured handles, and
    `never_published` those of them whose documents are never public (AGY-09).
    """
    if current is not None and current.is_deleted:
        return Fail(DELETED)
    if flags.unpublish and incoming.is_bare:
        return Fail(NOT_FOUND) if current is None else Unpublish()

    content_type = incoming.content_type
    if content_type is None or content_type not in content_types:
        return Fail(unknown_content_type(content_type), cause="content-type")
    if flags.auto_publish and content_type in never_published:
        return Fail(cannot_be_published(content_type))
    if current is None:
        return Create(content_type, _effect(None, incoming, flags, now))
    if content_type != current.content_type:
        return Fail(TYPE_CHANGED)

    # The flags come before the checksum, for the more helpful reason.
    if flags.never_overwrite:
        return Skip(NEVER_OVERWRITE)
    if flags.only_overwrite_untouched and current.is_touched:
        return Skip(TOUCHED)
    if incoming.checksum == current.checksum:
        return Unpublish() if flags.unpublish else Skip(UNCHANGED)
    return Update(_effect(current.embargo, incoming, flags, now))


def _effect(embargo: Embargo | None, incoming: Incoming, flags: Flags, now: datetime) -> PublicationEffect:
    if flags.unpublish:
        return PublicationEffect.UNPUBLISHED
    if not flags.auto_publish:
        return PublicationEffect.UNCHANGED
    embargo = embargo_after(embargo, incoming.publish_control)
    return (
        PublicationEffect.UNCHANGED if embargo is not None and embargo.is_active(now) else PublicationEffect.PUBLISHED
    )
