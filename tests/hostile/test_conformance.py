"""Requests that Schemathesis derives from the OpenAPI documents: no 5xx, and no response that is not described.

Four versions always; the others, and values at the limits of each parameter, by `make fuzz`.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from devtools.checkout import ROOT
from livingdocs_import.api.versions import NAMES
from tests.web import web_server

MINUTES = float(os.environ.get("HOSTILE_MINUTES", "0"))
ALWAYS = ("v1", "2025-11", "2026-01", NAMES[-1])
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
SCOPES = ("public-api:read", "public-api:write", "public-api:drafts:read")
ENTRY = {
    "id": "asze63i9",  # as in the examples
    "mediaType": "image",
    "asset": {
        "key": "cats/1.jpg", "url": "https://cdn.example.org/cats/1.jpg", "size": 5, "width": 1, "height": 1,
        "filename": "1.jpg", "mimeType": "image/jpeg",
    },
    "metadata": {"title": "A cat"},
}  # fmt: skip


@dataclass(frozen=True)
class Service:
    """A running service with one project."""

    address: str
    token: str


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")

    def manage(*command: str) -> str:
        environment = os.environ | {"DATA_DIR": str(folder), "DATABASE_URL": "", "ENV_FILE": "", "DEBUG": "true"}
        done = [sys.executable, "manage.py", *command]
        return subprocess.run(done, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout

    manage("migrate")
    manage("create_project", "times", "--config", "livingdocs_import/demo_config.json")
    scopes = [argument for scope in SCOPES for argument in ("--scope", scope)]
    token = manage("create_token", "times", "--name", "schemathesis", *scopes).split()[-1]
    with web_server(folder, DEBUG="true") as web:
        address = f"http://127.0.0.1:{web.port}"
        entry = requests.post(
            f"{address}/api/v1/import/mediaLibrary",
            json={"mediaLibraryEntries": [ENTRY]},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        assert entry.json()["mediaLibraryEntries"][0]["ok"]
        yield Service(address, token)


@pytest.mark.slow
@pytest.mark.timeout(0 if MINUTES else 240)
@pytest.mark.parametrize("version", NAMES)
def test_requests_of_all_shapes_are_answered_as_described(service: Service, version: str, tmp_path: Path) -> None:
    if not MINUTES and version not in ALWAYS:
        pytest.skip("by `make fuzz`")
    examples, phases = ("50", "examples,coverage,fuzzing") if MINUTES else ("4", "examples,fuzzing")
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{service.address}/api/{version}/openapi.json"),
        *("--header", f"Authorization: Bearer {service.token}", "--checks", ",".join(CHECKS)),
        *("--phases", phases, "--max-examples", examples, "--seed", "1"),
        *("--no-shrink", "--suppress-health-check", "all", "--warnings", "off", "--continue-on-failure"),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr
