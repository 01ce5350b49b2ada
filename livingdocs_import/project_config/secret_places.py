"""Where a configuration holds secrets: texts under `secret` and `webhookSecret`, references to secrets aside.

Those that are documented: `settings.webhooks.configurations[].secret` and `settings.import.webhookSecret`. Parts that
the service does not read, such as `deliveries`, are kept as they come and may hold some as well.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from livingdocs_import.validation.problems import escaped

SECRET_KEYS = frozenset({"secret", "webhookSecret"})
# The handles, names and default texts of these parts are the editors': a key `secret` is a word like any other there.
WITHOUT_SECRETS = frozenset({"components", "contentTypes", "mediaTypes"})


def replaced(config: Any, change: Callable[[str], str]) -> Any:
    """A copy of a configuration, or of a part of it, with something else in the place of each text under such a key."""
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
