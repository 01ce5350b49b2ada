"""The secrets in a configuration: texts under keys such as `secret`, without references to secrets.

Documented are `settings.webhooks.configurations[].secret`, `settings.import.webhookSecret` and
`externalSystems[].livingdocsServerToken`. Unread parts, such as `settings.integrations` and the `mediaSources` of media
types, are stored as they come and may contain some as well: hence the usual names of such keys.

Clients without access to secrets see MASK instead. A MASK that is sent back keeps the stored value (CFG-17).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import re2

from livingdocs_import.project_config.matching import common_key
from livingdocs_import.security.masking import MASK
from livingdocs_import.validation.problems import Path, escaped

# The end of a key and the beginning of its text, in compact JSON: databases look for it as well, ignoring case.
KEYS_IN_JSON = (
    "("
    "token|secret|password|passwd|pwd|passphrase|credentials?|authorization|connection[_-]?string|"
    "(access|account|api|auth|encryption|master|private|secret|shared|signing|subscription)[_-]?key|"
    '(["_-]|user)pass'
    ')":"'
)
_ENDS = re2.compile(f"(?i){KEYS_IN_JSON}")
# Editors choose the handles, names and default texts of these parts: `secret` is an ordinary key there.
WITHOUT_SECRETS = frozenset({"components", "contentTypes"})


def is_secret(path: Path, value: Any) -> bool:
    """Whether the value at a path of a configuration is a secret."""
    return isinstance(value, str) and len(path) > 1 and _ENDS.search(f'"{path[-1]}":"') is not None


def has_none(path: Path) -> bool:
    """Whether a part of a configuration has no secrets. Of a media type, only `mediaSources` may have some."""
    return path[0] in WITHOUT_SECRETS or (path[0] == "mediaTypes" and len(path) > 2 and path[2] != "mediaSources")


def replaced(path: Path, value: Any, change: Callable[[str], str]) -> Any:
    """A copy of the value at a path of a configuration with each secret changed; other parts are not copied."""
    if has_none(path):
        return value
    if is_secret(path, value):
        return change(value)
    if isinstance(value, Mapping):
        return {key: replaced((*path, key), child, change) for key, child in value.items()}
    if isinstance(value, list):
        return [replaced((*path, index), child, change) for index, child in enumerate(value)]
    return value


def with_secrets(config: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """A copy of a whole configuration with each secret changed."""
    return {key: replaced((key,), value, change) for key, value in config.items()}


def secrets_of(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each secret of a whole configuration with its JSON pointer."""
    for key, value in config.items():
        yield from _inside((key,), value)


def _inside(path: Path, value: Any) -> Iterator[tuple[str, str]]:
    if has_none(path):
        return
    if is_secret(path, value):
        yield "".join(f"/{escaped(step)}" for step in path), value
    for key, child in _children(value):
        yield from _inside((*path, key), child)


def _children(value: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, Mapping):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


# --- Masked secrets --------------------------------------------------------------------------------------------------


class StoredText(str):
    """The stored value for a secret that was sent masked: it is stored again unchanged."""

    __slots__ = ()


def masked(config: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a whole configuration with MASK in place of each secret."""
    return with_secrets(config, _mask)


def masked_part(path: Path, value: Any) -> Any:
    """The same of the value at a path of a configuration."""
    return replaced(path, value, _mask)


def with_stored(config: Mapping[str, Any], stored: Mapping[str, Any]) -> tuple[dict[str, Any], list[Path]]:
    """The configuration with a StoredText in place of each MASK, and the paths without a stored value."""
    missing: list[Path] = []
    unmasked = {key: _with_stored(value, stored.get(key), (key,), missing) for key, value in config.items()}
    return unmasked, missing


def _mask(secret: str) -> str:
    return MASK if secret else ""


def _with_stored(value: Any, stored: Any, path: Path, missing: list[Path]) -> Any:
    if has_none(path):
        return value
    if value == MASK and is_secret(path, value):
        return _stored_text(stored, path, missing)
    if isinstance(value, Mapping):
        before = stored if isinstance(stored, Mapping) else {}
        return {key: _with_stored(child, before.get(key), (*path, key), missing) for key, child in value.items()}
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
