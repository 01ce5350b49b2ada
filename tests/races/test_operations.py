"""An operation whose workers are killed, and whose rows others change meanwhile: each row is changed once."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devtools.checkout import ROOT
from livingdocs_import.db.clock import from_now
from livingdocs_import.models import Operation, SelectedRow
from livingdocs_import.operations import carrying_out, steps
from media_library.models import EntryChange, MediaEntry
from tests.api_client import Caller, make_project
from tests.many_entries import kind, make_entries, make_user, operation_on

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SideBySide = Callable[[Sequence[Callable[[], Any]]], list[Any]]
WORK = "import django; django.setup(); from livingdocs_import.operations import carrying_out; carrying_out.work()"


@pytest.fixture
def caller(transactional_db: None) -> Caller:
    return Caller(make_project("races"))


def start_worker() -> subprocess.Popen[bytes]:
    """A process of its own, on the database of the test."""
    at = connection.settings_dict
    address = f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
    own = {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "true"}
    return subprocess.Popen([sys.executable, "-c", WORK], cwd=ROOT, env={**os.environ, **own})


def test_killed_workers_lose_nothing_and_do_nothing_twice(caller: Caller) -> None:
    entries = make_entries(caller.project, 2_000)
    operation = operation_on(entries, make_user(caller.project), note="old")
    before = 0
    for _ in range(3):
        worker = start_worker()
        deadline = time.monotonic() + 60
        while operation.dealt_with <= before and time.monotonic() < deadline:
            time.sleep(0.02)
            operation.refresh_from_db()
        worker.kill()
        worker.wait()
        assert operation.dealt_with > before
        Operation.objects.filter(claimed=True).update(due_at=from_now(-timedelta(seconds=1)))
        operation.refresh_from_db()
        before = operation.dealt_with
    assert before < 2_000, "it was killed too late to show anything"
    carrying_out.work()
    operation.refresh_from_db()
    assert (operation.state, operation.done) == ("done", 2_000)
    changes = EntryChange.objects.filter(note="old")
    assert changes.count() == changes.values("entry").distinct().count() == 2_000
    assert set(MediaEntry.objects.values_list("archived", "version")) == {(True, 2)}


def test_two_workers_share_no_row(caller: Caller, side_by_side: SideBySide) -> None:
    user = make_user(caller.project)
    for number in range(4):
        operation_on(make_entries(caller.project, 60, f"n{number}").filter(title__startswith=f"n{number} "), user)
    side_by_side([carrying_out.work] * 4)
    carrying_out.work()
    assert set(Operation.objects.values_list("state", "done")) == {("done", 60)}
    assert EntryChange.objects.count() == 240


def test_clients_that_change_the_same_entries_are_not_disturbed(caller: Caller) -> None:
    entries = make_entries(caller.project, 200)
    operation = operation_on(entries, make_user(caller.project))
    ids = list(entries.values_list("media_id", flat=True))
    statuses: list[int] = []

    def patch() -> None:
        operations = [{"operation": "setMetadataProperty", "propertyName": "caption", "value": "x"}]
        try:
            statuses.extend(
                caller.patch(f"mediaLibrary/{id_}", {"patches": operations}).status_code for id_ in ids[:100]
            )
        finally:
            connection.close()

    thread = threading.Thread(target=patch)
    thread.start()
    carrying_out.work()
    thread.join()
    operation.refresh_from_db()
    assert (operation.done, operation.failed) == (200, 0)
    assert statuses == [200] * 100
    assert sum(MediaEntry.objects.values_list("version", flat=True)) == 200 + 200 + 100


def test_a_selection_never_leaves_the_database(caller: Caller) -> None:
    entries = make_entries(caller.project, 1_001)
    user = make_user(caller.project)
    with CaptureQueriesContext(connection) as queries:
        operation = steps.freeze(entries, kind(), user=user, project=caller.project)
    assert operation.total == SelectedRow.objects.count() == 1_001
    assert SelectedRow.objects.values("batch").distinct().count() == 21
    assert [query["sql"].split()[0] for query in queries if "selectedrow" in query["sql"]] == ["INSERT"]
