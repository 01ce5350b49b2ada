"""A configuration and its changes as they are shown: secrets only to readers that may see them (CFG-13, CFG-17)."""

from collections.abc import Mapping
from typing import Any

from livingdocs_import.models import ProjectConfigRevision
from livingdocs_import.project_config import BASE_REVISION, secret_places, store
from livingdocs_import.project_config.differences import Action, Patch
from livingdocs_import.project_config.publishing import EMPTY


def configuration(row: ProjectConfigRevision | None, *, secrets: bool) -> dict[str, Any]:
    """The stored configuration, ready to be posted again (CFG-06, CFG-13)."""
    stored = EMPTY if row is None else row.config
    config = contents(stored, secrets=secrets)
    return {"v": 2, BASE_REVISION: 0 if row is None else row.revision} | {
        key: value for key, value in config.items() if key not in ("v", BASE_REVISION)
    }


def contents(stored: Mapping[str, Any], *, secrets: bool) -> dict[str, Any]:
    """A stored configuration with its secrets decrypted, or masked (CFG-17)."""
    return store.with_readable_secrets(stored) if secrets else secret_places.masked(stored)


def patch_members(patch: Patch, *, secrets: bool) -> dict[str, Any]:
    """A change: {action, pointer, value, valueBefore}, the last two where there is such a value."""

    def shown(value: Any) -> Any:
        return value if secrets else secret_places.masked_part(patch.path, value)

    body = {"action": str(patch.action), "pointer": patch.pointer}
    if patch.action is not Action.REMOVE:
        body["value"] = shown(patch.value)
    if patch.action is not Action.ADD:
        body["valueBefore"] = shown(patch.value_before)
    return body
