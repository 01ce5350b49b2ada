"""The navigation leads to operations on many rows while one runs, and for a day after."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from livingdocs_import.models import Operation
from tests.api_client import Caller
from tests.operators import member, operator

LINK = 'href="/admin/livingdocs_import/operation/"'
PAGE = "/admin/password_change/"


def is_linked(client: Client) -> bool:
    cache.clear()
    return LINK in client.get(PAGE).content.decode()


def make(caller: Caller, *, hours_ago: int, **fields: Any) -> None:
    row = Operation.objects.create(project=caller.project, by="ines", kind="x", label="Archive", total=1, **fields)
    Operation.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(hours=hours_ago))


def test_without_one_there_is_no_link(times: Caller) -> None:
    assert not is_linked(operator())


@pytest.mark.parametrize(
    ("hours_ago", "state", "linked"), [(23, "done", True), (25, "done", False), (50, "running", True)]
)
def test_it_is_there_for_a_day_or_as_long_as_one_runs(times: Caller, hours_ago: int, state: str, linked: bool) -> None:
    make(times, hours_ago=hours_ago, state=state, due_at=timezone.now() if state == "running" else None)
    assert is_linked(operator()) is linked


def test_one_of_another_project_is_not_hinted_at(times: Caller, herald: Caller) -> None:
    make(herald, hours_ago=1, state="done")
    assert not is_linked(member(times="administrator"))
    assert is_linked(member(herald="viewer"))
