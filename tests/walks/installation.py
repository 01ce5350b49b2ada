"""The service as an operator installs it by the README: a checkout of its own, with what `make runtime` installs."""

import base64
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from devtools.checkout import ROOT, procfile
from devtools.servers import NotAvailable
from livingdocs_import.server.orphan_reaper import OrphanReaper, kill_group
from scripts import bootstrap

HOST = "import.example.org"
STOP_SECONDS = 30  # docs/operations.md, "Deploying"
UNREACHABLE = re.compile("after connection broken by|error sending request|network was disabled")  # pip's words, uv's
NOT_PRODUCTION = shutil.ignore_patterns(".*", "benchmarks", "tests", "var", "__pycache__")


def _signing_key() -> str:
    key = ed25519.Ed25519PrivateKey.generate()
    form = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return base64.b64encode(key.private_bytes(*form)).decode()


@dataclass(frozen=True)
class Installation:
    """A folder with the service in it. Its commands see the settings in `.env`, and nothing of our environment."""

    root: Path

    @property
    def programs(self) -> Path:
        """Where the README has the `PATH` begin."""
        return self.root / ".venv" / "bin"

    @property
    def modules(self) -> list[str]:
        """The dotted names of all Python modules of the service."""
        paths = [path.relative_to(self.root).with_suffix("") for path in sorted(self.root.rglob("*.py"))]
        ours = [path for path in paths if not path.parts[0].startswith(".") and path.name != "__main__"]
        names = [".".join(path.parts).removesuffix(".__init__") for path in ours]
        return [name.removeprefix("client.src.") for name in names]

    @property
    def commands(self) -> list[str]:
        """The management commands of our own apps."""
        return sorted(path.stem for path in self.root.glob("*/management/commands/[!_]*.py"))

    def configure(self, **settings: str) -> None:
        """Write `.env`: what the README asks for, and SETTINGS."""
        lines = {
            "SECRET_KEY": base64.b64encode(os.urandom(48)).decode(),
            "FIELD_ENCRYPTION_KEYS": base64.b64encode(os.urandom(32)).decode(),
            "TOKEN_SIGNING_KEYS": _signing_key(),
            "PUBLIC_URL": f"https://{HOST}",
            "ALLOWED_HOSTS": HOST,
            "DATABASE_URL": "postgresql://nobody@localhost/nothing",
            "CELERY_BROKER_URL": "redis://localhost:1/0",
            "ASSET_STORAGE": f"file://{self.root}/assets",
        } | settings
        (self.root / ".env").write_text("".join(f"{name}={value}\n" for name, value in lines.items()))

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; what it prints, and its exit code."""
        return subprocess.run(
            command, cwd=self.root, env=self._environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip

    def manage(self, *command: str) -> str:
        """Run a management command that must succeed; what it prints."""
        done = self.run("python", "manage.py", *command)
        assert done.returncode == 0, done.stdout
        return done.stdout.strip()

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start a line of the Procfile, in a process group of its own; what it prints goes to `log(name)`."""
        with self._log(name).open("wb") as output:
            return subprocess.Popen(
                ["sh", "-c", f"exec {procfile()[name]}"], cwd=self.root, env=self._environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip

    def log(self, name: str) -> str:
        """What the program has printed so far."""
        return self._log(name).read_text()

    def _log(self, name: str) -> Path:
        return self.root / f"{name}.log"

    @property
    def _environment(self) -> dict[str, str]:
        return {"PATH": f"{self.programs}:{os.defpath}", "HOME": str(self.root), "LANG": "C.UTF-8"}


@dataclass(frozen=True)
class Programs:
    """Lines of the Procfile that run."""

    installation: Installation
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    reapers: list[OrphanReaper] = field(default_factory=list)

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start the line of that name."""
        process = self.running[name] = self.installation.start(name)
        self.reapers.append(OrphanReaper(process.pid, grace=0))
        return process

    def all_run(self) -> bool:
        """True; fails with the log of a program that has ended."""
        for name, process in self.running.items():
            assert process.poll() is None, f"{name} has ended:\n{self.installation.log(name)}"
        return True

    def stop(self) -> None:
        """Send SIGTERM to each main process. Fails unless all end well, and their children too, in STOP_SECONDS."""
        until = time.monotonic() + STOP_SECONDS
        for process in self.running.values():
            process.terminate()
        for name, process in self.running.items():
            code = process.wait(max(0, until - time.monotonic()))
            assert code == 0, f"{name} ended with {code}:\n{self.installation.log(name)}"
            while _group_is_there(process.pid):
                assert time.monotonic() < until, f"{name} has left children behind"
                time.sleep(0.05)


@contextmanager
def programs_of(installation: Installation) -> Iterator[Programs]:
    """Programs that end with the block, whatever happens, and with us if we are killed before."""
    programs = Programs(installation)
    try:
        yield programs
    finally:
        for process in programs.running.values():
            kill_group(process.pid)
            process.wait()
        for reaper in programs.reapers:
            reaper.dismiss()


def _group_is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def install(folder: Path) -> Installation:
    """Copy the checkout into FOLDER, without what only its tests need, and `make runtime` there.

    Without a network, uv's cache is enough if it has everything; otherwise NotAvailable is raised. What else goes wrong
    is a mistake of ours and fails the test.
    """
    root = folder / "livingdocs-import"
    shutil.copytree(ROOT, root, ignore=NOT_PRODUCTION)
    output = ""
    for network in ({}, {"UV_OFFLINE": "true"}):
        environment = _for_make() | network
        command = ["make", "runtime", f"PYTHON={bootstrap.PYTHON}"]
        done = subprocess.run(
            command, cwd=root, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return Installation(root)
        output += done.stdout
        assert UNREACHABLE.search(done.stdout), output
    raise NotAvailable("no packages can be had: neither from the network nor from uv's cache")


def _for_make() -> dict[str, str]:
    """Our environment without what an outer `make` has put there, with the uv that this checkout has fetched."""
    theirs = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return theirs | {"PATH": f"{os.environ['PATH']}:{bootstrap.TOOLS / 'uv' / 'bin'}"}
