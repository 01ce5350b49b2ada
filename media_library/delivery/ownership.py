"""Which project owns a stored file, and whether the file may be served now.

All projects share one storage, and clients may name keys themselves (import/mediaLibrary, replaceAsset) for files that
they have uploaded to the storage by other means. So naming a key proves nothing. The rules:

1. A file that an import has stored belongs to the project that imported it. Its asset has no `url`, for only clients
   give one.
2. A file that no import has stored belongs to the project that named its key first.
3. No other project gets it, whatever key it names: for it the file does not exist.
4. Its project gets it unless an entry that has it, or had it before, is revoked or invalid (spec 6.4): naming the key
   in another entry does not restore access.

Former assets stay readable, for published pages refer to them by URL.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from livingdocs_import import errors
from media_library.models import MediaEntry
from media_library.storage import NotStored, is_generated_key, is_safe_key

OF_ANOTHER_PROJECT = "The file under this key belongs to another project"
_COLUMNS = ("pk", "project_id", "revoked", "invalid", "validity_changes_at")


@dataclass(frozen=True)
class Deliverable:
    """A file that its project may serve; `until`: when that ends by time alone, None: never."""

    project_id: int
    key: str
    mime_type: str
    filename: str
    until: datetime | None


@dataclass(frozen=True)
class _Claim:
    """An entry that names the key."""

    entry_id: int
    project_id: int
    withdrawn: bool
    until: datetime | None
    asset: dict[str, Any]

    @property
    def rank(self) -> tuple[bool, int]:
        return "url" in self.asset, self.entry_id


def deliverable(project_id: int, key: str) -> Deliverable:
    """The project's file under this key.

    Raises NotStored if there is none, AssetRevoked if it must not be served (SRV-02, SRV-03). Does not check whether
    the storage has it.
    """
    claims = _claims([key])[key]
    if _owner(claims) != project_id:
        raise NotStored(key)
    own = [claim for claim in claims if claim.project_id == project_id]
    if any(claim.withdrawn for claim in own):
        raise errors.AssetRevoked
    asset = own[0].asset
    return Deliverable(
        project_id=project_id,
        key=key,
        mime_type=str(asset.get("mimeType", "")),
        filename=str(asset.get("filename", "")),
        until=min((claim.until for claim in own if claim.until), default=None),
    )


def keys_of_project(project_id: int, keys: Collection[str]) -> set[str]:
    """Those of the keys whose files belong to the project, also those that must not be served now."""
    return {key for key, claims in _claims(keys).items() if _owner(claims) == project_id}


def keys_of_others(project_id: int, keys: Iterable[str]) -> set[str]:
    """Those of the keys under which an import of another project has stored a file."""
    suspicious = [key for key in keys if is_generated_key(key)]
    if not suspicious:
        return set()
    found = MediaEntry.objects.filter(asset_key__in=suspicious).exclude(project_id=project_id).exclude(asset_sha256="")
    return set(found.values_list("asset_key", flat=True))


def _owner(claims: Sequence[_Claim]) -> int | None:
    """The project to which a file belongs, by its claims in their order."""
    return claims[0].project_id if claims else None


def _claims(keys: Collection[str]) -> dict[str, list[_Claim]]:
    """By key, the best claim first: every entry of every project that names it. One statement with index look-ups.

    A key that has another spelling has no claims.
    """
    claims: dict[str, list[_Claim]] = {key: [] for key in keys}
    safe = [key for key in claims if is_safe_key(key)]
    entries = MediaEntry.objects.all()
    rows = (
        entries.filter(asset_key__in=safe)
        .values_list(*_COLUMNS, F("asset_key"), F("asset"))
        .union(
            entries.filter(translated_keys__asset_key__in=safe).values_list(
                *_COLUMNS, F("translated_keys__asset_key"), F("translations")
            ),
            entries.filter(former_assets__asset_key__in=safe).values_list(
                *_COLUMNS, F("former_assets__asset_key"), F("former_assets__asset")
            ),
            all=True,
        )
    )
    for entry_id, project_id, revoked, invalid, until, key, stored in rows if safe else ():
        assets = [row.get("asset") or {} for row in stored] if isinstance(stored, list) else [stored]
        asset = next((asset for asset in assets if asset.get("key") == key), None)
        if asset is not None:
            servable = MediaEntry(revoked=revoked, invalid=invalid).servable
            claims[key].append(_Claim(entry_id, project_id, not servable, until, asset))
    return {key: sorted(found, key=lambda claim: claim.rank) for key, found in claims.items()}
