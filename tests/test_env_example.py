""".env.example lists every setting, once, with its true default."""

import ast
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from devtools.checkout import documented_variables

ROOT = Path(__file__).resolve().parent.parent
ENV_EXAMPLE = (ROOT / ".env.example").read_text()

READ_BY_LIBRARIES = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"}
READERS = re.compile(r"env\.\w+|secret|os\.environ\.get")

DUMP = """
import json
from config import settings
print(json.dumps({name: repr(value) for name, value in vars(settings).items() if name.isupper()}))
"""


def variables_read_in(module: str) -> set[str]:
    """The literal first arguments of env.str("NAME", …), secret("NAME") and os.environ.get("NAME", …)."""
    calls = [node for node in ast.walk(ast.parse((ROOT / module).read_text())) if isinstance(node, ast.Call)]
    return {
        call.args[0].value
        for call in calls
        if READERS.fullmatch(ast.unparse(call.func)) and call.args and isinstance(call.args[0], ast.Constant)
    }


def settings_with(environment: dict[str, str]) -> dict[str, str]:
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"ENV_FILE": ""}
    done = subprocess.run(
        [sys.executable, "-c", DUMP], cwd=ROOT, env={**bare, **environment}, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_every_variable_that_is_read_is_listed_and_no_other() -> None:
    read = variables_read_in("config/settings.py") | variables_read_in("config/gunicorn.py")

    assert {"DATABASE_URL", "IMPORT_CHUNK", "WEB_THREADS"} <= read  # the search itself works
    assert set(documented_variables(ENV_EXAMPLE)) - READ_BY_LIBRARIES == read


def test_no_variable_is_listed_twice() -> None:
    listed = documented_variables(ENV_EXAMPLE)

    assert sorted(listed) == sorted(set(listed))


def test_every_variable_stands_below_its_meaning() -> None:
    """Directly, or together with others that one comment explains."""
    lines = ENV_EXAMPLE.splitlines()
    unexplained = [
        line
        for above, line in itertools.pairwise(lines)
        if documented_variables(line) and not (above.startswith("# ") or documented_variables(above))
    ]

    assert unexplained == []


def test_the_values_shown_are_the_defaults(tmp_path: Path) -> None:
    shown = dict(re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.+)$", ENV_EXAMPLE, re.MULTILINE))
    assert shown.pop("DATA_DIR") == "var"
    assert len(shown) > 20

    data = {"DATA_DIR": str(tmp_path)}
    assert settings_with({**shown, **data}) == settings_with(data)
