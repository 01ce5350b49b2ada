"""The admin under a strict policy: the header is there, and no page needs what it forbids (THR-12)."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from livingdocs_import.models import HostBrake
from livingdocs_import.server.csp import policy
from livingdocs_import.webhooks import outbox
from media_library.models import EntryChange, MediaEntry
from tests.api_client import Caller, image_item
from tests.operators import operator

DATA_BLOCKS = {"application/json"}  # are read by scripts, never run


class Inline(HTMLParser):
    """Collects what a policy without `unsafe-inline` would block."""

    def __init__(self) -> None:
        super().__init__()
        self.blocked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        inline_script = tag == "script" and "src" not in given and given.get("type") not in DATA_BLOCKS
        if tag == "style" or inline_script:
            self.blocked.append(f"<{tag}>")
        self.blocked += [f"<{tag} {name}=…>" for name in given if name == "style" or name.startswith("on")]
        self.blocked += [f"{name}={value}" for name, value in attrs if str(value).startswith(("javascript:", "data:"))]


@pytest.fixture
def addresses(times: Caller) -> list[str]:
    """A list, a page and a form of everything the admin has, each with a row on it."""
    times.import_images(image_item("http://a.example/1"))
    outbox.notify(times.project, url="https://a.example/", subject="job x", body={})
    entry = MediaEntry.objects.create(
        project=times.project, media_type="image", base_type="mediaImage", asset={"key": "a"}, asset_key="a"
    )
    EntryChange.objects.create(entry=entry, version=1, actor="user", operations=["x"])
    HostBrake.objects.create(host="a.example:80", key=1, per_second=1)
    operator()
    found = ["/admin/", "/admin/password_change/"]
    for model, adds in {
        "imports/importjob": False,
        "imports/importitem": False,
        "media_library/mediaentry": False,
        "media_library/entrychange": False,
        "livingdocs_import/webhookdelivery": False,
        "livingdocs_import/hostbrake": True,
        "livingdocs_import/project": True,
        "livingdocs_import/projectconfigrevision": True,
        "livingdocs_import/accesstoken": True,
        "auth/user": True,
    }.items():
        row = apps.get_model(*model.split("/"))._default_manager.first()
        assert row is not None, model
        found += [f"/admin/{model}/", f"/admin/{model}/{row.pk}/change/", f"/admin/{model}/{row.pk}/history/"]
        found += [f"/admin/{model}/add/"] if adds else []
    return found


def test_no_page_has_anything_inline(addresses: list[str]) -> None:
    client = operator()
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        page = Inline()
        page.feed(answer.content.decode())
        assert page.blocked == [], address


def test_every_page_has_the_policy(addresses: list[str]) -> None:
    client = operator()
    for address in [*addresses, "/admin/nowhere/"]:
        assert client.get(address)["Content-Security-Policy"] == policy("http://testserver"), address
    assert "Content-Security-Policy" in Client().get("/admin/login/")


def test_pictures_may_come_from_where_assets_are_served_and_nothing_else_from_elsewhere() -> None:
    directives = dict(part.split(" ", 1) for part in policy("https://import.example.org/base").split("; "))
    assert directives["img-src"] == "'self' https://import.example.org"
    assert directives["default-src"] == "'self'"
    assert "unsafe" not in str(directives)


def test_the_api_is_left_alone(times: Caller) -> None:
    assert "Content-Security-Policy" not in times.get("/api/v1/health")


def test_a_developer_s_error_page_keeps_its_styles(times: Caller, settings: Any) -> None:
    settings.DEBUG = True
    assert "Content-Security-Policy" not in operator().get("/admin/nowhere/")


def test_the_admin_requires_a_login(addresses: list[str]) -> None:
    for address in addresses:
        answer = Client().get(address)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/admin/login/"), address
