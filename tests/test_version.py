"""The version stands in pyproject.toml alone; `/ready`, `manage.py status` and the admin show it."""

import contextlib
import tomllib
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from livingdocs_import import VERSION
from tests.operators import operator

ROOT = Path(__file__).resolve().parent.parent


def test_it_is_the_one_of_the_project() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_ready_reports_it(client: Client, db: None) -> None:
    assert client.get("/ready").json()["version"] == VERSION


def test_status_begins_with_it_also_when_something_is_wrong(db: None) -> None:
    said = StringIO()
    with contextlib.suppress(CommandError):
        call_command("status", stdout=said)
    assert said.getvalue().startswith(f"version: {VERSION}\n")


@pytest.mark.parametrize("page", ["/admin/", "/admin/imports/importjob/"])
def test_each_page_of_the_admin_ends_with_it(db: None, page: str) -> None:
    assert f"livingdocs-import {VERSION}. All times are UTC." in operator().get(page).content.decode()


def test_it_is_secret_without_a_login(client: Client, db: None) -> None:
    assert VERSION not in client.get("/admin/login/").content.decode()
