"""Make .venv out of nothing but a Python, or write the requirement files anew.

    python3 scripts/bootstrap.py requirements.txt        what the service needs
    python3 scripts/bootstrap.py requirements-oidc.txt   the same, and what logging in by OpenID Connect needs
    python3 scripts/bootstrap.py requirements-dev.txt    all of this, and what its tests and checks need
    python3 scripts/bootstrap.py lock [--upgrade]        these files again, from pyproject.toml

Standard library only. Packages come from the index of this machine's pip, and only if their hashes are in
the requirement file. uv does the work in seconds; where it cannot be had or cannot reach the index, pip does the same
in a minute. A second call with nothing changed costs a twentieth of a second.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST, TOO_NEW = (3, 11), (3, 14)
# Before anything that needs Python 3.6 or newer: every python3 must get to this line.
if not OLDEST <= tuple(sys.version_info[:2]) < TOO_NEW:
    sys.exit(
        f"livingdocs-import needs Python 3.11, 3.12 or 3.13, and {sys.executable} is {sys.version.split()[0]}. "
        "Name another one: make PYTHON=python3.11 …"
    )

ROOT = Path(__file__).resolve().parent.parent
VENV, TOOLS = ROOT / ".venv", ROOT / ".tools"
STAMP = VENV / "installed"  # fingerprint of .venv; missing while it is being changed
RUNTIME, DEVELOPMENT, FOR_UV = "requirements.txt", "requirements-dev.txt", "requirements-uv.txt"
WITH_OIDC = "requirements-oidc.txt"
UV = "uv>=0.13.8,<0.14"
# The interpreter itself, also when called from inside a .venv that is about to be replaced.
PYTHON = os.path.realpath(sys.executable)
PIP_HABITS = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore", "PIP_NO_INPUT": "1", "PIP_QUIET": "2",
    "PIP_REQUIRE_HASHES": "1", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_USER": "0",
}  # fmt: skip
NO_PIP = f"""\
{PYTHON} can neither run pip nor make a virtual environment that has it, so nothing can be installed.
One of these helps:
  Debian, Ubuntu:  apt install python3-venv
  Fedora, RHEL:    dnf install python3-pip
  anywhere:        put uv on the PATH
"""
INTO_VENV = ["--python", str(VENV / "bin" / "python")]


def main(arguments: list[str]) -> None:
    """Run the command line; see the head of this file."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two terminals, one fresh clone
        try:
            if arguments in (["lock"], ["lock", "--upgrade"]):
                write_requirements(*arguments[1:])
            elif arguments in ([RUNTIME], [WITH_OIDC], [DEVELOPMENT]):
                install(arguments[0])
            else:
                sys.exit(__doc__)
        except subprocess.CalledProcessError as error:
            sys.exit(f"{' '.join(error.cmd)} has failed; the lines above say why.")


def install(requirements: str) -> None:
    """Install REQUIREMENTS into .venv, unless that was done already. Development includes runtime."""
    has = STAMP.read_text() if STAMP.exists() and (VENV / "bin" / "python").exists() else ""
    if has in (fingerprint(requirements), fingerprint(DEVELOPMENT)):
        return
    started = time.monotonic()
    print(f"preparing .venv from {requirements} …", file=sys.stderr)
    STAMP.unlink(missing_ok=True)
    try:
        if not has.endswith(f"{PYTHON} {sys.version}"):  # else it is changed in place: a service may run from it
            run(PYTHON, "-m", "venv", "--clear", "--without-pip", str(VENV))
        run(find_uv(), "pip", "sync", "--quiet", "--require-hashes", *INTO_VENV, requirements, env=uv_environment())
    except (OSError, subprocess.CalledProcessError):
        print("uv did not get there; now with pip, which takes about a minute …", file=sys.stderr)
        run(PYTHON, "-m", "venv", "--clear", "--without-pip", str(VENV))
        pip(*INTO_VENV, "install", "-r", requirements)
    STAMP.write_text(fingerprint(requirements))
    print(f".venv is ready (Python {sys.version.split()[0]}, {time.monotonic() - started:.1f} s).", file=sys.stderr)


def fingerprint(requirements: str) -> str:
    """The inputs of .venv: the listed packages and the interpreter."""
    return f"{hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()} {PYTHON} {sys.version}"


def find_uv() -> str:
    """The uv on the PATH, or our own in .tools, which pip installs if needed."""
    ours = TOOLS / "uv" / "bin" / "uv"
    if not shutil.which("uv") and not ours.exists():
        # --target also works where the system's Python refuses installations (PEP 668).
        pip("install", "--upgrade", "--target", str(TOOLS / "uv"), "-r", FOR_UV)
    return shutil.which("uv") or str(ours)


def pip(*arguments: str) -> None:
    """Run this Python's own pip, or one in a small environment in .tools; ignores a personal pip.conf."""
    program = PYTHON
    if not succeeds(PYTHON, "-m", "pip", "--version"):
        program = str(TOOLS / "pip" / "bin" / "python")
        if not succeeds(program, "-m", "pip", "--version") and not succeeds(PYTHON, "-m", "venv", str(TOOLS / "pip")):
            sys.exit(NO_PIP)
    run(program, "-m", "pip", *arguments, env=os.environ | PIP_HABITS)


def uv_environment() -> dict[str, str]:
    """The environment with pip's index and certificates: uv does not read pip's configuration."""
    theirs = {"SSL_CERT_FILE": pip_setting("cert")}
    if "UV_INDEX_URL" not in os.environ:
        theirs["UV_DEFAULT_INDEX"] = pip_setting("index-url")
    return {name: value for name, value in theirs.items() if value} | os.environ


def pip_setting(name: str) -> str:
    """NAME in pip's files or PIP_* variables, the nearest first; "" if it is not set or there is no pip."""
    listed = subprocess.run([PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    found = dict(re.findall(rf"^(\S+)\.{name}='(.+)'$", listed.stdout, re.MULTILINE))  # global.index-url='https://…'
    return found.get(":env:") or found.get("install") or found.get("global") or ""


def write_requirements(*options: str) -> None:
    """Resolve for every supported platform and Python. Without --upgrade, pins that still fit are kept."""
    resolve = [find_uv(), "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header", *options]
    resolve += ["--python-version", ".".join(map(str, OLDEST)), "--output-file"]
    environment = uv_environment()
    run(*resolve, RUNTIME, "pyproject.toml", env=environment)
    # The same versions in all files: tests run what production runs.
    oidc = ["--extra", "oidc", "--constraints", RUNTIME]
    run(*resolve, WITH_OIDC, *oidc, "pyproject.toml", env=environment)
    run(*resolve, DEVELOPMENT, "--extra", "dev", *oidc, "--constraints", WITH_OIDC, "pyproject.toml", env=environment)
    run(*resolve, FOR_UV, "--no-annotate", "-", env=environment, given=UV)


def run(*command: str, env: dict[str, str] | None = None, given: str = "") -> None:
    """Run COMMAND in the checkout, showing its output. Raises CalledProcessError."""
    subprocess.run(command, cwd=ROOT, env=env, input=given, text=True, check=True)


def succeeds(*command: str) -> bool:
    """Whether COMMAND succeeds; its output is discarded."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    main(sys.argv[1:])
