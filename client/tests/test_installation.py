"""The library installs by itself, brings httpx and nothing else, and works where there is no Django."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from running_service import Service
from scripts import bootstrap

FOLDER = Path(__file__).parents[1]
UNREACHABLE = re.compile("after connection broken by|error sending request|network was disabled|dns error")
ALLOWED = {"livingdocs-import-client", "httpx", "httpcore", "h11", "anyio", "certifi", "idna", "typing-extensions"}
FOUND = """
import importlib.metadata, importlib.resources, importlib.util, json
names = sorted({found.name.replace("_", "-").lower() for found in importlib.metadata.distributions()})
typed = importlib.resources.files("livingdocs_import_client").joinpath("py.typed").is_file()
print(json.dumps([names, typed, bool(importlib.util.find_spec("django"))]))
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    theirs = {name: value for name, value in os.environ.items() if not name.startswith(("LIVINGDOCS_", "PYTHONPATH"))}
    return subprocess.run(command, env=theirs | environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a fresh environment in which only the library was installed."""
    folder = tmp_path_factory.mktemp("fresh")
    shutil.copytree(FOLDER, folder / "client", ignore=shutil.ignore_patterns("tests", "build", "*.egg-info"))
    environment, output = folder / "venv", ""
    subprocess.run([bootstrap.PYTHON, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = str(environment / "bin" / "python")
    for network in ({}, {"UV_OFFLINE": "true"}):
        install = (bootstrap.find_uv(), "pip", "install", "--quiet", "--python", python, str(folder / "client"))
        done = run(*install, **(bootstrap.uv_environment() | network))
        if done.returncode == 0:
            return environment / "bin"
        output += done.stderr
        assert UNREACHABLE.search(done.stderr), output
    pytest.skip("no packages can be had: neither from the network nor from uv's cache")


def test_it_brings_httpx_and_nothing_else(programs: Path) -> None:
    names, typed, has_django = json.loads(run(str(programs / "python"), "-c", FOUND).stdout)
    assert "httpx" in names
    assert set(names) <= ALLOWED
    assert typed
    assert not has_django


def test_every_module_can_be_imported(programs: Path) -> None:
    modules = sorted(path.stem for path in (FOLDER / "src/livingdocs_import_client").glob("*.py"))
    code = "".join(f"import livingdocs_import_client.{name}\n" for name in modules if name != "__main__")
    done = run(str(programs / "python"), "-c", code)
    assert done.returncode == 0, done.stderr


def test_the_command_imports_where_there_is_no_django(programs: Path, service: Service, rows: Path) -> None:
    command = (str(programs / "livingdocs-import"), "post", "images", str(rows), "--system-name", "fresh", "--wait")
    done = run(*command, **service.environment)
    assert done.returncode == 3, done.stderr
    assert done.stderr.splitlines()[-1] == "3 done, 1 failed"
    assert "usage: livingdocs-import" in run(str(programs / "livingdocs-import"), "--help").stdout


def test_it_is_made_for_the_pythons_of_the_service() -> None:
    assert sys.version_info >= (3, 11)
    assert 'requires-python = ">=3.11"' in (FOLDER / "pyproject.toml").read_text()
