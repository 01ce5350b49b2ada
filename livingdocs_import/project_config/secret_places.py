"""The secrets in a configuration: texts under keys such as `secret`, without references to secrets.

Documented are `settings.webhooks.configurations[].secret`, `settings.import.webhookSecret` and
`externalSystems[].livingdocsServerToken`. Unread parts, such as `settings.integrations`, are stored as they come and
may contain some as well: hence the usual names of such keys.

Clients without access to secrets see MASK instead. A MASK that is sent back keeps the stored value (CFG-17).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from livingdocs_import.project_config.matching import common_key
from livingdocs_import.validation.problems import Path, escaped

MASK = "***"
SECRET_KEYS = frozenset(
    {"accessToken", "apiKey", "clientSecret", "livingdocsServerToken", "password", "secret", "webhookSecret"}
)
# Editors choose the handles, names and default texts of these parts: `secret` is an ordinary key there.
WITHOUT_SECRETS = frozenset({"components", "contentTypes", "mediaTypes"})


def replaced(config: Any, change: Callable[[str], str]) -> Any:
    """A copy of a configuration, or of a part of it, with each text under such a key replaced."""
    if isinstance(config, Mapping):
        return {
            key: change(value) if key in SECRET_KEYS and isinstance(value, str) else replaced(value, change)
            for key, value in config.items()
        }
    if isinstance(config, list):
        return [replaced(value, change) for value in config]
    return config


def with_secrets(config: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """A copy of a whole configuration with each secret changed; nothing else is copied deeply."""
    return {key: value if key in WITHOUT_SECRETS else replaced(value, change) for key, value in config.items()}


def secrets_of(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each secret of a whole configuration with its JSON pointer."""
    for key, value in config.items():
        if key not in WITHOUT_SECRETS:
            yield from _inside(value, f"/{escaped(key)}")


def _inside(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    inside = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inside:
        place = f"{pointer}/{escaped(key)}"
        if key in SECRET_KEYS and isinstance(child, str):
            yield place, child
        else:
            yield from _inside(child, place)


# --- Masked secrets --------------------------------------------------------------------------------------------------


class StoredText(str):
    """The stored value for a secret that was sent masked: it is stored again unchanged."""

    __slots__ = ()


def masked(config: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a whole configuration with MASK in place of each secret."""
    return with_secrets(config, _mask)


def masked_part(path: Path, value: Any) -> Any:
    """The same of the value at a path of a configuration."""
    if len(path) < 2 and not isinstance(value, Mapping | list):
        return value
    if path[0] in WITHOUT_SECRETS:
        return value
    return replaced({path[-1]: value}, _mask)[path[-1]]


def with_stored(config: Mapping[str, Any], stored: Mapping[str, Any]) -> tuple[dict[str, Any], list[Path]]:
    """The configuration with a StoredText in place of each MASK, and the paths without a stored value."""
    missing: list[Path] = []
    unmasked = {
        key: value if key in WITHOUT_SECRETS else _with_stored(value, stored.get(key), (key,), missing)
        for key, value in config.items()
    }
    return unmasked, missing


def _mask(secret: str) -> str:
    return MASK if secret else ""


def _with_stored(value: Any, stored: Any, path: Path, missing: list[Path]) -> Any:
    if isinstance(value, Mapping):
        before = stored if isinstance(stored, Mapping) else {}
        return {
            key: _stored_text(before.get(key), (*path, key), missing)
            if key in SECRET_KEYS and child == MASK
            else _with_stored(child, before.get(key), (*path, key), missing)
            for key, child in value.items()
        }
    if isinstance(value, list):
        return [
            _with_stored(child, before, (*path, index), missing)
            for index, (child, before) in enumerate(zip(value, _same_elements(value, stored), strict=True))
        ]
    return value


def _stored_text(stored: Any, path: Path, missing: list[Path]) -> str:
    if isinstance(stored, str) and stored:
        return StoredText(stored)
    missing.append(path)
    return MASK


def _same_elements(array: list[Any], stored: Any) -> list[Any]:
    """The stored element for each; None if there is none, or it is ambiguous."""
    before = stored if isinstance(stored, list) else []
    key = common_key(array, before)
    known = {} if key is None else {each[key]: each for each in before}
    return [None if key is None else known.get(each[key]) for each in array]
