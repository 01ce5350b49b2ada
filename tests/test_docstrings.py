"""What docstrings and comments name is there: modules, classes, functions, files."""

import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("config", "demo", "devtools", "documents", "imports", "livingdocs_import", "media_library")
APPS = ("documents", "imports", "livingdocs_import", "media_library")  # `config.x` is an option of a property
DOTTED = re.compile(rf"`((?:{'|'.join(APPS)})(?:\.\w+)+)(?:\(\))?`")
PATHS = re.compile(rf"\b((?:{'|'.join(PACKAGES)}|docs|tests)/[\w/.-]+\.(?:py|md))\b")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def resolves(dotted: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    names = dotted.split(".")
    for number in range(len(names), 0, -1):
        try:
            found: ModuleType | object = import_module(".".join(names[:number]))
        except ModuleNotFoundError:
            continue
        for name in names[number:]:
            if not hasattr(found, name):
                return name in getattr(found, "__annotations__", ())
            found = getattr(found, name)
        return True
    return False


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_name_of_ours_that_a_text_mentions_is_there(path: Path) -> None:
    text = path.read_text()
    assert [name for name in DOTTED.findall(text) if not resolves(name)] == []
    assert [name for name in PATHS.findall(text) if not (ROOT / name).exists()] == []


def test_the_test_finds_what_is_gone() -> None:
    assert resolves("documents.content.limits.ContentLimits")
    assert not resolves("documents.content.limits.Nothing")
    assert not resolves("documents.nowhere")
