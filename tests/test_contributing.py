"""CONTRIBUTING is correct: named files and commands exist, hooks and workflow call our checks."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()

IN_CODE = re.compile(r"`([^`\s]+)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")
INDENTED = re.compile(r"^    .*?((?:tests|imports|documents)/\S+\.py)", re.MULTILINE)
MADE_HERE = ("var/", ".venv")  # not in a clone
TARGET = re.compile(r"`make ([a-z-]+)")


def is_path(code: str) -> bool:
    """Whether what stands in code marks names a file or a folder: import/<kind> is a path of the API."""
    return re.fullmatch(r"[\w.-]+/[\w./-]*|\.?[\w-]+\.(?:md|py|toml|example|yaml)|\.editorconfig", code) is not None


def named() -> list[str]:
    paths = [code for code in IN_CODE.findall(CONTRIBUTING) if is_path(code) and not code.startswith(MADE_HERE)]
    return sorted({*paths, *LINK.findall(CONTRIBUTING), *INDENTED.findall(CONTRIBUTING)})


def test_every_file_it_names_exists() -> None:
    assert len(named()) > 60
    assert [path for path in named() if not (ROOT / path).exists()] == []


def test_a_folder_is_named_as_one() -> None:
    assert [path for path in named() if path.endswith("/") != (ROOT / path).is_dir()] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", ".github/pull_request_template.md"])
def test_every_command_of_make_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    asked = set(TARGET.findall((ROOT / page).read_text()))
    assert asked
    assert asked <= targets


def test_make_lists_every_command_that_is_for_people() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
    assert set(TARGET.findall(CONTRIBUTING)) <= targets


def test_the_workflow_runs_the_one_check() -> None:
    workflow = (ROOT / ".github" / "workflows" / "check.yml").read_text()
    assert re.findall(r"^ +- run: (.*)$", workflow, re.MULTILINE) == ["make check"]


def test_hooks_are_local_and_call_the_tools_of_the_environment() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"repo: (.*)", hooks) == ["local"]
    entries = re.findall(r"entry: (.*)", hooks)
    assert entries
    assert all(entry.startswith(".venv/bin/python -m ") for entry in entries)
