"""The search follows the events of publications (docs/adr/0028)."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents import services
from documents.housekeeping import follow_publications
from documents.management.commands.index_publications import Command
from documents.models import Document, IndexedPublication, IndexedValue, OutdatedPublication, PublicationIndex
from documents.search import following
from imports import housekeeping_rounds
from imports.housekeeping import sweep
from imports.project_deletion import delete_project
from livingdocs_import.models import Project, ProjectConfigRevision
from livingdocs_import.project_config import store
from tests.api_client import make_project, store_unreadable_config
from tests.archive import SEARCHED, Archive

WITH_NOT_INDEXED = [
    each | {"config": {"index": True}} if each["handle"] == "notIndexed" else each
    for each in SEARCHED["contentTypes"][0]["metadata"]
]


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("index_publications", *arguments, stdout=said)
    return said.getvalue()


def test_a_round_of_housekeeping_lets_it_be_found(archive: Archive) -> None:
    """SEA-06"""
    document_id = archive.bring("a", "words")
    assert archive.find() == []
    sweep(notify_imports=lambda: None)
    assert archive.find(search="words") == [document_id]


def test_rounds_come_often_enough() -> None:
    """Ten seconds are promised: the next look, the round before, and the steps beside it."""
    assert housekeeping_rounds.PROMPT_EVERY.total_seconds() + housekeeping_rounds.TICK <= 5


@pytest.mark.django_db
def test_it_is_a_round_of_its_own() -> None:
    assert "publications_indexed" in housekeeping_rounds.claim_tidying(files=False)
    assert "publications_indexed" not in housekeeping_rounds.claim_tidying(files=False), "another process has begun it"


def test_a_publication_takes_the_place_of_the_one_before(archive: Archive) -> None:
    archive.publish("a", "old", metadata={"rating": 1})
    document_id = archive.publish("a", "new", metadata={"rating": 2})
    assert archive.find(search="old") == []
    assert archive.find(search="new") == [document_id]
    assert archive.find(filters={"key": "metadata.rating", "range": {"lt": 2}}) == []


def test_what_is_unpublished_or_deleted_is_gone_after_the_next_round(archive: Archive) -> None:
    unpublished, deleted = archive.publish("a", "words"), archive.publish("b", "words")
    services.unpublish(Document.objects.get(pk=unpublished), by="ines")
    services.delete(Document.objects.get(pk=deleted), by="ines")
    follow_publications()
    assert archive.answer()["total"] == 0
    assert not IndexedPublication.objects.exists()
    assert not IndexedValue.objects.exists()


def test_it_comes_again_with_its_publication(archive: Archive) -> None:
    document_id = archive.publish("a", "words")
    document = Document.objects.get(pk=document_id)
    services.unpublish(document, by="ines")
    follow_publications()
    services.publish(Document.objects.get(pk=document_id), by="ines")
    follow_publications()
    assert archive.find(search="words") == [document_id]


def embargoed(archive: Archive, *commands: dict[str, Any], document_id: int) -> list[int]:
    answer = archive.newsroom.caller.patch(f"documents/{document_id}/commands", {"commands": list(commands)})
    assert answer.status_code == 204, answer.content
    follow_publications()
    return archive.find(filters={"key": "publishControl.embargo.enforced", "term": True})


def test_an_embargo_on_what_stays_published_is_followed_without_an_event(archive: Archive) -> None:
    """SEA-02"""
    document_id = archive.publish("a")
    past, future = "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"
    assert embargoed(archive, {"operation": "setEmbargo", "until": future}, document_id=document_id) == [document_id]
    until = {"key": "publishControl.embargo.until", "range": {"gt": "now"}}
    assert archive.find(filters=until) == [document_id]
    assert embargoed(archive, {"operation": "setEmbargo", "until": past}, document_id=document_id) == []
    assert embargoed(archive, {"operation": "setEmbargo"}, document_id=document_id) == [document_id]
    assert embargoed(archive, {"operation": "removeEmbargo"}, document_id=document_id) == []
    assert not OutdatedPublication.objects.exists()


def test_an_import_writes_nothing_for_the_search(archive: Archive) -> None:
    """Imports stay as fast as they were."""
    with CaptureQueriesContext(connection) as queries:
        archive.bring("a", "words")
    tables = (IndexedPublication, IndexedValue, PublicationIndex, OutdatedPublication)
    touched = [query["sql"] for query in queries for model in tables if model._meta.db_table in query["sql"]]
    assert touched == []


def test_up_to_date_it_asks_one_question(archive: Archive) -> None:
    archive.publish("a")
    with CaptureQueriesContext(connection) as queries:
        assert follow_publications() == 0
    assert len(queries) == 1


def test_twice_does_no_harm(archive: Archive) -> None:
    document_id = archive.publish("a", "words", metadata={"rating": 1})
    before = (list(IndexedPublication.objects.values()), IndexedValue.objects.count())
    PublicationIndex.objects.update(last_number=0)
    assert follow_publications() == 1
    assert (list(IndexedPublication.objects.values()), IndexedValue.objects.count()) == before
    assert archive.find(search="words") == [document_id]


# --- What is there already -------------------------------------------------------------------------------------------


def test_a_filled_installation_is_indexed_from_the_first_document_on(archive: Archive) -> None:
    ids = [archive.bring(f"{number}", "words") for number in range(5)]
    assert run() == "times: 5 publications looked at\n"
    assert sorted(archive.find(search="words")) == ids
    assert PublicationIndex.objects.get().filled_up_to is None
    assert run() == "times: 0 publications looked at\n", "up to date"
    assert run("--project", "times", "--again") == "times: 5 publications looked at\n"


def test_an_interrupted_run_goes_on_where_it_was(archive: Archive) -> None:
    ids = [archive.bring(f"{number}", "words") for number in range(5)]
    rest = following.batches(archive.newsroom.caller.project, 2)
    assert next(rest) == 2
    rest.close()
    assert len(archive.find(search="words")) == 2
    ids.append(archive.bring("meanwhile", "words"))
    run()
    assert sorted(archive.find(search="words")) == ids


def test_what_happens_comes_before_what_was_there(archive: Archive) -> None:
    for number in range(5):
        archive.bring(f"{number}", "words")
    assert next(following.batches(archive.newsroom.caller.project, 2)) == 2
    fresh = archive.bring("fresh", "words")
    assert next(following.batches(archive.newsroom.caller.project, 2)) == 1
    assert fresh in archive.find()


def test_a_large_archive_does_not_keep_another_project_waiting(archive: Archive, times: Any) -> None:
    for number in range(6):
        archive.bring(f"{number}", "words")
    make_project("herald")
    first = [next(following.batches(project, 2), None) for project in following.behind()]
    assert first == [2, None]
    assert PublicationIndex.objects.filter(filled_up_to=None).count() == 1


def test_a_property_that_is_indexed_from_now_on_is_found_in_older_publications(archive: Archive) -> None:
    """SEA-03"""
    document_id = archive.publish("a", metadata={"notIndexed": 7})
    filters = {"key": "metadata.notIndexed", "term": 7}
    assert archive.refused(filters=filters)
    archive.configure(metadata=WITH_NOT_INDEXED)
    follow_publications()
    assert archive.find(filters=filters) == [document_id]


def test_another_configuration_with_the_same_rules_changes_nothing(archive: Archive) -> None:
    archive.publish("a")
    archive.configure(info={"label": "Another name"})
    assert follow_publications() == 0
    assert following.behind() == []


def test_what_is_of_no_content_type_any_more_is_not_found(archive: Archive) -> None:
    """PUB-02"""
    archive.publish("a")
    project = archive.newsroom.caller.project
    without = [each for each in SEARCHED["contentTypes"] if each["handle"] != "article"]
    store.store(project, SEARCHED | {"contentTypes": without}, by="test")
    assert archive.answer()["results"] == []
    follow_publications()
    assert archive.answer()["total"] == 0


def test_a_process_with_an_older_configuration_undoes_nothing(archive: Archive) -> None:
    """SEA-03: it ends, and the next look has the newer configuration."""
    for number in range(6):
        archive.bring(f"{number}", metadata={"notIndexed": 7})
    stale = Project.objects.get()
    older = following.batches(stale, 2)
    assert next(older) == 2
    archive.configure(metadata=WITH_NOT_INDEXED)
    newer = following.batches(Project.objects.get(), 2)
    assert [next(newer), next(newer)] == [2, 2]
    state = PublicationIndex.objects.values().get()
    assert list(older) == []
    assert PublicationIndex.objects.values().get() == state
    assert next(following.batches(stale, 2)) == 2, "the project is read again"
    assert list(newer) == []
    assert len(archive.find(filters={"key": "metadata.notIndexed", "term": 7})) == 6
    assert following.behind() == []


def test_a_configuration_that_is_published_while_the_command_is_at_work_ends_it(archive: Archive) -> None:
    archive.publish("a", metadata={"notIndexed": 7})
    command, stale = Command(stdout=StringIO()), Project.objects.get()
    archive.configure(metadata=WITH_NOT_INDEXED)
    assert command.index(stale) == 1
    assert command.index(stale) == 0
    assert len(archive.find(filters={"key": "metadata.notIndexed", "term": 7})) == 1


def test_a_project_that_fails_stops_no_other(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    """The revision that its row names is missing."""
    failing = Project.objects.create(pk=archive.newsroom.caller.project.pk - 1, handle="failing", config_revision=99)
    assert following.behind()[0] == failing
    ids = [archive.bring(name, "words") for name in ("a", "b")]
    with pytest.raises(ProjectConfigRevision.DoesNotExist):
        follow_publications()
    assert sorted(archive.find(search="words")) == ids
    assert "project failing: its publications cannot be indexed" in caplog.text


def test_a_configuration_that_cannot_be_read_stops_no_other_project(archive: Archive) -> None:
    store_unreadable_config(make_project("broken"))
    document_id = archive.publish("a", "words")
    assert archive.find() == [document_id]
    assert "broken" in run()


# --- Projects --------------------------------------------------------------------------------------------------------


def test_with_a_project_all_its_rows_go(archive: Archive, run_workers: Callable[[], None]) -> None:
    archive.publish("a", "words", metadata={"rating": 1})
    archive.bring("b", "not indexed yet")
    delete_project(archive.newsroom.caller.project, by="test", say=lambda _: None)
    for model in (IndexedPublication, IndexedValue, PublicationIndex, OutdatedPublication):
        assert not model._default_manager.exists()


def test_rows_that_were_written_while_documents_went_are_deleted_with_the_project(archive: Archive) -> None:
    """The rows are written by another process than the one that deletes: nothing holds the documents for them."""
    document_id = archive.publish("a", "words")
    IndexedPublication.objects.filter(document=document_id).update(document=10**9)
    delete_project(archive.newsroom.caller.project, by="test", say=lambda _: None)
    assert not IndexedPublication.objects.exists()
