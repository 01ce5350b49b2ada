"""Publications are indexed by several processes while new configurations are published."""

from collections.abc import Callable, Sequence
from io import StringIO
from typing import Any

import pytest

from documents.management.commands.index_publications import Command
from documents.models import IndexedPublication, IndexedValue, PublicationIndex
from documents.search import following
from documents.search.properties import rules
from livingdocs_import.models import Project
from livingdocs_import.project_config import store
from tests.api_client import Caller, document_item, make_project
from tests.archive import CONTENT_TYPE, SEARCHED
from tests.newsroom import PUBLISH
from tests.workers import drain

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SideBySide = Callable[[Sequence[Callable[[], Any]]], list[Any]]
DOCUMENTS = 60


def config(*indexed: str) -> dict[str, Any]:
    """Articles whose numbers of these names are indexed."""
    metadata = [
        {"handle": name, "type": "li-integer", "config": {"index": name in indexed}} for name in ("rating", "votes")
    ]
    title = {"handle": "title", "type": "li-text"}
    others = [each for each in SEARCHED["contentTypes"] if each["handle"] != "article"]
    return SEARCHED | {"contentTypes": [CONTENT_TYPE | {"metadata": [title, *metadata]}, *others]}


def test_all_is_indexed_by_the_newest_configuration_in_the_end(side_by_side: SideBySide) -> None:
    """SEA-03: two commands that began before the last configuration was published, and housekeeping."""
    caller = Caller(make_project("races"))
    store.store(caller.project, config("rating"), by="test")
    caller.import_documents(
        *(document_item(flags=PUBLISH, metadata={"rating": n, "votes": n}) for n in range(DOCUMENTS))
    )
    drain()
    stale = Project.objects.get()

    def housekeeping() -> None:
        for _ in range(4):
            following.follow(0.2)

    def publish() -> None:
        project = Project.objects.get()
        for indexed in (["votes"], [], ["rating", "votes"]):
            store.store(project, config(*indexed), by="test")
            next(following.batches(project, 7), None)

    commands = [lambda: Command(stdout=StringIO()).index(stale)] * 2
    results = side_by_side([*commands, housekeeping, publish])
    assert [result for result in results if isinstance(result, Exception)] == []
    assert [type(result) for result in results[:2]] == [int, int], "both commands end"
    Command(stdout=StringIO()).index(stale)
    state, project = PublicationIndex.objects.get(), Project.objects.get()
    assert (state.rules, state.config_revision) == (rules(store.current(project)), project.config_revision)
    assert state.filled_up_to is None
    assert IndexedPublication.objects.count() == DOCUMENTS
    assert IndexedValue.objects.filter(key="metadata.votes").count() == DOCUMENTS
    assert IndexedValue.objects.filter(key="metadata.rating").count() == DOCUMENTS
