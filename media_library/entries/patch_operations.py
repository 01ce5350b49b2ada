"""One function per patch operation; each changes an entry in memory and records further rows to write (spec 3.8)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from livingdocs_import import errors
from livingdocs_import.metadata import MetadataError, metadata_error
from livingdocs_import.project_config import MediaType, ProjectConfig
from livingdocs_import.validation.limits import quoted
from livingdocs_import.validation.problems import Problems
from media_library.delivery import ownership
from media_library.entries import entry_schemas
from media_library.entries.usage_log import UsageChanges
from media_library.models import MediaEntry


class Replaced(NamedTuple):
    """An asset that was replaced or removed; `locale` is "" for the default one."""

    locale: str
    asset: Mapping[str, Any]


@dataclass
class Patching:
    """An entry being patched: the row is locked, nothing is written yet."""

    entry: MediaEntry
    media_type: MediaType
    config: ProjectConfig
    usage: UsageChanges
    replaced: list[Replaced] = field(default_factory=list)
    discarded_keys: list[str] | None = None  # of binaries to be deleted, without those of earlier replacements
    operations: dict[str, None] = field(default_factory=dict)  # an ordered set

    def __post_init__(self) -> None:
        self.entry.metadata = dict(self.entry.metadata)
        self.entry.translations = [dict(row) for row in self.entry.translations]

    def apply(self, index: int, patch: Mapping[str, Any]) -> None:
        """Apply one patch whose shape was checked; an ApiError names its index."""
        name = patch["operation"]
        OPERATIONS[name](self, index, patch)
        self.operations[f"{name} {patch['propertyName']}" if "propertyName" in patch else name] = None

    def translation(self, locale: str) -> dict[str, Any] | None:
        """The translation for this locale; changes of it are changes of the entry."""
        return next((row for row in self.entry.translations if row["locale"] == locale), None)


def refused(index: int, message: str) -> errors.Invalid:
    """A domain error of one patch."""
    return errors.Invalid({"message": message, "patchIndex": index})


def set_metadata_property(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Set one property; null or no value removes it (PAT-02 to PAT-06). A required one cannot be removed (VAL-11)."""
    name, schema, entry = patch["propertyName"], patching.media_type.metadata, patching.entry
    if name not in schema.properties:
        raise refused(index, f'Patch at index {index} failed: Metadata property "{quoted(name)}" does not exist')
    value = patch.get("value")
    if problems := property_problems(patching.media_type, patching.config, name, value):
        message = "Metadata validation failed."
        raise errors.Invalid({"name": "ValidationError", "message": message, "errors": problems, "patchIndex": index})
    entry.metadata.pop(name, None)
    entry.metadata.update(schema.normalise({name: value}))
    if name == "title" and isinstance(title := entry.metadata.get("title"), str):
        entry.title = title


def property_problems(media_type: MediaType, config: ProjectConfig, name: str, value: Any) -> list[MetadataError]:
    """What is wrong with a new value of a property; those of other properties existed before, and are not reported."""
    problems = media_type.metadata.check({name: value}, completeness=config.options.require_media_metadata)
    return [metadata_error(problem) for problem in problems if problem.path[0] == name]


def set_translated_property(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Set one property of a translation, null removes it; for users of the admin: the contract has no such operation.

    A translation without metadata and asset is removed.
    """
    name, locale, schema, entry = patch["propertyName"], patch["locale"], patching.media_type.metadata, patching.entry
    if locale not in patching.config.languages.translation_locales:
        raise refused(index, f"The locale '{locale}' is not available for translations")
    value = patch.get("value")
    if problems := translation_problems(patching.media_type, locale, name, value):
        message = "Metadata validation failed."
        raise errors.Invalid({"name": "ValidationError", "message": message, "errors": problems, "patchIndex": index})
    translation = patching.translation(locale)
    if translation is None:
        translation = {"locale": locale, "metadata": {}}
        entry.translations.append(translation)
    others = {handle: each for handle, each in (translation.get("metadata") or {}).items() if handle != name}
    translation["metadata"] = others | schema.normalise({name: value})
    if not translation["metadata"] and not translation.get("asset"):
        entry.translations.remove(translation)


def translation_problems(media_type: MediaType, locale: str, name: str, value: Any) -> list[MetadataError]:
    """What is wrong with a new value of a translation's property."""
    problems = media_type.metadata.check_translation(locale, {name: value}, completeness=False)
    return [metadata_error(problem) for problem in problems]


def replace_asset(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Exchange the asset of the default locale, or of `locale`; the old one goes to the history (PAT-07 to PAT-09)."""
    value, entry, config = patch["value"], patching.entry, patching.config
    problems = Problems(("patches", index, "value"))
    entry_schemas.ASSET[entry.base_type].check(value, problems)
    problems.refuse()
    if ownership.keys_of_others(entry.project_id, [value["key"]]):
        problems.add(ownership.OF_ANOTHER_PROJECT, "key")
    problems.refuse()
    locale = patch.get("locale", config.default_locale)
    if locale == config.default_locale:  # also where no languages are configured: both are None
        patching.replaced.append(Replaced("", entry.asset))
        entry.asset, entry.asset_key = value, value["key"]
        # Properties of the previous, downloaded bytes do not apply to these.
        entry.asset_sha256 = entry.source_etag = entry.source_last_modified = entry.source_url = ""
        entry.embedded = {}
        return
    if locale not in config.locales:
        raise refused(index, f"The locale '{locale}' is not available in this project")
    if not patching.media_type.asset_translatable:
        raise refused(index, f"Assets of the media type '{entry.media_type}' cannot be translated")
    translation = patching.translation(locale)
    if translation is None:
        entry.translations.append({"locale": locale, "metadata": {}, "asset": value})
        return
    if before := translation.get("asset"):
        patching.replaced.append(Replaced(locale, before))
    translation["asset"] = value


def replace_file(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Take a file that was inspected and stored; for users of the admin: the contract has no such operation.

    `value`: {asset, sha256, embedded}. As an import, it does not change what is archived or revoked.
    """
    entry, value = patching.entry, patch["value"]
    if entry.archived or entry.revoked:
        raise errors.Conflict(f"MediaLibrary Entry is {entry.state} (id: '{entry.media_id}')")
    patching.replaced.append(Replaced("", entry.asset))
    entry.asset, entry.asset_key = value["asset"], value["asset"]["key"]
    entry.asset_sha256, entry.embedded = value["sha256"], value["embedded"]
    entry.source_etag = entry.source_last_modified = entry.source_url = ""


def revoke_asset(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Revoke the entry: its binaries are no longer served, or are even deleted (spec 6.4, PAT-10, PAT-28, PAT-29)."""
    entry = patching.entry
    if entry.revoked:
        raise errors.Conflict(f"MediaLibrary Entry is already revoked (id: '{entry.media_id}')")
    entry.revoked, entry.revoke_note = True, patch.get("note", "")
    if patching.config.options.revoke_deletes_asset:
        entry.asset_deleted = True
        # The present ones: not an asset that a later patch adds.
        patching.discarded_keys = [*entry.keys, *(asset["key"] for _, asset in patching.replaced)]


def unrevoke_asset(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Restore; impossible if it is not revoked or its binary is deleted (PAT-30)."""
    entry = patching.entry
    if not entry.revoked:
        raise errors.Conflict(f"MediaLibrary Entry is not revoked (id: '{entry.media_id}')")
    if entry.asset_deleted:
        raise errors.Conflict(f"The asset of the MediaLibrary Entry has been deleted (id: '{entry.media_id}')")
    entry.revoked, entry.revoke_note = False, ""


def archive(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Hide from dashboards; idempotent (PAT-12, Q-35)."""
    patching.entry.archived = True


def unarchive(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Show in dashboards again; for users of the admin: the contract has no such operation."""
    patching.entry.archived = False


def remove_asset(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Remove a translation's asset; its metadata stays (PAT-13, PAT-14)."""
    locale = patch["locale"]
    if locale == patching.config.default_locale:
        raise refused(index, "The asset of the default locale cannot be removed")
    translation = patching.translation(locale)
    if translation is None or not translation.get("asset"):
        raise refused(index, f"No asset found for locale '{locale}'")
    patching.replaced.append(Replaced(locale, translation.pop("asset")))


def add_usage(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Report a use of the entry (PAT-31, PAT-32), in any state: a past use remains a fact."""
    patching.usage.add(index, patch)


def update_usage(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Change a use (PAT-33)."""
    patching.usage.update(index, patch)


def remove_usage(patching: Patching, index: int, patch: Mapping[str, Any]) -> None:
    """Take a use out of the log (PAT-34)."""
    patching.usage.remove(index, patch)


OPERATIONS: dict[str, Callable[[Patching, int, Mapping[str, Any]], None]] = {
    "setMetadataProperty": set_metadata_property,
    "setTranslatedProperty": set_translated_property,
    "replaceAsset": replace_asset,
    "replaceFile": replace_file,
    "revokeAsset": revoke_asset,
    "unrevokeAsset": unrevoke_asset,
    "archive": archive,
    "unarchive": unarchive,
    "removeAsset": remove_asset,
    "addUsageLogEntry": add_usage,
    "updateUsageLogEntry": update_usage,
    "removeUsageLogEntry": remove_usage,
}
