"""Hidden columns cannot be queried in the admin: the query string of a list only accepts its filters."""

import re
import string
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.db import models
from django.test import RequestFactory
from django.urls import reverse

from livingdocs_import.admin.lookups import OnlyFilters
from livingdocs_import.models import AccessToken, Project
from tests.api_client import Caller
from tests.operators import operator

PROJECTS = "/admin/livingdocs_import/project/"
DEPTH = 2  # relations that are followed
admin.autodiscover()  # else the classes are imported with the URLs, after this module
LISTS = sorted(admin.site._registry.items(), key=lambda entry: entry[0]._meta.label)
each_list = pytest.mark.parametrize("listed", [on for _, on in LISTS], ids=[model._meta.label for model, _ in LISTS])


def lookups(model: Any, depth: int = DEPTH) -> Iterator[tuple[str, Any]]:
    """Every question that Django can put about a model: `field__lookup`, `relation__field__lookup`."""
    for field in model._meta.get_fields():
        if field.is_relation and depth and field.related_model:
            inside = ((f"{field.name}__{path}", last) for path, last in lookups(field.related_model, depth - 1))
            yield from inside
        if not field.auto_created or field.concrete:
            yield field.name, field
            yield from ((f"{field.name}__{name}", field) for name in field.get_lookups())


def is_plain(field: Any) -> bool:
    """What may be asked for: yes or no, one of a few words, or the key of another row."""
    return bool(isinstance(field, models.BooleanField) or field.choices or field.is_relation or field.primary_key)


@each_list
def test_a_list_can_be_asked_for_choices_and_keys_and_for_nothing_else(listed: Any) -> None:
    """M1"""
    asked = RequestFactory().get("/")
    asked.user = User(is_superuser=True)
    assert isinstance(listed, OnlyFilters)
    own = {
        getattr(each, "parameter_name", "") for each in listed.get_list_filter(asked)
    }  # these look up what they like
    asked_for = [(path, field) for path, field in lookups(listed.model) if path not in own]
    allowed = [(path, field) for path, field in asked_for if listed.lookup_allowed(path, "x", asked)]
    assert [path for path, field in allowed if not is_plain(field)] == []
    assert {path.rpartition("__")[2] for path, _ in allowed} <= {"exact", "isnull"}


@each_list
def test_what_is_searched_and_sorted_by_is_shown_as_well(listed: Any) -> None:
    hidden = re.compile("secret|digest|password|payload|config|url|webhook|metadata|content$|asset$", re.IGNORECASE)
    named = [*listed.search_fields, *(name for name in listed.list_display if isinstance(name, str))]
    assert [name for name in named if hidden.search(name) and name != "configuration"] == []


def test_a_webhook_secret_is_not_revealed_letter_by_letter(times: Caller) -> None:
    """M1: the attack itself, with the least rights that see the list."""
    Project.objects.update(webhook_secret="s3cret")
    client = operator("livingdocs_import.view_project")
    assert client.get(PROJECTS).status_code == 200

    reported = ""
    for _ in "s3cret":
        for letter in string.ascii_lowercase + string.digits:
            page = client.get(f"{PROJECTS}?webhook_secret__regex=^{reported}{letter}")
            if page.status_code == 200 and "times" in page.content.decode():
                reported += letter
                break
    assert reported == ""
    assert client.get(f"{PROJECTS}?webhook_secret__regex=^s").status_code == 400


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("livingdocs_import/accesstoken", "digest__startswith=a"),
        ("livingdocs_import/accesstoken", "project__webhook_secret__regex=^s"),
        ("livingdocs_import/projectconfigrevision", "config__contains=secret"),
        ("livingdocs_import/webhookdelivery", "url__regex=token"),
        ("livingdocs_import/webhookdelivery", "body__contains=token"),
        ("media_library/mediaentry", "source_url__contains=signature"),
        ("imports/importjob", "webhook__contains=token"),
        ("imports/importjob", "token__digest__startswith=a"),
        ("imports/importitem", "payload__regex=("),  # a bad expression was a 500
        ("imports/importitem", "job__webhook__contains=token"),
        ("auth/user", "password__startswith=pbkdf2"),
        ("auth/user", "email__regex=^a"),
        ("auth/user", "groups__user__password__startswith=pbkdf2"),
        ("livingdocs_import/project", "q=%00"),  # so was this
        ("imports/importitem", "reason=%00"),
        ("imports/importitem", "job=%00"),
        ("imports/importitem", "reason=" + "a" * 1001),
        ("imports/importitem", "&".join(f"a{n}=1" for n in range(51))),
    ],
)
def test_other_questions_are_refused(times: Caller, page: str, query: str) -> None:
    assert operator().get(f"/admin/{page}/?{query}").status_code == 400


NO_KEYS = ["abc", "-1", "9" * 19, "9" * 5_000, "\0", "٣²"]


@each_list
def test_what_is_selected_for_an_action_are_keys_of_rows(listed: Any, db: None) -> None:
    """Each was a 500."""
    client, page = operator(), reverse(f"admin:{listed.opts.app_label}_{listed.opts.model_name}_changelist")
    for text in NO_KEYS:
        chosen = {"action": "any", "index": "0", ACTION_CHECKBOX_NAME: ["1", text]}
        assert client.post(page, chosen).status_code == 400, text


def test_a_form_or_a_button_for_no_row_is_no_error(times: Caller) -> None:
    """A number of thirty digits was a 500."""
    client = operator()
    for text in NO_KEYS:
        for page, name in (("livingdocs_import/projectconfigrevision", "project"), ("documents/revision", "document")):
            assert client.get(f"/admin/{page}/add/", {name: text}).status_code in (200, 404), text
        assert client.post("/admin/imports/importjob/act/cancel/", {"object": text}).status_code == 302, text


def test_filters_of_operators_still_filter(times: Caller) -> None:
    client = operator()
    assert client.get("/admin/auth/user/?is_superuser__exact=1").status_code == 200
    page = client.get(f"/admin/livingdocs_import/accesstoken/?project__id__exact={times.project.pk}&state=usable")
    assert AccessToken.objects.get().public_id in page.content.decode()
