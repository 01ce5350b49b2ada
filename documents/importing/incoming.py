"""One document item of an import, parsed, and the parts of the revision that it leads to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from documents.revisions.parts import MAX_TITLE, DesignVersion, Parts
from documents.revisions.publish_control import PublishControl
from documents.revisions.reasons import COULD_NOT_IMPORT
from livingdocs_import.errors import Rejected

CONTRADICTION = "autoPublish and unpublish are mutually exclusive"


@dataclass(frozen=True, slots=True)
class Flags:
    """Further instructions. Publishing and unpublishing at once is contradictory (DOC-48)."""

    auto_publish: bool = False
    unpublish: bool = False
    only_overwrite_untouched: bool = False
    never_overwrite: bool = False

    def __post_init__(self) -> None:
        if self.auto_publish and self.unpublish:
            raise ValueError(CONTRADICTION)

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:
        """`{"autoPublish": true}`; null and absent are false. ValueError if the flags contradict each other."""
        return cls(
            auto_publish=bool(value.get("autoPublish")),
            unpublish=bool(value.get("unpublish")),
            only_overwrite_untouched=bool(value.get("onlyOverwriteUntouched")),
            never_overwrite=bool(value.get("neverOverwrite")),
        )


@dataclass(frozen=True, slots=True)
class Incoming:
    """The parts of an item. Content, metadata and translations are as sent, unchecked; None: not sent (DOC-52)."""

    external_id: str
    checksum: str
    title: str | None = None
    content_type: str | None = None
    content: Any = None
    metadata: Any = None
    translations: Any = None
    design: DesignVersion | None = None
    publish_control: PublishControl = field(default_factory=PublishControl)
    document_id: int | None = None

    @property
    def is_bare(self) -> bool:
        """Whether it has nothing to store: the reduced form that only unpublishes (DOC-41)."""
        return self.content is None and self.metadata is None and self.translations is None and self.design is None

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> Self:
        """From one element of `documents[]` that matches the request's schema; its flags are read by `Flags.read`.

        The deprecated `livingdoc` wrapper is unpacked; `content` and `design` beside it take precedence over those
        inside (DOC-54). The title is trimmed and cut (DOC-53). Null equals absent. Raises Rejected for values that the
        schema should have refused.
        """
        try:
            wrapped = item.get("livingdoc") or {}
            content = item.get("content")
            design = item.get("design") or wrapped.get("design")
            title, number = item.get("title"), item.get("documentId")
            return cls(
                external_id=item["id"],
                checksum=item["checksum"],
                title=None if title is None else title.strip()[:MAX_TITLE],
                content_type=item.get("contentType"),
                content=wrapped.get("content") if content is None else content,
                metadata=item.get("metadata"),
                translations=item.get("translations"),
                design=DesignVersion(design["name"], design["version"]) if design else None,
                publish_control=PublishControl.of_item(item),
                document_id=None if number is None else int(number),  # JSON's 7.0 is a whole number too
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            detail = f"The item cannot be read: {error}"
            raise Rejected(COULD_NOT_IMPORT, detail, cause="internal-error") from error


def parts_after(stored: Parts | None, incoming: Incoming) -> Parts:
    """The parts of the next revision, `stored` None for a new document (spec 5.2, 5.4; DOC-18, DOC-52).

    Parts that the item omits stay; its own replace the stored parts as a whole. Content without a design is meant for
    the project's newest one; a design that stays goes with content that stays.
    """
    if stored is None:
        stored = Parts(title="", content=[], metadata={}, translations=[], design=None)
    return Parts(
        title=stored.title if incoming.title is None else incoming.title,
        content=stored.content if incoming.content is None else incoming.content,
        metadata=stored.metadata if incoming.metadata is None else incoming.metadata,
        translations=stored.translations if incoming.translations is None else incoming.translations,
        design=incoming.design or (stored.design if incoming.content is None else None),
    )
