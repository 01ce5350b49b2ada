"""Our formats of texts, in the words that generators of clients know."""

from collections.abc import Mapping
from typing import Any

# Looser than ours, where no format says as much: the answer names what is wrong.
KNOWN: Mapping[str, str | None] = {
    "http-url": "uri",
    "asset-url": "uri-reference",  # without a scheme, too: //host/key
    "image-url": "uri-reference",
    "storage-key": None,
}


def with_known_formats(schema: Any) -> Any:
    """The schema with the formats of JSON Schema instead of ours; those that have none are left out."""
    if isinstance(schema, Mapping):
        found = {name: with_known_formats(value) for name, value in schema.items()}
        if isinstance(name := schema.get("format"), str) and name in KNOWN:
            found |= {"format": KNOWN[name]}
        return {name: value for name, value in found.items() if name != "format" or value is not None}
    return [with_known_formats(each) for each in schema] if isinstance(schema, list | tuple) else schema
