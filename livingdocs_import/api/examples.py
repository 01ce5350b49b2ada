"""Bodies that stand as examples in OpenAPI, from a file of JSON: those of the customer and of the documentation."""

import json
from collections.abc import Mapping
from pathlib import Path

from livingdocs_import.api.operations import ALWAYS, Availability, Example
from livingdocs_import.validation.json_types import JSON


class Examples:
    """The bodies of one file, by name."""

    def __init__(self, module: str) -> None:
        """`module`: the path of a module beside which there is an `examples.json`."""
        self._bodies: Mapping[str, JSON] = json.loads(Path(module).with_name("examples.json").read_text())

    def __getitem__(self, name: str) -> Example:
        return self.get(name)

    def get(self, name: str, available: Availability = ALWAYS) -> Example:
        """The body with this name; only in some versions, if need be."""
        return Example(name, self._bodies[name], available)
