"""A worker, which has no URLs, knows the operations of the admin and the rights that its classes declare."""

import os
import subprocess
import sys
from pathlib import Path

from devtools.checkout import ROOT

PROGRAM = """
import django
django.setup()
from imports import tasks
from livingdocs_import.operations.kinds import of_all_apps
kind = of_all_apps().get("media_library.mediaentry.archive")
from livingdocs_import.admin.rights import access_to
from media_library.models import MediaEntry
print(kind.permission, access_to(MediaEntry).path)
"""


def test_it_finds_an_operation_and_who_may_do_it(tmp_path: Path) -> None:
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(tmp_path), "DEBUG": "true", "ENV_FILE": ""}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True
    )
    assert (ran.stdout.split(), ran.returncode) == (["media_library.change_mediaentry", "project"], 0), ran.stderr
