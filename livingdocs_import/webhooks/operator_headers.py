"""Headers that an operator adds to webhooks, by URL prefix (WHK-11).

    WEBHOOK_HEADERS='[{"urlPrefix": "https://hooks.example.org/in/", "headers": {"Authorization": "Bearer …"}}]'

Scheme, host and port are compared as a whole: a URL that starts with `https://hooks.example.org` may have another host.
All matching entries apply; of two headers with one name, the later one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self
from urllib.parse import unquote

import orjson

from livingdocs_import.egress.url import InvalidURL, Target, parse

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,4000}[\x21-\x7e])?")
# Headers that the message or HTTP itself sets.
_OURS = re.compile(r"(?i)content-.*|host|connection|transfer-encoding|x-livingdocs-.*|webhook-.*")
_UP = re.compile(r"(^|[/\\])\.\.($|[/\\])")


@dataclass(frozen=True)
class PrefixHeaders:
    """Headers for the URLs with this prefix."""

    prefix: Target
    headers: Mapping[str, str]

    @classmethod
    def read(cls, given: object) -> Self:
        """Raises ValueError, whose message quotes no value."""
        if not isinstance(given, dict) or given.keys() != {"urlPrefix", "headers"}:
            raise ValueError("each entry has urlPrefix and headers, and nothing else")
        if not isinstance(given["urlPrefix"], str):
            raise ValueError("urlPrefix must be a URL")  # noqa: TRY004 one type of error for all problems
        try:
            prefix = parse(given["urlPrefix"])
        except InvalidURL as error:
            raise ValueError(f"urlPrefix: {error}") from error
        headers = given["headers"]
        if not isinstance(headers, dict) or not headers:
            raise ValueError("headers must be an object with at least one header")
        for name, value in headers.items():
            if not _NAME.fullmatch(name) or _OURS.fullmatch(name):
                raise ValueError(f"{name!r} is no header that may be added")
            if not isinstance(value, str) or not _VALUE.fullmatch(value):
                raise ValueError(f"the value of {name} must be a text of printable ASCII characters")
        return cls(prefix, headers)

    def fits(self, target: Target) -> bool:
        return target.server == self.prefix.server and target.path.startswith(self.prefix.path)


@lru_cache(maxsize=4)
def entries(setting: str) -> tuple[PrefixHeaders, ...]:
    """Parse the setting; raises ValueError."""
    if not setting:
        return ()
    try:
        given = orjson.loads(setting)
    except orjson.JSONDecodeError as error:
        raise ValueError("is not JSON") from error
    if not isinstance(given, list):
        raise ValueError("must be a list")  # noqa: TRY004
    return tuple(map(PrefixHeaders.read, given))


def headers_for(url: str, setting: str) -> dict[str, str]:
    """The headers for a message to this URL. No prefix matches a path with `..` (`/in/../other/`)."""
    if not setting:
        return {}
    target = parse(url)
    path = unquote(unquote(target.path.partition("?")[0]))
    if _UP.search(path):
        return {}
    fitting = [entry.headers for entry in entries(setting) if entry.fits(target)]
    return {name.lower(): value for headers in fitting for name, value in headers.items()}
