"""scripts/bootstrap.py: which Pythons it takes, what it passes on to uv, and when it has nothing to do."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts import bootstrap

ROOT = Path(__file__).resolve().parent.parent

RUN_AS = """
import runpy, sys
sys.version_info, sys.version = ({major}, {minor}, 1), "{major}.{minor}.1 (pretended)"
sys.argv = ["bootstrap.py"]
runpy.run_path("scripts/bootstrap.py", run_name="__main__")
"""


needs_pip = pytest.mark.skipif(
    not bootstrap.succeeds(bootstrap.PYTHON, "-m", "pip", "--version"), reason="this Python has no pip to be asked"
)


def run_as(major: int, minor: int) -> str:
    """The output of bootstrap.py, without a command, under that version of python3."""
    code = RUN_AS.format(major=major, minor=minor)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    return done.stderr


@pytest.mark.parametrize("minor", [8, 10, 14])
def test_another_python_is_refused_with_the_way_out(minor: int) -> None:
    said = run_as(3, minor)

    assert f"needs Python 3.11, 3.12 or 3.13, and {sys.executable} is 3.{minor}.1" in said
    assert "make PYTHON=python3.11" in said


@pytest.mark.parametrize("minor", [11, 12, 13])
def test_the_supported_pythons_get_as_far_as_the_command_line(minor: int) -> None:
    assert "requirements-dev.txt" in run_as(3, minor)


def test_the_supported_pythons_are_those_of_the_project() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]

    assert declared == f">={'.'.join(map(str, bootstrap.OLDEST))},<{'.'.join(map(str, bootstrap.TOO_NEW))}"


@needs_pip
def test_uv_gets_the_index_of_pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    configuration = tmp_path / "pip.conf"
    configuration.write_text("[global]\nindex-url = http://mirror.example/simple\ncert = /mirror.pem\n")
    for name in ("PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))

    environment = bootstrap.uv_environment()

    assert environment["UV_DEFAULT_INDEX"] == "http://mirror.example/simple"
    assert environment["SSL_CERT_FILE"] == "/mirror.pem"


@needs_pip
def test_the_environment_outranks_the_files_and_uvs_own_settings_outrank_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configuration = tmp_path / "pip.conf"
    configuration.write_text("[global]\nindex-url = http://mirror.example/simple\n")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.delenv("UV_INDEX_URL", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    monkeypatch.setenv("PIP_INDEX_URL", "http://nearer.example/simple")
    assert bootstrap.uv_environment()["UV_DEFAULT_INDEX"] == "http://nearer.example/simple"

    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://chosen.example/simple")
    assert bootstrap.uv_environment()["UV_DEFAULT_INDEX"] == "http://chosen.example/simple"


@pytest.mark.parametrize("name", [bootstrap.RUNTIME, bootstrap.DEVELOPMENT, bootstrap.FOR_UV])
def test_requirement_files_pin_by_hash_and_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    packages = re.findall(r"^\S+==\S+.*\\\n    --hash=sha256:", text, re.MULTILINE)

    assert packages
    assert len(packages) == len(re.findall(r"^[^\s#]", text, re.MULTILINE))
    assert "://" not in text


def test_what_is_tested_is_what_runs() -> None:
    """Every package of the service has the same version, for the same Pythons, among those of the tests."""
    runtime, development = (
        set(re.findall(r"^\S+==.*", (ROOT / name).read_text(), re.MULTILINE))
        for name in (bootstrap.RUNTIME, bootstrap.DEVELOPMENT)
    )

    assert runtime
    assert {line.split()[0] for line in runtime} <= {line.split()[0] for line in development}


# --- Installing ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clone:
    """A checkout with the script and nothing to install, and a program named uv that only notes how it was called."""

    root: Path

    def __post_init__(self) -> None:
        (self.root / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "bootstrap.py", self.root / "scripts")
        self.require("")
        (self.root / bootstrap.DEVELOPMENT).write_text("# and what tests need\n")
        (self.root / "bin").mkdir()
        self.uv_ends_with(0)

    def require(self, text: str) -> None:
        (self.root / bootstrap.RUNTIME).write_text(text)

    def uv_ends_with(self, code: int) -> None:
        program = self.root / "bin" / "uv"
        program.write_text(f'#!/bin/sh\necho "$@" >> {self.root}/calls\nexit {code}\n')
        program.chmod(0o755)

    def install(self) -> str:
        """What `make runtime` does; what it says."""
        done = subprocess.run(
            [sys.executable, str(self.root / "scripts" / "bootstrap.py"), bootstrap.RUNTIME],
            env=os.environ | {"PATH": f"{self.root / 'bin'}:{os.environ['PATH']}"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert (self.root / ".venv" / "bin" / "python").exists()
        return done.stderr

    @property
    def calls(self) -> list[str]:
        return (self.root / "calls").read_text().splitlines()


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_what_is_installed_already_is_not_installed_again(clone: Clone) -> None:
    assert ".venv is ready" in clone.install()
    assert clone.install() == ""
    [call] = clone.calls
    assert "--require-hashes" in call


def test_a_changed_list_changes_the_environment_in_place(clone: Clone) -> None:
    """A service may be running from it."""
    clone.install()
    kept = clone.root / ".venv" / "kept"
    kept.touch()
    clone.require("# another list\n")
    clone.install()
    assert len(clone.calls) == 2
    assert kept.exists()


def test_the_environment_of_another_python_is_made_anew(clone: Clone) -> None:
    clone.install()
    kept, stamp = clone.root / ".venv" / "kept", clone.root / ".venv" / "installed"
    kept.touch()
    stamp.write_text(stamp.read_text().replace(bootstrap.PYTHON, "/usr/bin/python3.9"))
    clone.install()
    assert not kept.exists()


@needs_pip
def test_where_uv_fails_pip_does_it(clone: Clone) -> None:
    clone.uv_ends_with(1)
    said = clone.install()
    assert "now with pip" in said
    assert ".venv is ready" in said
