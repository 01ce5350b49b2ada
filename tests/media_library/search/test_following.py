"""The search of entries follows the log of their changes (docs/adr/0028)."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports import housekeeping_rounds
from imports.housekeeping import sweep
from imports.project_deletion import delete_project
from media_library.entries.validity import refresh_expired
from media_library.housekeeping import follow_entries
from media_library.models import EntryChange, EntryIndex, IndexedEntry, MediaEntry
from media_library.search import following, index
from media_library.search.find import find
from media_library.search.indexed import FORMAT
from tests import images
from tests.api_client import Caller, image_item
from tests.media_library.entries.test_create import create, image
from tests.origin import Origin, Reply

FAR = "2999-01-01T00:00:00.000Z"


def found(caller: Caller, text: str) -> list[str]:
    ids = find([caller.project.pk], text, "search").entry_ids
    return sorted(MediaEntry.objects.filter(pk__in=ids).values_list("media_id", flat=True))


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("index_entries", *arguments, stdout=said)
    return said.getvalue()


def patch(caller: Caller, media_id: str, value: str, **fields: Any) -> None:
    patches = [{"operation": "setMetadataProperty", "propertyName": "caption", "value": value}]
    assert caller.patch(f"mediaLibrary/{media_id}", {"patches": patches} | fields, "2026-07").status_code == 200


@pytest.fixture
def indexed(times: Caller) -> Caller:
    """The index has begun."""
    follow_entries()
    return times


def test_a_round_of_housekeeping_lets_it_be_found(indexed: Caller) -> None:
    create(indexed, image(id="a", metadata={"caption": "A warm lake"}))
    assert found(indexed, "lake") == []
    sweep(notify_imports=lambda: None)
    assert found(indexed, "lake") == ["a"]


@pytest.mark.django_db
def test_it_is_done_promptly() -> None:
    assert "entries_indexed" in housekeeping_rounds.claim_tidying(files=False)
    assert "entries_indexed" not in housekeeping_rounds.claim_tidying(files=False), "another process has begun it"


def test_an_imported_image_is_found_by_title_file_and_caption(
    indexed: Caller, origin: Origin, run_workers: Callable[[], None]
) -> None:
    item = {"id": "urn:dpa:1", "fileName": "Der Bahnhofplatz", "metadata": {"caption": "Zürich im Schnee"}}
    job = indexed.import_images(image_item(origin.reply("/a.png", Reply(images.png())), **item))
    run_workers()
    assert indexed.status(job)["images"][0]["state"] == "success"
    follow_entries()
    (media_id,) = MediaEntry.objects.values_list("media_id", flat=True)
    for text in ("bahnhof", "zurich schnee", "urn:dpa:1", "dpa", '"im schnee"', media_id):
        assert found(indexed, text) == [media_id], text
    assert found(indexed, "schnee zug") == []


def test_an_import_writes_nothing_for_the_search(
    indexed: Caller, origin: Origin, run_workers: Callable[[], None]
) -> None:
    """Imports stay as fast as they were."""
    with CaptureQueriesContext(connection) as queries:
        indexed.import_images(image_item(origin.reply("/a.png", Reply(images.png()))))
        run_workers()
        create(indexed, image(id="a"))
        patch(indexed, "a", "changed")
    tables = (IndexedEntry._meta.db_table, EntryIndex._meta.db_table)
    assert [query["sql"] for query in queries for table in tables if table in query["sql"]] == []


def test_what_is_changed_is_found_by_what_it_is_now(indexed: Caller) -> None:
    create(indexed, image(id="a", metadata={"caption": "old"}))
    follow_entries()
    patch(indexed, "a", "new", preserveUpdatedAt=True)
    follow_entries()
    assert (found(indexed, "old"), found(indexed, "new")) == ([], ["a"])


def test_up_to_date_it_asks_one_question(indexed: Caller) -> None:
    create(indexed, image(id="a"))
    follow_entries()
    with CaptureQueriesContext(connection) as queries:
        assert follow_entries() == 0
    assert len(queries) == 1


def test_a_change_of_validity_is_no_reason_to_index(indexed: Caller) -> None:
    create(indexed, image(id="a", metadata={"validity": {"from": FAR}}))
    follow_entries()
    MediaEntry.objects.update(metadata={}, validity_changes_at=timezone.now())
    assert refresh_expired() == 1
    assert EntryChange.objects.count() == 2
    assert follow_entries() == 0
    assert following.is_behind() is False


def test_twice_does_no_harm(indexed: Caller) -> None:
    create(indexed, image(id="a", metadata={"caption": "lake"}), image(id="b"))
    follow_entries()
    before = list(IndexedEntry.objects.order_by("pk").values())
    EntryIndex.objects.update(read_up_to=0, complete_up_to=0)
    assert follow_entries() == 0, "the rows have these versions"
    EntryIndex.objects.update(filled_up_to=0)
    assert follow_entries() == 2
    assert list(IndexedEntry.objects.order_by("pk").values()) == before
    assert found(indexed, "lake") == ["a"]


def test_a_process_that_dies_in_the_middle_loses_nothing(indexed: Caller) -> None:
    """The database rolls back what it has not committed: rows and progress are one transaction."""
    create(indexed, image(id="a", metadata={"caption": "lake"}))
    with transaction.atomic():
        assert next(following.batches()) == 1
        transaction.set_rollback(True)
    assert found(indexed, "lake") == []
    assert follow_entries() == 1
    assert found(indexed, "lake") == ["a"]


# --- What is there already -------------------------------------------------------------------------------------------


def test_a_filled_library_is_indexed_from_the_first_entry_on(times: Caller) -> None:
    create(times, *(image(id=f"e{number}", metadata={"caption": "lake"}) for number in range(5)))
    EntryChange.objects.all().delete()  # purged by age
    assert run() == "5 media entries indexed\n"
    assert len(found(times, "lake")) == 5
    assert EntryIndex.objects.get().filled_up_to is None
    assert run() == "0 media entries indexed\n", "up to date"
    assert run("--again") == "5 media entries indexed\n"


def test_a_library_that_was_filled_is_followed_by_the_command_as_well(times: Caller) -> None:
    create(times, image(id="a", metadata={"caption": "lake"}))
    assert run() == "1 media entries indexed\n"
    create(times, image(id="b", metadata={"caption": "lake"}))
    patch(times, "a", "river")
    assert run() == "2 media entries indexed\n"
    assert (found(times, "lake"), found(times, "river")) == (["b"], ["a"])
    assert run() == "0 media entries indexed\n"


def test_an_interrupted_run_goes_on_where_it_was(times: Caller) -> None:
    create(times, *(image(id=f"e{number}", metadata={"caption": "lake"}) for number in range(5)))
    rest = following.batches(2)
    assert next(rest) == 2
    rest.close()
    assert len(found(times, "lake")) == 2
    create(times, image(id="meanwhile", metadata={"caption": "lake"}))
    assert next(following.batches(2)) == 1, "what happens comes before what was there"
    assert "meanwhile" in found(times, "lake")
    run()
    assert len(found(times, "lake")) == 6


def test_another_format_indexes_all_anew(indexed: Caller) -> None:
    create(indexed, image(id="a"))
    follow_entries()
    EntryIndex.objects.update(format=FORMAT + 1)
    create(indexed, image(id="b"))
    assert follow_entries() == 0, "a process of a later version does it"
    EntryIndex.objects.update(format=FORMAT - 1)
    IndexedEntry.objects.update(version=99)
    follow_entries()
    assert list(IndexedEntry.objects.values_list("version", flat=True)) == [1, 1]


# --- What is gone ----------------------------------------------------------------------------------------------------


def test_with_a_project_its_rows_go(indexed: Caller, herald: Caller) -> None:
    for caller in (indexed, herald):
        create(caller, image(id=f"a-{caller.project.handle}"), image(id=f"b-{caller.project.handle}"))
    follow_entries()
    delete_project(indexed.project, by="test", say=lambda _: None)
    assert set(IndexedEntry.objects.values_list("project", flat=True)) == {herald.project.pk}


def test_a_row_that_was_written_while_its_entry_was_deleted_is_forgotten_with_the_project(
    indexed: Caller, herald: Caller
) -> None:
    create(indexed, image(id="a"))
    create(herald, image(id="b"))
    follow_entries()
    kept = MediaEntry.objects.get(media_id="b").pk
    IndexedEntry.objects.filter(project=indexed.project).update(entry=kept + 1000)
    index.forget(indexed.project)
    assert list(IndexedEntry.objects.values_list("pk", flat=True)) == [kept]


def test_rows_of_entries_that_are_gone_go_with_the_next_filling(indexed: Caller) -> None:
    create(indexed, image(id="a"), image(id="b"), image(id="c"))
    follow_entries()
    for media_id in ("b", "c"):
        entry = MediaEntry.objects.get(media_id=media_id)
        entry.changes.all().delete()
        MediaEntry.objects.filter(pk=entry.pk).update(id=entry.pk + 1000)
    assert run("--again") == "3 media entries indexed\n"
    assert set(IndexedEntry.objects.values_list("pk")) == set(MediaEntry.objects.values_list("pk"))
