"""OIDC_ISSUER and what belongs to it: read at start, and nothing of it is there without it."""

import os
import subprocess
import sys

import pytest

from devtools.checkout import ROOT

SHOW = """
import sys, django
django.setup()
from django.urls import resolve
print(resolve("/admin/oidc/login/").url_name, resolve("/admin/logout/").func.__module__, "authlib" in sys.modules)
"""
COMPLETE = {"OIDC_ISSUER": "https://accounts.example", "OIDC_CLIENT_ID": "x"}


def started(tmp_path: object, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {"DJANGO_SETTINGS_MODULE": "config.settings", "ENV_FILE": "", "DATA_DIR": str(tmp_path), "DEBUG": "true"}
    command = [sys.executable, "-c", SHOW]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **own, **environment}, capture_output=True, text=True, check=False
    )


def test_with_an_issuer_the_pages_are_there(tmp_path: object) -> None:
    assert started(tmp_path, **COMPLETE).stdout.split() == ["oidc_login", "livingdocs_import.oidc.views", "True"]


def test_without_one_the_library_is_not_even_imported(tmp_path: object) -> None:
    name, module, imported = started(tmp_path).stdout.split()
    assert (name, imported) == ("None", "False")
    assert module != "livingdocs_import.oidc.views"


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID is missing"),
        ({"OIDC_ROLES": "desk=times"}, "is not VALUE=PROJECT:ROLE"),
        (
            {"OIDC_ISSUER": "http://a.example", "DEBUG": "false", "SECRET_KEY": "x" * 50},
            "OIDC_ISSUER has to begin with https://",
        ),
    ],
)
def test_what_is_wrong_is_said_at_start(tmp_path: object, environment: dict[str, str], problem: str) -> None:
    keys = {"FIELD_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}
    assert problem in started(tmp_path, **{**COMPLETE, **keys, **environment}).stderr
