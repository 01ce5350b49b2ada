"""The whole service, as `manage.py serve` runs it, for tests of its client."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devtools.checkout import ROOT
from tests.processes import Running

SECRET = "whsec_dGhlIHNlY3JldCBvZiBhIHdlYmhvb2s="  # of webhooks
SCOPES = ("public-api:read", "public-api:write", "public-api:drafts:read")
SET_UP = """
import django, sys
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("create_project", "gazette", "--config", sys.argv[1], stdout=sys.stderr)
call_command("create_token", "gazette", "--name", "tests", *(f"--scope={scope}" for scope in sys.argv[2:]))
"""


@dataclass(frozen=True)
class Service:
    """Where the service is, and a token that may do everything."""

    url: str
    token: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables from which clients take both."""
        return {"LIVINGDOCS_IMPORT_API": self.url, "LIVINGDOCS_IMPORT_TOKEN": self.token}


@contextmanager
def running_service(folder: Path, allowed: str) -> Iterator[Service]:
    """Web server and worker on SQLite, one project whose webhooks are signed; what it may fetch from is `allowed`."""
    config = json.loads((ROOT / "livingdocs_import" / "demo_config.json").read_text())
    config["settings"]["import"]["webhookSecret"] = SECRET
    (folder / "data").mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    ours = {
        "DATA_DIR": str(folder / "data"), "DATABASE_URL": "", "CELERY_BROKER_URL": "", "ENV_FILE": "",
        "DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "true", "PYTHONUNBUFFERED": "1",
        "FETCH_ALLOWED_NETWORKS": allowed,
    }  # fmt: skip
    set_up = [sys.executable, "-c", SET_UP, str(folder / "config.json"), *SCOPES]
    done = subprocess.run(set_up, cwd=ROOT, env=os.environ | ours, stdout=subprocess.PIPE, text=True, check=True)
    running = Running(sys.executable, str(ROOT / "manage.py"), "serve", "--bind", "127.0.0.1:0", **ours)
    try:
        yield Service(running.line(r"livingdocs-import on (\S+),")[1], done.stdout.strip())
    finally:
        running.process.terminate()
        running.process.wait()
        running.stop()
