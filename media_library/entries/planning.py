"""What an import would do to entries: the decisions of an import, reported instead of executed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from livingdocs_import.dry_runs import Change, Overlay, Plan, Would, metadata_changes
from livingdocs_import.validation.json_types import JSONObject
from media_library.entries.decision import Create, Fail, IncomingMedia, KnownEntry, Skip, Stale, Update, decide, foresee

NEW = "no entry has this id"
DEPENDS = "depends on the file"
MEASURES = ("width", "height", "duration", "size", "mimeType")


def plan(known: KnownEntry | None, incoming: IncomingMedia, *, file_is_known: bool) -> Plan:
    """What would become of the item.

    Without its file, `incoming` has the metadata that it would have with the entry's own. A dry run stores no file; an
    import would store it wherever the entry has other bytes.
    """
    match decide(known, replace(incoming, stored=True)) if file_is_known else foresee(known, incoming):
        case None:
            return Plan(Would.UPDATE_OR_SKIP, DEPENDS)
        case Create():
            return Plan(Would.CREATE, NEW)
        case Skip(reason):
            return Plan(Would.SKIP, reason)
        case Fail(reason):
            return Plan(Would.FAIL, reason)
        case Stale():
            raise AssertionError("only bytes that are not stored can be stale")
        case Update() as update:
            assert known is not None
            return Plan(Would.UPDATE, _why(update), tuple(_changes(update, known, incoming)))


def _why(update: Update) -> str:
    parts = [name for name in ("asset", "metadata", "title") if getattr(update, name)]
    named = " and ".join(["file" if name == "asset" else name for name in parts])
    return f"{named} differ{'s' if parts in (['asset'], ['title']) else ''}"


def _changes(update: Update, known: KnownEntry, incoming: IncomingMedia) -> Iterator[Change]:
    if update.title:
        yield Change("title", known.title, incoming.title)
    if update.metadata:
        yield from metadata_changes(known.metadata, incoming.metadata)


def file_change(old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    """Another file, by what is known of both."""
    before, after = ({name: asset[name] for name in MEASURES if name in asset} for asset in (old, new))
    return Change("file", before, after)


# --- In the overlay --------------------------------------------------------------------------------------------------


def _key(external_id: str) -> str:
    return f"entry:{external_id}"


def planned_entries(overlay: Overlay, external_ids: Iterable[str]) -> dict[str, KnownEntry]:
    """Entries as earlier items would have made or changed them, by external id."""
    keys = {_key(external_id): external_id for external_id in external_ids}
    found: dict[str, Any] = overlay.read(keys)
    return {keys[key]: KnownEntry(**state) for key, state in found.items()}


def remember_entry(overlay: Overlay, external_id: str, incoming: IncomingMedia) -> None:
    """From now on the entry is as this item would leave it; an empty hash: which bytes it would have is not known."""
    known: JSONObject = {
        "media_type": incoming.media_type,
        "base_type": incoming.base_type,
        "state": "active",
        "sha256": incoming.sha256,
        "metadata": dict(incoming.metadata),
        "title": incoming.title,
    }
    overlay.write(_key(external_id), known)
