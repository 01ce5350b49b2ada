"""The base of all apps: projects and tokens, conventions of the API, outbound HTTP, webhooks, the work queue.

No import is here: see `imports`.
"""

import tomllib
from pathlib import Path

_PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"  # the only definition of the version
VERSION: str = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"]
