"""Every page of the admin passes axe-core and fits its window: on a desk and on a phone, light and dark."""

from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from imports.models import ImportItem
from tests.browser import DESK, PHONE, Browser
from tests.evening import UNUSED, Evening, fill
from tests.origin import Origin

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
RUN = """document.getAnimations().forEach((one) => one.finish());  // colours on their way to those of the scheme
axe.run(document, { resultTypes: ["violations"] }).then((found) => found.violations.map((one) =>
    `${one.id}: ${one.nodes.map((node) => `${node.target} ${node.failureSummary}`).join(" | ").slice(0, 600)}`))"""
WINDOWS = [(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")]


@pytest.fixture
def evening(transactional_db: None, origin: Origin, run_workers: Callable[[], None]) -> Evening:
    return fill(origin, run_workers)


@pytest.fixture
def window(live_server: Any, browser: Browser, settings: Any, evening: Evening) -> Browser:
    """A window of a superuser."""
    settings.PUBLIC_URL = live_server.url
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    browser.open(f"{live_server.url}/admin/login/")
    browser.add_cookie(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
    return browser


def lists() -> Iterator[str]:
    """The lists of all models, their newest rows, the histories of these, and the forms of new ones."""
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        if (row := model._default_manager.order_by("-pk").first()) is not None:
            yield from (reverse(f"{name}_{view}", args=[row.pk]) for view in ("change", "history"))
        yield reverse(f"{name}_add")  # a 403 where rows are not added by hand, which is a page as well


def pages(evening: Evening) -> Iterator[str]:
    """Further pages, and rows in other states."""
    failed = ImportItem.objects.filter(outcome="failed").first()
    assert failed is not None
    yield from ("/admin/", "/admin/password_change/", "/admin/media_library/mediaentry/?view=list")
    yield from ("/admin/imports/importitem/failures/", "/admin/imports/importitem/failures/?cause=http-403")
    yield from (f"{reverse('find')}?q={text}" for text in ("", "falcon", "nothing"))
    yield reverse("admin:imports_importitem_change", args=[failed.pk])
    yield reverse("admin:imports_importjob_plan", args=[evening.planned.pk])
    yield from (
        reverse("admin:imports_importjob_change", args=[job.pk])
        for job in (evening.running, evening.planned, failed.job)
    )
    yield from (
        reverse("admin:media_library_mediaentry_change", args=[entry.pk]) for entry in (evening.used, evening.unused)
    )
    yield reverse("admin:documents_document_change", args=[evening.story.pk])
    yield reverse("admin:livingdocs_import_accesstoken_change", args=[evening.token.pk])
    yield reverse("admin:livingdocs_import_accesstoken_rotate", args=[evening.token.pk])
    yield reverse("admin:livingdocs_import_webhookdelivery_change", args=[evening.given_up.pk])
    yield reverse("admin:livingdocs_import_project_change", args=[evening.times.project.pk])


def questions(evening: Evening) -> Iterator[tuple[str, str]]:
    """Pages, and the form on each that leads to a question."""
    yield reverse("admin:imports_importjob_change", args=[evening.running.pk]), "form[action*='/act/cancel/']"
    yield reverse("admin:imports_importjob_change", args=[evening.photos.pk]), "form[action*='/act/replay/']"
    entry = reverse("admin:media_library_mediaentry_change", args=[evening.used.pk])
    yield from ((entry, f"form[action*='/act/{name}/']") for name in ("revoke", "archive"))


def problems(window: Browser, page: str) -> Iterator[str]:
    """What axe-core finds on the present page, and whether it is too wide."""
    for width, scheme in WINDOWS:
        window.resize(width)
        window.prefer(scheme)
        if (wider := window.overflow()) > 0:
            yield f"{page} at {width}: {wider} pixels too wide"
        window.devtools("Runtime.evaluate", expression=AXE)
        found = window.devtools("Runtime.evaluate", expression=RUN, awaitPromise=True, returnByValue=True)
        yield from (f"{page} at {width}, {scheme}: {one}" for one in found["result"]["value"])


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_page_passes(evening: Evening, window: Browser, live_server: Any) -> None:
    found: list[str] = []
    for page in dict.fromkeys([*pages(evening), *lists()]):
        window.open(live_server.url + page)
        found += problems(window, page)
    for page, form in questions(evening):
        window.open(live_server.url + page)
        window.run("document.querySelector(arguments[0]).submit()", form)
        window.wait_until(lambda: window.run("return !!document.querySelector('[name=yes]')"))
        found += problems(window, f"{page} {form}")
    assert not found, "\n".join(found)


def test_the_dataset_has_what_the_pages_are_about(evening: Evening) -> None:
    assert evening.unused.external_id == UNUSED
    assert evening.story.version == 2
