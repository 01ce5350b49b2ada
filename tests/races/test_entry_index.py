"""Entries are indexed by several processes while transactions commit late, in another order than they began."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from imports.project_deletion import delete_project
from livingdocs_import.db.writers import open_writers
from livingdocs_import.models import Project
from media_library.models import EntryChange, EntryIndex, IndexedEntry, MediaEntry
from media_library.search import following
from media_library.search.find import find
from tests.api_client import Caller, make_project
from tests.media_library.entries.test_create import create, image

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SideBySide = Callable[[Sequence[Callable[[], Any]]], list[Any]]
SECONDS = 30.0


@pytest.fixture
def caller(transactional_db: None) -> Caller:
    following.follow(SECONDS)
    return Caller(make_project("races"))


@contextmanager
def uncommitted(work: Callable[[], Any]) -> Iterator[None]:
    """Within the block another transaction has done this and is still open; it commits at the end."""
    written, commit = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            work()
            written.set()
            assert commit.wait(SECONDS)
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    assert written.wait(SECONDS)
    try:
        yield
    finally:
        commit.set()
        thread.join()


def creating(caller: Caller, media_id: str) -> Callable[[], Any]:
    return lambda: create(caller, image(id=media_id, metadata={"caption": "lake"}))


def found(caller: Caller) -> list[str]:
    ids = find([caller.project.pk], "lake", "search").entry_ids
    return sorted(MediaEntry.objects.filter(pk__in=ids).values_list("media_id", flat=True))


def test_a_transaction_that_commits_late_is_not_missed(caller: Caller) -> None:
    with uncommitted(creating(caller, "late")):
        create(caller, image(id="early", metadata={"caption": "lake"}))
        following.follow(SECONDS)
        assert found(caller) == ["early"]
        state = EntryIndex.objects.get()
        assert state.complete_up_to < state.read_up_to
        assert following.follow(SECONDS) == 0
    assert MediaEntry.objects.get(media_id="late").changes.get().pk < state.read_up_to
    assert following.follow(SECONDS) == 1
    assert found(caller) == ["early", "late"]
    assert following.is_behind() is False


def test_one_that_is_rolled_back_is_waited_for_no_longer(caller: Caller) -> None:
    with transaction.atomic():
        create(caller, image(id="lost", metadata={"caption": "lake"}))
        transaction.set_rollback(True)
    create(caller, image(id="kept", metadata={"caption": "lake"}))
    following.follow(SECONDS)
    assert found(caller) == ["kept"]
    assert following.is_behind() is False


def test_what_was_being_written_when_the_index_began_is_found(caller: Caller) -> None:
    EntryIndex.objects.all().delete()
    with uncommitted(creating(caller, "late")):
        create(caller, image(id="early", metadata={"caption": "lake"}))
        following.follow(SECONDS)
        assert EntryIndex.objects.get().format == 0, "it begins when that has ended"
    following.follow(SECONDS)
    assert found(caller) == ["early", "late"]


def test_rows_that_are_being_written_while_a_project_goes_go_with_it(caller: Caller) -> None:
    """No constraint holds the entries for them: the one that deletes waits for the rows."""
    creating(caller, "a")()

    def delete() -> None:
        delete_project(caller.project, by="test", say=lambda _: None)
        connection.close()

    deletion = threading.Thread(target=delete)
    with uncommitted(lambda: next(following.batches())):
        deletion.start()
        until = time.monotonic() + SECONDS
        while MediaEntry.objects.exists() and time.monotonic() < until:
            time.sleep(0.05)
        deletion.join(0.5)
        assert deletion.is_alive(), "it waits for the transaction that writes the rows"
    deletion.join()
    assert not Project.objects.exists()
    assert not IndexedEntry.objects.exists()


def test_other_transactions_are_not_waited_for(caller: Caller) -> None:
    """Only those that write to the log: an hour of something else delays nothing."""
    with uncommitted(creating(caller, "late")):
        assert len(open_writers(EntryChange)) == 1
        assert open_writers(IndexedEntry) == []
    assert open_writers(EntryChange) == []


def test_all_is_indexed_as_it_is_in_the_end(caller: Caller, side_by_side: SideBySide) -> None:
    """Writers, two rounds of housekeeping and the command at once."""

    def write(name: str) -> None:
        for number in range(15):
            create(caller, image(id=f"{name}-{number}", metadata={"caption": "first"}))
            patches = [{"operation": "setMetadataProperty", "propertyName": "caption", "value": "lake"}]
            assert caller.patch(f"mediaLibrary/{name}-{number}", {"patches": patches}).status_code == 200

    def housekeeping() -> None:
        for _ in range(10):
            following.follow(0.1)

    def command() -> None:
        call_command("index_entries", "--again", stdout=StringIO())

    writers = [lambda name=name: write(name) for name in "abc"]
    assert side_by_side([*writers, housekeeping, housekeeping, command]) == [None] * 6
    following.follow(SECONDS)
    assert following.is_behind() is False
    assert len(found(caller)) == 45
    versions = dict(MediaEntry.objects.values_list("pk", "version"))
    assert dict(IndexedEntry.objects.values_list("pk", "version")) == versions
    assert set(versions.values()) == {2}
