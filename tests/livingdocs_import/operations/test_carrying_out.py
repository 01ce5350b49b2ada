"""Operations on many rows: a frozen selection, carried out in batches, each row once, by the rights of the moment."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.utils import timezone

from livingdocs_import import housekeeping
from livingdocs_import.db.clock import from_now
from livingdocs_import.models import Membership, Operation, SelectedRow
from livingdocs_import.operations import carrying_out, kinds, steps
from livingdocs_import.operations.kinds import Batch, BatchResult, Kind
from livingdocs_import.project_config import store
from livingdocs_import.work_queue import shutdown
from media_library.models import EntryChange, MediaEntry
from tests.api_client import CONFIG, Caller
from tests.many_entries import kind, make_entries, make_user, operation_on


@pytest.fixture
def anna(times: Caller) -> User:
    """An operator of the first project."""
    return make_user(times.project)


def state_of(operation: Operation) -> tuple[str, int, int, int]:
    operation.refresh_from_db()
    return operation.state, operation.done, operation.skipped, operation.failed


def test_the_rows_that_were_chosen_are_changed_as_one_by_one(times: Caller, anna: User) -> None:
    entries = make_entries(times.project, 120)
    entries.filter(title="picture 5").update(archived=True)
    operation = operation_on(entries, anna, note="old")
    make_entries(times.project, 1, "later")
    assert carrying_out.work() == 3
    assert state_of(operation) == ("done", 119, 1, 0)
    assert not MediaEntry.objects.get(title="later 0").archived
    assert MediaEntry.objects.filter(archived=True).count() == 120
    changes = EntryChange.objects.filter(actor="user", actor_name="anna", note="old")
    assert changes.count() == changes.values("entry").distinct().count() == 119
    assert LogEntry.objects.filter(user=anna, change_message="Archive").count() == 119


def test_nothing_happens_before_it_is_confirmed_and_it_begins_once(times: Caller, anna: User) -> None:
    entries = make_entries(times.project, 3)
    operation = steps.freeze(entries, kind(), user=anna, project=times.project)
    assert carrying_out.work() == 0
    assert steps.begin(operation, {})
    assert not steps.begin(operation, {})
    carrying_out.work()
    assert not steps.begin(operation, {}), "an ended one does not begin again"
    assert state_of(operation) == ("done", 3, 0, 0)


def test_a_cancelled_operation_keeps_what_is_done(times: Caller, anna: User) -> None:
    done = []

    def cancel_in_the_second(batch: Batch) -> BatchResult:
        done.extend(batch.keys)
        if len(done) == 4:
            steps.cancel(Operation.objects.get(), note="cancelled by anna")
        return BatchResult(done=len(batch.keys))

    kinds.kinds.register(
        Kind("test.two", "Two", "media_library.change_mediaentry", cancel_in_the_second, "admin:index", rows=2)
    )
    entries = make_entries(times.project, 10)
    operation = steps.freeze(entries, kinds.kinds.get("test.two"), user=anna, project=times.project)  # type: ignore[arg-type]
    steps.begin(operation, {})
    carrying_out.work()
    assert state_of(operation)[:2] == ("cancelled", 4)
    assert len(done) == 4
    assert not steps.cancel(operation, note="again")


def test_who_lost_the_role_changes_nothing_more(times: Caller, anna: User) -> None:
    operation = operation_on(make_entries(times.project, 3), anna)
    Membership.objects.filter(user=anna).update(role="viewer")
    carrying_out.work()
    assert state_of(operation) == ("cancelled", 0, 0, 0)
    assert operation.note == "stopped: anna may not do this any more"
    assert not MediaEntry.objects.filter(archived=True).exists()


@pytest.mark.parametrize("change", ["inactive", "deleted"])
def test_who_may_not_log_in_any_more_changes_nothing(times: Caller, anna: User, change: str) -> None:
    operation = operation_on(make_entries(times.project, 3), anna)
    if change == "deleted":
        anna.delete()
    else:
        User.objects.update(is_active=False)
    carrying_out.work()
    assert state_of(operation) == ("cancelled", 0, 0, 0)


def test_rows_of_a_project_in_which_the_role_is_lost_fail_one_by_one(times: Caller, herald: Caller, anna: User) -> None:
    Membership.objects.create(user=anna, project=herald.project, role="operator")
    make_entries(times.project, 2)
    make_entries(herald.project, 2)
    operation = steps.freeze(MediaEntry.objects.all(), kind(), user=anna, project=None)
    steps.begin(operation, {})
    Membership.objects.filter(user=anna, project=herald.project).delete()
    carrying_out.work()
    assert state_of(operation) == ("done", 2, 0, 2)
    assert set(operation.failures.values_list("reason", flat=True)) == {"your role in the project does not allow it"}
    assert not MediaEntry.objects.filter(project=herald.project, archived=True).exists()


def test_a_row_that_cannot_be_changed_stops_no_other(times: Caller, anna: User) -> None:
    entries = make_entries(times.project, 5)
    entries.filter(title="picture 2").update(media_type="gone")
    operation = operation_on(entries, anna)
    carrying_out.work()
    assert state_of(operation) == ("done", 4, 0, 1)
    failure = operation.failures.get()
    assert failure.name == str(MediaEntry.objects.get(title="picture 2"))
    assert failure.reason == "The media type 'gone' is not configured any more"


def test_an_unexpected_error_is_one_of_its_row(times: Caller, anna: User) -> None:
    operation = operation_on(make_entries(times.project, 2), anna, nonsense="x")
    carrying_out.work()
    assert state_of(operation) == ("done", 0, 0, 2)
    assert {failure.reason for failure in operation.failures.all()} == {"an internal error, see the log"}


def test_rows_that_are_gone_are_skipped(times: Caller, anna: User) -> None:
    entries = make_entries(times.project, 3)
    operation = operation_on(entries, anna)
    entries.filter(title="picture 1").delete()
    carrying_out.work()
    assert state_of(operation) == ("done", 2, 1, 0)


def test_a_process_that_stops_leaves_the_rest_to_the_next(times: Caller, anna: User) -> None:
    def stop(batch: Batch) -> BatchResult:
        shutdown.ask()
        return BatchResult(done=len(batch.keys))

    stopping = Kind("test.stop", "Stop", "media_library.change_mediaentry", stop, "admin:index", rows=1)
    kinds.kinds.register(stopping)
    operation = steps.freeze(make_entries(times.project, 3), stopping, user=anna, project=times.project)
    steps.begin(operation, {})
    for done in (1, 2, 3):
        try:
            assert carrying_out.work() == 1
        finally:
            shutdown.withdraw()
        assert state_of(operation) == ("running", done, 0, 0), "it is released, and due at once"
    carrying_out.work()
    assert state_of(operation)[0] == "done"


def test_a_worker_that_died_or_was_late_does_nothing_twice(times: Caller, anna: User) -> None:
    operation = operation_on(make_entries(times.project, 60), anna)
    [late] = Operation.objects.all().claim(1, lease=timedelta(seconds=30))
    assert carrying_out.work() == 0, "it is claimed"
    Operation.objects.update(due_at=from_now(-timedelta(seconds=1)))
    assert carrying_out.work() == 2
    assert state_of(operation) == ("done", 60, 0, 0)
    assert not Operation.objects.filter(late.still_claimed()).exists()
    assert EntryChange.objects.count() == 60


def test_an_operation_that_kills_its_workers_is_stopped(times: Caller, anna: User) -> None:
    operation = operation_on(make_entries(times.project, 3), anna)
    Operation.objects.update(claimed=True, losses=carrying_out.MAX_LOSSES - 1, due_at=from_now())
    assert carrying_out.work() == 0
    assert state_of(operation)[0] == "cancelled"
    assert "again and again" in operation.note


def test_a_batch_that_fails_as_a_whole_is_tried_again_and_then_stopped(times: Caller, anna: User) -> None:
    def fail(batch: Batch) -> BatchResult:
        raise ValueError("a mistake in the code")

    failing = Kind("test.fail", "Fail", "media_library.change_mediaentry", fail, "admin:index")
    kinds.kinds.register(failing)
    operation = steps.freeze(make_entries(times.project, 3), failing, user=anna, project=times.project)
    steps.begin(operation, {})
    for attempts in range(1, carrying_out.MAX_ATTEMPTS + 1):
        carrying_out.work()
        operation.refresh_from_db()
        assert (operation.state, operation.attempts, operation.claimed) == ("running", attempts, False)
        assert carrying_out.work() == 0, "not at once"
        Operation.objects.update(due_at=from_now())
    carrying_out.work()
    assert state_of(operation)[0] == "cancelled"


def test_an_action_that_is_unknown_after_an_upgrade_is_stopped(times: Caller, anna: User) -> None:
    operation = operation_on(make_entries(times.project, 1), anna)
    Operation.objects.update(kind="media_library.mediaentry.renamed")
    carrying_out.work()
    operation.refresh_from_db()
    assert (operation.state, operation.note) == ("cancelled", "stopped: it is not known any more")


def test_a_property_is_set_as_it_was_filled_in(times: Caller, anna: User) -> None:
    store.store(times.project, CONFIG, by="test")
    operation = operation_on(make_entries(times.project, 60), anna, "set_property", choice="source", value="NASA")
    carrying_out.work()
    assert state_of(operation) == ("done", 60, 0, 0)
    assert {entry.metadata["source"] for entry in MediaEntry.objects.all()} == {"NASA"}


def test_what_is_over_is_removed_by_and_by(times: Caller, anna: User) -> None:
    entries = make_entries(times.project, 3)
    over, asked = operation_on(entries, anna), steps.freeze(entries, kind(), user=anna, project=times.project)
    carrying_out.work()
    Operation.objects.filter(pk=asked.pk).update(created_at=timezone.now() - timedelta(hours=2))
    housekeeping.purge_operations()
    housekeeping.purge_operations()
    assert not SelectedRow.objects.exists()
    assert state_of(asked)[0] == "cancelled"
    assert state_of(over)[0] == "done"
    Operation.objects.update(created_at=timezone.now() - timedelta(days=31))
    housekeeping.purge_operations()
    assert not Operation.objects.exists()
