"""Make .venv out of nothing but a Python, or write the requirement files anew.

    python3 scripts/bootstrap.py requirements.txt        what the service needs
    python3 scripts/bootstrap.py requirements-dev.txt    the same, and what its tests and checks need
    python3 scripts/bootstrap.py lock [--upgrade]        both files again, from pyproject.toml

Standard library only. Packages come from wherever this machine's pip is told to look, and only if their hashes are in
the requirement file. uv does the work in seconds; where it cannot be had or cannot reach the index, pip does the same
in a minute. A second call with nothing changed costs a twentieth of a second.
"""

import ast
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST, TOO_NEW = (3, 11), (3, 14)
# Before anything newer than Python 3.6 can parse or evaluate: this file must reach this line on every python3 there is.
if not OLDEST <= tuple(sys.version_info[:2]) < TOO_NEW:
    sys.exit(
        f"livingdocs-import needs Python 3.11, 3.12 or 3.13, and {sys.executable} is {sys.version.split()[0]}. "
        "Name another one: make PYTHON=python3.11 …"
    )

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed"  # what is in .venv; missing while that is being changed
TOOLS = ROOT / ".tools"
RUNTIME, DEVELOPMENT, FOR_UV = "requirements.txt", "requirements-dev.txt", "requirements-uv.txt"
UV = "uv>=0.13.8,<0.14"
# The interpreter itself, also when we are called from inside a .venv that is about to be replaced.
PYTHON = os.path.realpath(sys.executable)

NO_PIP = f"""\
{PYTHON} can neither run pip nor make a virtual environment that has it, so nothing can be installed.
One of these helps:
  Debian, Ubuntu:  apt install python3-venv
  Fedora, RHEL:    dnf install python3-pip
  anywhere:        put uv on the PATH
"""


def main(arguments: list[str]) -> None:
    """Do what the command line says; see the head of this file."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two terminals, one fresh clone
        if arguments in (["lock"], ["lock", "--upgrade"]):
            write_requirements(*arguments[1:])
        elif arguments in ([RUNTIME], [DEVELOPMENT]):
            install(arguments[0])
        else:
            sys.exit(__doc__)


def install(requirements: str) -> None:
    """Bring .venv to what REQUIREMENTS lists, unless it is there already. Development includes runtime."""
    with contextlib.suppress(FileNotFoundError):
        python_works = (VENV / "bin" / "python").exists()  # false for a link to an interpreter that is gone
        if python_works and STAMP.read_text() in (fingerprint(requirements), fingerprint(DEVELOPMENT)):
            return
    started = time.monotonic()
    say(f"preparing .venv from {requirements} …")
    try:
        install_with_uv(requirements)
    except (OSError, subprocess.CalledProcessError):
        say("uv did not get there; now with pip, which takes about a minute …")
        try:
            install_with_pip(requirements)
        except subprocess.CalledProcessError:
            sys.exit(f"The packages in {requirements} could not be installed; the lines above say why.")
    STAMP.write_text(fingerprint(requirements))
    say(f".venv is ready (Python {sys.version.split()[0]}, {time.monotonic() - started:.1f} s).")


def fingerprint(requirements: str) -> str:
    """What .venv depends on: the listed packages and the interpreter."""
    content = (ROOT / requirements).read_bytes()
    return f"{hashlib.sha256(content).hexdigest()} {PYTHON} {sys.version}"


def install_with_uv(requirements: str) -> None:
    """Make .venv hold exactly REQUIREMENTS. An existing one is changed in place: a service may be running from it."""
    uv, environment = find_uv(), uv_environment()
    made_here = STAMP.exists() and STAMP.read_text().endswith(f"{PYTHON} {sys.version}")
    STAMP.unlink(missing_ok=True)
    if not made_here:
        run(uv, "venv", "--quiet", "--clear", "--python", PYTHON, str(VENV), env=environment)
    target = ["--python", str(VENV / "bin" / "python")]
    run(uv, "pip", "sync", "--quiet", "--require-hashes", *target, str(ROOT / requirements), env=environment)


def install_with_pip(requirements: str) -> None:
    """The slow way round, for a machine where uv cannot be had or is not let through."""
    pip = find_pip()
    run(PYTHON, "-m", "venv", "--clear", "--without-pip", str(VENV))
    target = ["--python", str(VENV / "bin" / "python")]
    run(*pip, *target, "install", "-qq", "--require-hashes", "-r", str(ROOT / requirements), env=pip_environment())


def find_uv() -> str:
    """The uv on the PATH, or our own in .tools, which pip fetches if need be."""
    on_path = shutil.which("uv")
    if on_path:
        return on_path
    ours = TOOLS / "uv" / "bin" / "uv"
    if not ours.exists():
        # --target is allowed where the system's Python otherwise refuses to be installed into (PEP 668).
        where = ["--upgrade", "--target", str(TOOLS / "uv")]
        run(*find_pip(), "install", "-qq", "--require-hashes", *where, "-r", str(ROOT / FOR_UV), env=pip_environment())
    return str(ours)


def find_pip() -> list[str]:
    """A pip that runs: this Python's own, or one in a small environment in .tools."""
    own = [PYTHON, "-m", "pip"]
    if succeeds(*own, "--version"):
        return own
    ours = TOOLS / "pip" / "bin" / "python"
    if not ours.exists() and not succeeds(PYTHON, "-m", "venv", "--clear", str(TOOLS / "pip")):
        shutil.rmtree(TOOLS / "pip", ignore_errors=True)
        sys.exit(NO_PIP)
    return [str(ours), "-m", "pip"]


def pip_environment() -> dict[str, str]:
    """Ours, without the habits of a personal pip.conf that do not fit an environment made for one checkout."""
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore", "PIP_NO_INPUT": "1"}
    return {**os.environ, **quiet, "PIP_REQUIRE_VIRTUALENV": "0", "PIP_USER": "0"}


def uv_environment() -> dict[str, str]:
    """Ours, with the index and the certificates that pip was told to use: uv does not read pip's configuration."""
    environment = dict(os.environ)
    if "UV_INDEX_URL" not in environment:
        add(environment, "UV_DEFAULT_INDEX", pip_setting("index-url"))
    add(environment, "SSL_CERT_FILE", pip_setting("cert"))
    return environment


def add(environment: dict[str, str], name: str, value: str) -> None:
    """Set NAME unless somebody did, or there is nothing to say."""
    if value:
        environment.setdefault(name, value)


def pip_setting(name: str) -> str:
    """What pip's files or PIP_* variables say for NAME, the nearest first; "" if nothing does or there is no pip."""
    listed = subprocess.run([PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    found = {}
    for line in listed.stdout.splitlines():  # global.index-url='https://…'
        key, _, value = line.partition("=")
        scope, _, option = key.rpartition(".")
        if option == name:
            found[scope] = str(ast.literal_eval(value))
    return next((found[scope] for scope in (":env:", "install", "global") if found.get(scope)), "")


def write_requirements(*options: str) -> None:
    """Resolve for every supported platform and Python. Without --upgrade, pins that still fit stay as they are."""
    uv, environment = find_uv(), uv_environment()
    compile_ = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header", *options]
    compile_ += ["--python-version", ".".join(map(str, OLDEST))]
    run(*compile_, "pyproject.toml", "--output-file", RUNTIME, env=environment)
    # The same versions in both files: what is tested is what runs.
    same = ["--extra", "dev", "--constraints", RUNTIME]
    run(*compile_, *same, "pyproject.toml", "--output-file", DEVELOPMENT, env=environment)
    run(*compile_, "--no-annotate", "-", "--output-file", FOR_UV, env=environment, given=UV)


def run(*command: str, env: dict[str, str] | None = None, given: str = "") -> None:
    """Run COMMAND in the checkout, its output shown. Raises CalledProcessError."""
    subprocess.run(command, cwd=ROOT, env=env, input=given, text=True, check=True)


def succeeds(*command: str) -> bool:
    """Whether COMMAND ends well; what it prints is of no interest."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def say(line: str) -> None:
    """One line for the person waiting."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
