"""A query that is always the same gives what is there now, and is compiled once."""

from typing import Any

import pytest
from django.db.models import QuerySet

from livingdocs_import.db.compiled import Compiled
from livingdocs_import.models import Project

pytestmark = pytest.mark.django_db


def handles() -> QuerySet[Project, tuple[Any, ...]]:
    return Project.objects.filter(handle__startswith="t").order_by("handle").values_list("pk", "handle", "created_at")


def test_each_time_it_gives_what_is_there_now() -> None:
    query = Compiled(handles)
    assert query.rows() == []
    for handle in ("times", "herald", "tablet"):
        Project.objects.create(handle=handle, label="")
        assert query.rows() == list(handles())
    assert [row[1] for row in query.rows()] == ["tablet", "times"]


@pytest.mark.postgres
def test_on_postgresql_it_is_compiled_once() -> None:
    asked: list[str] = []
    query = Compiled(lambda: asked.append("queryset") or handles())  # type: ignore[func-returns-value]
    for _ in range(3):
        query.rows()
    assert asked == ["queryset"]
