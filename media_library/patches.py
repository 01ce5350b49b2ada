"""One function per patch operation; each changes an entry in memory and says what has to be kept besides (spec 3.8)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from livingdocs_import import errors
from livingdocs_import.api.schemas import prefixed
from livingdocs_import.project_config import MediaType, ProjectConfig
from media_library import schemas
from media_library.models import FormerAsset, MediaEntry


@dataclass
class Patching:
    """An entry being patched: the row is locked, nothing is written yet."""

    entry: MediaEntry
    media_type: MediaType
    config: ProjectConfig
    former: list[FormerAsset] = field(default_factory=list)
    delete_binaries: bool = False
    operations: dict[str, None] = field(default_factory=dict)  # an ordered set

    def apply(self, index: int, patch: Mapping[str, Any]) -> None:
        """Carry out one patch whose shape was checked; a Refused names its index."""
        name = patch["operation"]
        OPERATIONS[name](self, index, patch)
        self.operations[f"{name} {patch['propertyName']}" if "propertyName" in patch else name] = None

    def keep_former(self, asset: Mapping[str, Any], locale: str) -> None:
        self.former.append(FormerAsset(entry=self.entry, locale=locale, asset=dict(asset), asset_key=asset["key"]))

    @property
    def complete(self) -> bool:
        """Whether a required property has to be there (VAL-11)."""
        return self.config.options.require_media_metadata

    def translation(self, locale: str) -> dict[str, Any] | None:
        return next((row for row in self.entry.translations if row["locale"] == locale), None)


def refused(index: int, message: str) -> errors.Invalid:
    """A domain error of one patch."""
    return errors.Invalid({"message": message, "patchIndex": index})


def set_metadata_property(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Set one property; null or no value removes it (PAT-02 to PAT-06). A required one cannot be removed."""
    name, value, schema = patch["propertyName"], patch.get("value"), patching.media_type.metadata
    if name not in schema.properties:
        raise refused(index, f'Patch at index {index} failed: Metadata property "{name}" does not exist')
    metadata = {**patching.entry.metadata, name: value}
    # What is wrong with other properties was there before and is not this patch's business.
    problems = [p for p in schema.check(metadata, completeness=patching.complete) if p.property == name]
    if problems:
        found = [problem.as_dict() for problem in problems]
        message = "Metadata validation failed."
        raise errors.Invalid({"name": "ValidationError", "message": message, "errors": found, "patchIndex": index})
    patching.entry.metadata = schema.normalise(metadata)


def replace_asset(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Exchange the asset of the default locale, or of `locale`; the old one goes to the history (PAT-07 to PAT-09)."""
    value, entry = patch["value"], patching.entry
    if problems := schemas.ASSET[entry.base_type].problems(value):
        raise errors.Invalid(prefixed(problems, f"patches.{index}.value"))
    locale = patch.get("locale", patching.config.default_locale)
    if locale == patching.config.default_locale:  # also where no languages are configured: both are None
        patching.keep_former(entry.asset, "")
        entry.asset, entry.asset_key = dict(value), value["key"]
        entry.asset_sha256 = entry.source_etag = entry.source_last_modified = entry.source_url = ""
        return
    if locale not in patching.config.locales:
        raise refused(index, f"The locale '{locale}' is not available in this project")
    if not patching.media_type.asset_translatable:
        raise refused(index, f"Assets of the media type '{entry.media_type}' cannot be translated")
    _set_translated_asset(patching, locale, dict(value))


def _set_translated_asset(patching: Patching, locale: str, asset: dict[str, Any] | None) -> None:
    before = patching.translation(locale)
    if before and before.get("asset"):
        patching.keep_former(before["asset"], locale)
    others = [row for row in patching.entry.translations if row["locale"] != locale]
    row = {key: kept for key, kept in (before or {"locale": locale}).items() if key != "asset"}
    patching.entry.translations = [*others, row | {"asset": asset}] if asset else [*others, row]


def revoke_asset(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Withdraw the entry: its binaries are not served any more, or even deleted (spec 6.4, PAT-10, PAT-28, PAT-29)."""
    if patching.entry.revoked:
        raise errors.Conflict(f"MediaLibrary Entry is already revoked (id: '{patching.entry.media_id}')")
    patching.entry.revoked = True
    patching.entry.revoke_note = patch.get("note", "")
    patching.delete_binaries = patching.config.options.revoke_deletes_asset


def unrevoke_asset(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Restore; impossible when it is not revoked or its binary is gone (PAT-30)."""
    entry = patching.entry
    if not entry.revoked:
        raise errors.Conflict(f"MediaLibrary Entry is not revoked (id: '{entry.media_id}')")
    if entry.asset_deleted or patching.delete_binaries:
        raise errors.Conflict(f"The asset of the MediaLibrary Entry has been deleted (id: '{entry.media_id}')")
    entry.revoked, entry.revoke_note = False, ""


def archive(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Hide from dashboards; twice is the same as once (PAT-12, Q-35)."""
    patching.entry.archived = True


def remove_asset(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Remove a translation's asset; its metadata stays (PAT-13, PAT-14)."""
    locale = patch["locale"]
    if locale == patching.config.default_locale:
        raise refused(index, "The asset of the default locale cannot be removed")
    translation = patching.translation(locale)
    if translation is None or not translation.get("asset"):
        raise refused(index, f"No asset found for locale '{locale}'")
    _set_translated_asset(patching, locale, None)


OPERATIONS: dict[str, Callable[[Patching, int, Mapping[str, Any]], None]] = {
    "setMetadataProperty": set_metadata_property,
    "replaceAsset": replace_asset,
    "revokeAsset": revoke_asset,
    "unrevokeAsset": unrevoke_asset,
    "archive": archive,
    "removeAsset": remove_asset,
}
