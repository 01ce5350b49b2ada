"""Media library entries: read, ready-made and patched."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from livingdocs_import_client.items import without_nones
from livingdocs_import_client.json_types import JSON, JSONObject
from livingdocs_import_client.messages import problems_in
from livingdocs_import_client.problems import Problem
from livingdocs_import_client.reading import (
    amount,
    as_object,
    moment,
    number,
    objects,
    optional_moment,
    optional_number,
    optional_object,
    optional_text,
    text,
)

Patch: TypeAlias = JSONObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """The file of an entry. Sizes in bytes and pixels, `duration` in seconds."""

    key: str
    url: str
    filename: str
    mime_type: str
    size: float | None = None
    width: float | None = None
    height: float | None = None
    duration: float | None = None

    def to_json(self) -> JSONObject:
        """The JSON."""
        return without_nones(
            {
                "key": self.key,
                "url": self.url,
                "size": self.size,
                "width": self.width,
                "height": self.height,
                "duration": self.duration,
                "filename": self.filename,
                "mimeType": self.mime_type,
            }
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the media library. `version` guards a patch against what others do meanwhile."""

    id: str
    version: int
    media_type: str
    asset: Asset
    metadata: JSONObject
    system_name: str | None
    external_id: str | None
    translations: Sequence[JSONObject]
    created_at: datetime
    updated_at: datetime
    raw: JSONObject


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry whose file is in your storage already."""

    media_type: str
    asset: Asset | JSONObject
    metadata: JSONObject = field(default_factory=dict)
    id: str | None = None
    system_name: str | None = None
    external_id: str | None = None
    translations: Sequence[JSONObject] | None = None

    def to_json(self) -> JSONObject:
        """The JSON."""
        return without_nones(
            {
                "id": self.id,
                "systemName": self.system_name,
                "externalId": self.external_id,
                "mediaType": self.media_type,
                "asset": self.asset.to_json() if isinstance(self.asset, Asset) else self.asset,
                "metadata": self.metadata,
                "translations": self.translations,
            }
        )


@dataclass(frozen=True, slots=True)
class CreatedEntry:
    """The outcome of one ready-made entry: `entry`, or `problems`. `place` is its place in the whole input."""

    place: int
    entry: Entry | None
    status: int
    error: str | None
    problems: tuple[Problem, ...]
    correlation: str | None

    @property
    def ok(self) -> bool:
        return self.entry is not None


@dataclass(frozen=True, slots=True)
class Use:
    """One use of an entry, as its usage log has it."""

    id: str
    state: str
    purpose: str
    url: str | None
    params: JSONObject | None
    document_id: int | None
    publication_id: int | None
    reporting_date: datetime | None
    publication_date: datetime | None
    raw: JSONObject


# --- Patches ---------------------------------------------------------------------------------------------------------


def set_metadata(name: str, value: JSON) -> Patch:
    """Set a property of the metadata; None takes its value away."""
    return {"operation": "setMetadataProperty", "propertyName": name, "value": value}


def replace_asset(asset: Asset | JSONObject, *, locale: str | None = None) -> Patch:
    """Put another file in the place of the entry's, or of its translation's."""
    value = asset.to_json() if isinstance(asset, Asset) else asset
    return without_nones({"operation": "replaceAsset", "value": value, "locale": locale})


def remove_asset(locale: str) -> Patch:
    """Take the file of a translation away."""
    return {"operation": "removeAsset", "locale": locale}


def revoke_asset(note: str | None = None) -> Patch:
    """Serve the file no more."""
    return without_nones({"operation": "revokeAsset", "note": note})


def unrevoke_asset() -> Patch:
    """Serve it again."""
    return {"operation": "unrevokeAsset"}


def archive() -> Patch:
    """Archive the entry."""
    return {"operation": "archive"}


# --- Reading answers -------------------------------------------------------------------------------------------------


def entry_in(answer: JSONObject) -> Entry:
    """The entry that an answer describes."""
    return Entry(
        id=text(answer, "id"),
        version=number(answer, "version"),
        media_type=text(answer, "mediaType"),
        asset=_asset(as_object(answer.get("asset"), "asset")),
        metadata=optional_object(answer, "metadata") or {},
        system_name=optional_text(answer, "systemName"),
        external_id=optional_text(answer, "externalId"),
        translations=objects(answer, "translations"),
        created_at=moment(answer, "createdAt"),
        updated_at=moment(answer, "updatedAt"),
        raw=answer,
    )


def _asset(answer: JSONObject) -> Asset:
    sizes = {name: amount(answer, name) for name in ("size", "width", "height", "duration")}
    return Asset(
        key=text(answer, "key"),
        url=text(answer, "url"),
        filename=optional_text(answer, "filename") or "",
        mime_type=optional_text(answer, "mimeType") or "",
        **sizes,
    )


def created_in(place: int, answer: JSONObject) -> CreatedEntry:
    """What the element of an answer says of the entry at `place`."""
    record = optional_object(answer, "record")
    return CreatedEntry(
        place=place,
        entry=entry_in(record) if record is not None else None,
        status=number(answer, "status"),
        error=optional_text(answer, "error"),
        problems=problems_in(answer.get("error_details")),
        correlation=optional_text(answer, "correlation"),
    )


def use_in(answer: JSONObject) -> Use:
    """A row of a usage log."""
    return Use(
        id=text(answer, "id"),
        state=text(answer, "state"),
        purpose=text(answer, "purpose"),
        url=optional_text(answer, "url"),
        params=optional_object(answer, "params"),
        document_id=optional_number(answer, "documentId"),
        publication_id=optional_number(answer, "publicationId"),
        reporting_date=optional_moment(answer, "reportingDate"),
        publication_date=optional_moment(answer, "publicationDate"),
        raw=answer,
    )
