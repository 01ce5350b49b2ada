"""A service on a fresh data folder, with one project, one token, and `manage.py serve`."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx

from demo.address import Address
from demo.patience import GIVE_UP_SECONDS, wait_for
from livingdocs_import_client import Client

ROOT = Path(__file__).parent.parent
CONFIG = ROOT / "livingdocs_import" / "demo_config.json"
LOGIN = ("editor", "demo")
SCOPES = ("public-api:read", "public-api:write", "public-api:drafts:read")
OF_PRODUCTION = {
    "DATABASE_URL",
    "CELERY_BROKER_URL",
    "ASSET_STORAGE",
    "SECRET_KEY",
    "FIELD_ENCRYPTION_KEYS",
    "TOKEN_SIGNING_KEYS",
    "DEBUG",
    "DJANGO_SETTINGS_MODULE",
}


class Service:
    """Sets up and runs the service on the embedded default; calls it over HTTP only."""

    def __init__(self, address: Address, data: Path, *allowed: str) -> None:
        shutil.rmtree(data, ignore_errors=True)
        self.address, self.url, self.token = address, address.url, ""
        self.data = data
        ours = {name: value for name, value in os.environ.items() if name not in OF_PRODUCTION}
        given = os.environ.get("FETCH_ALLOWED_NETWORKS", "")
        self._environment = ours | {
            "ENV_FILE": "",
            "DATA_DIR": str(data),
            "PUBLIC_URL": self.url,
            "ALLOWED_HOSTS": "*" if address.is_any else f"localhost,127.0.0.1,[::1],{httpx.URL(self.url).host}",
            # Addresses in private networks are refused otherwise, and so are those of this machine.
            "FETCH_ALLOWED_NETWORKS": ",".join([*allowed, *filter(None, [given])]),
            "DJANGO_SUPERUSER_PASSWORD": LOGIN[1],
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.http = httpx.Client(trust_env=False, timeout=GIVE_UP_SECONDS)

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

    def set_up(self) -> None:
        """Create database, project, editor and token."""
        self.manage("migrate", "--verbosity", "0")
        self.manage("create_project", "demo", "--label", "The Living Times", "--config", str(CONFIG))
        self.manage("createsuperuser", "--noinput", "--username", LOGIN[0], "--email", "editor@example.org")
        scopes = [part for scope in SCOPES for part in ("--scope", scope)]
        self.token = self.manage("create_token", "demo", "--name", "demo client", *scopes)

    def start(self) -> None:
        """Start, and wait until it answers."""
        with (self.data / "service.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--bind", self.address.text],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_for("the service is starting", self._answers)

    def _answers(self) -> bool:
        """Whether it answers; ends the demo if it has exited instead of starting."""
        assert self._process is not None
        if self._process.poll() is not None:
            raise SystemExit(f"The service did not start:\n{(self.data / 'service.log').read_text()}")
        with suppress(httpx.HTTPError):
            return self.http.get(f"{self.url}/api/v1/health", timeout=5).is_success
        return False

    def client(self) -> Client:
        """A client of the project."""
        return Client(self.url, self.token, http=self.http)

    def wait(self) -> None:
        """Wait for Ctrl-C."""
        assert self._process is not None
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            wait_for("the service is ending", lambda: self._process is None or self._process.poll() is not None)
