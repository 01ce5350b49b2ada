"""Documents as a dry run leaves them: what later items of the same job find in the overlay instead of the database."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import orjson

from documents.importing.import_log import Known, Log
from documents.revisions.parts import DesignVersion, Parts
from documents.revisions.publication_effect import PublicationEffect
from documents.revisions.publish_control import Embargo, PublicationDates
from documents.revisions.state import DocumentState
from documents.revisions.unique_values import Value
from documents.revisions.validate import CheckedParts
from documents.revisions.writer import Step
from livingdocs_import.dry_runs import Overlay

LONG_AGO = datetime.min.replace(tzinfo=UTC)  # whatever is read of a log, its dates are not
_REVISION = -1  # the revision that a dry run would have written; the database numbers its own from 1 on


@dataclass(frozen=True, slots=True)
class PlannedDocument:
    """What is known of a document that earlier items of a dry run would have made or changed.

    `revision_id` is that of the stored revision whose parts it still has; None: it has `parts`, which are not stored.
    `values`: the unique ones that it would hold; None: those that the database has.
    """

    document_id: int  # negative: one that the database would still have to number
    content_type: str
    version: int
    checksum: str
    is_touched: bool
    is_published: bool
    embargo: Embargo | None
    revision_id: int | None
    parts: Parts | None
    values: tuple[Value, ...] | None

    @classmethod
    def after(
        cls, step: Step, checksum: str, before: Known | None, earlier: Self | None, values: Collection[Value], name: str
    ) -> Self:
        """The document `name`d by its external id once the step is executed.

        `before` is how it was found, `earlier` what items of the same dry run had made of it.
        """
        state = before.document_state if before else None
        is_published = state is not None and state.publication_id is not None
        if step.effect is not PublicationEffect.UNCHANGED:
            is_published = step.effect is PublicationEffect.PUBLISHED
        parts, revision_id = (
            (earlier.parts, earlier.revision_id) if earlier else (None, state.revision_id if state else None)
        )
        if step.is_revised and step.parts is not None:
            parts, revision_id = _parts(step.parts), None
        return cls(
            document_id=state.document_id if state else step.document_id or made_up_number(name),
            content_type=step.content_type,
            version=(state.version if state else 0) + step.is_revised,
            checksum=checksum,
            is_touched=bool(before and before.current.is_touched and not step.is_revised),
            is_published=is_published,
            embargo=step.embargo,
            revision_id=revision_id,
            parts=parts,
            values=tuple(values),
        )

    @classmethod
    def read(cls, state: Mapping[str, Any]) -> Self:
        """From what `as_dict` gave."""
        parts, design = state["parts"], None
        if parts is not None:
            design = DesignVersion(**parts["design"])
            parts = Parts(parts["title"], parts["content"], parts["metadata"], parts["translations"], design)
        return cls(
            **{
                **state,
                "embargo": None if state["embargo"] is None else Embargo.read(state["embargo"]),
                "parts": parts,
                "values": None if state["values"] is None else tuple((scope, text) for scope, text in state["values"]),
            }
        )

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        parts = self.parts
        return {
            "document_id": self.document_id,
            "content_type": self.content_type,
            "version": self.version,
            "checksum": self.checksum,
            "is_touched": self.is_touched,
            "is_published": self.is_published,
            "embargo": None if self.embargo is None else self.embargo.as_dict(),
            "revision_id": self.revision_id,
            "parts": parts
            and {
                "title": parts.title,
                "content": parts.content,
                "metadata": parts.metadata,
                "translations": parts.translations,
                "design": parts.design.as_dict() if parts.design else None,
            },
            "values": self.values,
        }

    def as_known(self, number: int) -> Known:
        """As the import log and the document's row would be; `number` separates it from others of the same chunk."""
        revision_id = _REVISION - number if self.revision_id is None else self.revision_id
        last_imported = 0 if self.is_touched else revision_id
        return Known(
            Log(0, self.document_id, self.checksum, last_imported, self.version, "", LONG_AGO, LONG_AGO),
            DocumentState(
                document_id=self.document_id,
                content_type=self.content_type,
                version=self.version,
                revision_id=revision_id,
                publication_id=0 if self.is_published else None,
                dates=PublicationDates(),
                embargo=self.embargo,
                is_deleted=False,
            ),
        )


def _parts(parts: CheckedParts) -> Parts:
    return Parts(parts.title, parts.content, parts.metadata, parts.translations, parts.design)


def made_up_number(external_id: str) -> int:
    """A number that no document has, always the same for an external id."""
    return -1 - int.from_bytes(hashlib.sha256(external_id.encode()).digest()[:7])


# --- In the overlay --------------------------------------------------------------------------------------------------


def document_key(external_id: str) -> str:
    """The key of a document."""
    return f"document:{external_id}"


def read_documents(overlay: Overlay, external_ids: Iterable[str]) -> dict[str, PlannedDocument]:
    """Those that earlier items would have made or changed, by external id."""
    keys = {document_key(external_id): external_id for external_id in external_ids}
    found: dict[str, Any] = overlay.read(keys)
    return {keys[key]: PlannedDocument.read(state) for key, state in found.items()}


def _number_key(number: int) -> str:
    return f"number:{number}"


def taken_numbers(overlay: Overlay, numbers: Iterable[int]) -> set[int]:
    """Which of these numbers earlier items would have taken."""
    keys = {_number_key(number): number for number in numbers}
    return {keys[key] for key in overlay.read(keys)}


def take_number(overlay: Overlay, number: int) -> None:
    """From now on a document has this number."""
    overlay.write(_number_key(number), True)


def _value_key(value: Value) -> str:
    return f"value:{orjson.dumps(value).decode()}"


def value_holders(overlay: Overlay, values: Iterable[Value]) -> dict[Value, int | None]:
    """Who would hold these values, as far as earlier items have changed that; None: no document would."""
    keys = {_value_key(value): value for value in values}
    found: dict[str, Any] = overlay.read(keys)
    return {keys[key]: holder for key, holder in found.items()}


def hold_value(overlay: Overlay, value: Value, document_id: int | None) -> None:
    """From now on the document holds this value; None: no document does."""
    overlay.write(_value_key(value), document_id)
