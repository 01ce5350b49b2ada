"""Write the documentation as a site: the pages of docs/, the client's README, and a reference made of docs/openapi.

python -m devtools.site [FOLDER]        var/docs by default
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from devtools.checkout import ROOT
from livingdocs_import import VERSION
from livingdocs_import.api.versions import NAMES
from livingdocs_import.openapi.merge_patch import patched

DOCS = ROOT / "docs"
METHODS = ("get", "post", "patch")
# Pages from elsewhere in the checkout: where they are in the site. Links to them are rewritten.
FROM_ELSEWHERE = {"CHANGELOG.md": "changelog.md", "client/README.md": "client.md"}
SETTINGS = f"""
project = "livingdocs-import"
version = release = {VERSION!r}
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "livingdocs-import"
html_copy_source = False
myst_heading_anchors = 4
exclude_patterns = ["openapi"]
suppress_warnings = ["myst.xref_missing"]  # links into the source code
"""
INDEX = """# livingdocs-import

```{toctree}
:caption: Guides
guides/first-steps
guides/move-an-archive
guides/daily-feed
guides/receive-webhooks
guides/images-behind-a-cdn
guides/upgrade
```

```{toctree}
:caption: Reference
api
reference/index
client
delivery
glossary
changelog
```

```{toctree}
:caption: Running and changing it
operations
architecture
specification/README
```

```{toctree}
:caption: Decisions
:glob:
adr/*
```

```{toctree}
:hidden:
:glob:
specification/*
specification/behaviours/*
```
"""


def main(target: Path) -> None:
    """Build the site in a folder; ends with an error where Sphinx warns."""
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary, "source")
        shutil.copytree(DOCS, source)
        (source / "conf.py").write_text(SETTINGS)
        (source / "index.md").write_text(INDEX)
        for path, name in FROM_ELSEWHERE.items():
            (source / name).write_text((ROOT / path).read_text())
        for page in source.rglob("*.md"):
            page.write_text(relinked(page.read_text(), page.relative_to(source)))
        write_reference(source / "reference")
        shutil.rmtree(target, ignore_errors=True)
        sphinx = [sys.executable, "-m", "sphinx", "-q", "-W", "-j", "auto", "-d", f"{temporary}/doctrees"]
        subprocess.run([*sphinx, str(source), str(target)], check=True)
    print(f"{target}/index.html")


def relinked(text: str, page: Path) -> str:
    """The page with links to pages from elsewhere as they are in the site."""
    up = "../" * (len(page.parts) - 1)
    for path, name in FROM_ELSEWHERE.items():
        text = text.replace(f"({up}../{path})", f"({up}{name})")
    return text


# --- The reference ---------------------------------------------------------------------------------------------------


def write_reference(folder: Path) -> None:
    """A page for each version, and one that lists them."""
    folder.mkdir()
    for name, document in documents():
        (folder / f"{name}.md").write_text("\n".join(reference(name, document)) + "\n")
    pages = "\n".join(reversed(NAMES))
    (folder / "index.md").write_text(f"# API by version\n\n```{{toctree}}\n:maxdepth: 1\n{pages}\n```\n")


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each version's name and OpenAPI document: the first is kept whole, the others as the difference from the last."""
    document: dict[str, Any] = json.loads((DOCS / "openapi" / f"{NAMES[0]}.json").read_text())
    yield NAMES[0], document
    for name in NAMES[1:]:
        document = patched(document, json.loads((DOCS / "openapi" / f"{name}.patch.json").read_text()))
        yield name, document


def reference(name: str, document: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a version's page."""
    yield f"# {name}"
    yield ""
    yield f"`/api/{name}/openapi.json` of a running service has every field; `/api/?version={name}` tries the calls."
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method in operations:
                yield from call(f"{method.upper()} {path}", operations[method], document["components"]["responses"])


def call(title: str, operation: Mapping[str, Any], shared: Mapping[str, Any]) -> Iterator[str]:
    """One operation: what it does, its parameters, its responses; `shared` are those that many operations have."""
    yield from ("", f"## {title}", "", f"**{operation['summary']}.** {operation.get('description', '')}", "")
    if parameters := [one for one in operation.get("parameters", []) if "name" in one and one["in"] != "header"]:
        yield from ("| Parameter | In | |", "|---|---|---|")
        yield from (f"| `{one['name']}` | {one['in']} | {cell(one.get('description', ''))} |" for one in parameters)
        yield ""
    yield from ("| Response | |", "|---|---|")
    for status, response in operation["responses"].items():
        response = shared[response["$ref"].rpartition("/")[2]] if "$ref" in response else response
        yield f"| {status} | {cell(response['description'])} |"


def cell(text: str) -> str:
    """A text for a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "var" / "docs")
