"""Responses about media library entries, per version (spec 3.7, 3.9)."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import orjson

from livingdocs_import.api.versions import Feature, Version
from livingdocs_import.project_config import MediaType, ProjectConfig
from livingdocs_import.timestamps import timestamp
from livingdocs_import.validation.limits import quoted
from media_library import asset_urls
from media_library.entries.create import Element
from media_library.entries.validate import Fault
from media_library.models import UsageLogEntry

STATUSES = {
    "ValidationError": 400,
    "UniqueIdViolation": 409,
}  # messages about entries that were not created, by their error


class ShownEntry(Protocol):
    """The fields of an entry that a response needs, stored or just created."""

    @property
    def project_id(self) -> int: ...
    @property
    def media_id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def system_name(self) -> str | None: ...
    @property
    def external_id(self) -> str | None: ...
    @property
    def media_type(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def asset_json(self) -> str: ...
    @property
    def translations_json(self) -> str: ...
    @property
    def created(self) -> str: ...
    @property
    def updated(self) -> str: ...
    def shown_metadata(self, media_type: MediaType | None) -> Any: ...


def entry(entry: ShownEntry, config: ProjectConfig) -> dict[str, Any]:
    """One entry. `systemName` and `externalId` only if set (MLG-02); metadata only if configured.

    Stored JSON is embedded as text where nothing has to be added or removed.
    """
    body: dict[str, Any] = {"id": entry.media_id, "version": entry.version}
    if entry.system_name is not None:
        body["systemName"] = entry.system_name
    if entry.external_id is not None:
        body["externalId"] = entry.external_id
    media_type = config.media_type(entry.media_type)
    body["mediaType"] = entry.media_type
    body["asset"] = _asset(entry)
    body["metadata"] = entry.shown_metadata(media_type)
    if entry.translations_json != "[]":
        body["translations"] = [_translation(row, entry, media_type) for row in orjson.loads(entry.translations_json)]
    body["createdAt"], body["updatedAt"] = entry.created, entry.updated
    return body


def _asset(entry: ShownEntry) -> Any:
    # In JSON, quotes within strings have a backslash before them: this can only be the key.
    if '"url":' in entry.asset_json:
        return orjson.Fragment(entry.asset_json)
    return _with_url(orjson.loads(entry.asset_json), entry)


def _with_url(asset: dict[str, Any], entry: ShownEntry) -> dict[str, Any]:
    return asset | {"url": asset_urls.asset_url(asset, project_id=entry.project_id, title=entry.title)}


def _translation(row: Mapping[str, Any], entry: ShownEntry, media_type: MediaType | None) -> dict[str, Any]:
    metadata = row.get("metadata") or {}
    body = {"locale": row["locale"], "metadata": media_type.metadata.known(metadata) if media_type else metadata}
    return body | {"asset": _with_url(row["asset"], entry)} if row.get("asset") else body


def entries(entries_found: Iterable[ShownEntry], config: ProjectConfig, version: Version) -> dict[str, Any]:
    """A list of entries under the version's key (MLL-03, VER-04)."""
    return {list_key(version): [entry(stored, config) for stored in entries_found]}


def list_key(version: Version) -> str:
    return "results" if version.has(Feature.RESULTS) else "mediaLibraryEntries"


def usage_log(uses: Iterable[UsageLogEntry], version: Version) -> dict[str, Any]:
    """The uses of an entry. Unknown fields are left out, and so is billing before `2026-07`."""
    return {"results": [_use(use, with_billing=version.has(Feature.BILLING)) for use in uses]}


def _use(use: UsageLogEntry, *, with_billing: bool) -> dict[str, Any]:
    known = {
        "id": use.public_id,
        "state": use.state,
        "purpose": use.purpose,
        "url": use.url,
        "params": use.params,
        "documentId": use.document_id,
        "publicationId": use.publication_id,
        "reportingDate": timestamp(use.reporting_date),
        "publicationDate": use.publication_date and timestamp(use.publication_date),
        "billing": use.billing if with_billing else None,
    }
    return {name: value for name, value in known.items() if value is not None}


def created(elements: Iterable[Element], config: ProjectConfig, version: Version) -> dict[str, Any]:
    """The answer to POST import/mediaLibrary: one element for each entry of the request, in order (MLI-01, MLI-33)."""
    return {list_key(version): [_element(element, config) for element in elements]}


def _element(element: Element, config: ProjectConfig) -> dict[str, Any]:
    outcome = element.outcome
    if isinstance(outcome, Fault):
        return {
            "ok": False,
            "correlation": _correlation(element),
            "status": STATUSES[outcome.error],
            "error": outcome.error,
            "error_details": outcome.details,
        }
    return {"ok": True, "status": 200, "id": outcome.media_id, "record": entry(outcome, config)}


def _correlation(element: Element) -> str:
    """The fields by which the client finds its entry: id, else external id, else index (MLI-14)."""
    for name in ("id", "externalId"):
        if isinstance(element.raw.get(name), str):
            return f"{name}: {quoted(element.raw[name])}"
    return f"index: {element.index}"
