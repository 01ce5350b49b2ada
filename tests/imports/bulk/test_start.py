"""The commands start without the libraries of the web server, of workers and of buckets: a second of their start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.checkout import ROOT

WITHOUT = {
    "boto3": "the library of buckets",
    "config.urls": "all views",
    "imports.worker": "what workers run",
    "livingdocs_import.admin": "the admin",
    "openpyxl": "the library of workbooks, which a process of its own reads",
    "requests": "the library that posts webhooks",
    "rest_framework.viewsets": "Django REST Framework",
}


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules that `import_images` has imported when it has read a file."""
    folder = tmp_path_factory.mktemp("started")
    database = {"DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3", "DEBUG": "true"}
    environment = {**os.environ, **database, "ENV_FILE": ""}
    manage = [sys.executable, "-X", "importtime", str(ROOT / "manage.py")]
    subprocess.run([*manage, "migrate"], env=environment, check=True, capture_output=True)
    subprocess.run([*manage, "create_project", "times"], env=environment, check=True, capture_output=True)
    return read(folder / "archive.csv", manage, environment)


def read(path: Path, manage: list[str], environment: dict[str, str]) -> set[str]:
    path.write_text("url,id,fileName\nhttps://pictures.example.org/1.jpg,1,A cat\n")
    command = [*manage, "import_images", str(path), "--project", "times", "--system-name", "archive", "--no-wait"]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert "1 posted to project times" in done.stdout
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


@pytest.mark.parametrize("module", WITHOUT)
def test_it_starts_without(module: str, imported: set[str]) -> None:
    assert "imports.bulk.run" in imported
    assert module not in imported, f"each start waits for {WITHOUT[module]}: python -X importtime shows who imports it"
