"""A service on a fresh data folder, with one project, one token, and `manage.py serve`."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import requests

from demo.patience import GIVE_UP_SECONDS, wait_for

ROOT = Path(__file__).parent.parent
DATA = ROOT / "var" / "demo"
CONFIG = ROOT / "livingdocs_import" / "demo_config.json"
LOGIN = ("editor", "demo")
SCOPES = ("public-api:read", "public-api:write", "public-api:drafts:read")


class Service:
    """Sets up and runs the service on the embedded default; calls it over HTTP only."""

    def __init__(self, allowed: str) -> None:
        shutil.rmtree(DATA, ignore_errors=True)
        self.url = ""  # known after the start
        production = {
            "DATABASE_URL",
            "CELERY_BROKER_URL",
            "ASSET_STORAGE",
            "SECRET_KEY",
            "FIELD_ENCRYPTION_KEYS",
            "TOKEN_SIGNING_KEYS",
            "DEBUG",
            "DJANGO_SETTINGS_MODULE",
        }
        self._environment = {name: value for name, value in os.environ.items() if name not in production} | {
            "ENV_FILE": "",
            "DATA_DIR": str(DATA),
            # For the demo alone: its archive is on loopback, which is refused otherwise.
            "FETCH_ALLOWED_NETWORKS": allowed,
            "DJANGO_SUPERUSER_PASSWORD": LOGIN[1],
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.session = requests.Session()
        self.session.trust_env = False

    def manage(self, *command: str) -> str:
        """Run a management command as an operator would; returns its output."""
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            running = subprocess.Popen(
                [sys.executable, "manage.py", *command], cwd=ROOT, env=self._environment, stdout=output, stderr=errors
            )
            wait_for(f"manage.py {command[0]} is at work", lambda: running.poll() is not None)
            output.seek(0)
            errors.seek(0)
            if running.returncode:
                raise SystemExit(f"manage.py {' '.join(command)} failed:\n{output.read()}{errors.read()}")
            return output.read().strip()

    def set_up(self) -> str:
        """Create database, project and editor; returns the token."""
        self.manage("migrate", "--verbosity", "0")
        self.manage("create_project", "demo", "--label", "The Living Times", "--config", str(CONFIG))
        self.manage("createsuperuser", "--noinput", "--username", LOGIN[0], "--email", "editor@example.org")
        scopes = [part for scope in SCOPES for part in ("--scope", scope)]
        token = self.manage("create_token", "demo", "--name", "demo client", *scopes)
        self.session.headers["Authorization"] = f"Bearer {token}"
        return token

    def start(self) -> None:
        """Start, and wait until it answers."""
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._log = (DATA / "service.log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{port}"],
            cwd=ROOT,
            env=self._environment | {"PUBLIC_URL": self.url},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        wait_for("the service is starting", self._answers)

    def _answers(self) -> bool:
        """Whether it answers; ends the demo if it has exited instead of starting."""
        assert self._process is not None
        if self._process.poll() is not None:
            raise SystemExit(f"The service did not start:\n{(DATA / 'service.log').read_text()}")
        with suppress(requests.RequestException):
            return self.session.get(f"{self.url}/api/v1/health", timeout=5).ok
        return False

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the REST API; returns the parsed response, or ends the demo."""
        answer = self.session.request(method, f"{self.url}/api/v1/{path}", json=body, timeout=GIVE_UP_SECONDS)
        if not answer.ok:
            raise SystemExit(f"{method} {path} was answered with {answer.status_code}: {answer.text}")
        return answer.json()

    def wait(self) -> None:
        """Wait for Ctrl-C."""
        assert self._process is not None
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            wait_for("the service is ending", lambda: self._process is None or self._process.poll() is not None)


def _free_port() -> int:
    """8000 if it is free, any other otherwise."""
    for port in (8000, 0):
        try:
            with socket.create_server(("127.0.0.1", port)) as listener:
                return int(listener.getsockname()[1])
        except OSError:
            continue
    raise SystemExit("There is no free port on 127.0.0.1")
