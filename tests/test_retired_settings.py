"""A removed setting that is still set names its replacement."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core import checks

from config.retired_settings import SUCCESSORS, warnings
from devtools.checkout import documented_variables

ROOT = Path(__file__).resolve().parent.parent
OLD = {"OLD_SECONDS": "Set NEW_SECONDS, which counts in seconds, too."}
STARTS = {
    "web": "import config.wsgi",
    "worker and beat": "import config; config.celery_app.loader.import_default_modules()",
    "commands": "import sys, manage; sys.argv = ['manage.py', 'check']; manage.execute_from_command_line(sys.argv)",
}


def test_a_retired_variable_is_named_with_its_successor() -> None:
    sentence = "OLD_SECONDS is set, but it is not read any more. Set NEW_SECONDS, which counts in seconds, too."
    assert warnings({"OLD_SECONDS": ""}, OLD) == [sentence]
    assert warnings({"OLD_SECONDS_FILE": "/run/old"}, OLD) == [sentence.replace("SECONDS is", "SECONDS_FILE is")]
    assert warnings({"NEW_SECONDS": "5", "OLDER_SECONDS": "5"}, OLD) == []


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_every_program_says_so_once_when_it_starts(tmp_path: Path, start: str) -> None:
    retire = f"from config import retired_settings; retired_settings.SUCCESSORS.update({OLD!r})"
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "",
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    reported = [
        subprocess.run(
            [sys.executable, "-c", f"{retire}; {start}"], cwd=ROOT, env=environment | given, capture_output=True,
            text=True, check=True,
        ).stderr.count("OLD_SECONDS is set, but it is not read any more. Set NEW_SECONDS")
        for given in ({}, {"OLD_SECONDS": "5"})
    ]  # fmt: skip
    assert reported == [0, 1]


def test_the_check_before_a_deployment_warns_of_it(settings: Any) -> None:
    settings.RETIRED_SETTINGS = warnings({"OLD_SECONDS": "5"}, OLD)
    found = [message for message in checks.run_checks(include_deployment_checks=True) if message.id == "LI.W003"]
    assert [message.msg for message in found] == settings.RETIRED_SETTINGS


def test_what_is_retired_is_documented_no_more() -> None:
    assert SUCCESSORS.keys() & set(documented_variables((ROOT / ".env.example").read_text())) == set()
