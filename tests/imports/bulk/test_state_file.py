"""The state file: a batch is what it was, a line that a crash has cut off is none, and what was refused has no job."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from imports.bulk.batching import Batch
from imports.bulk.rows import Row
from imports.bulk.run import places_of
from imports.bulk.service import Accepted, PostedJob
from imports.bulk.state_file import StateError, StateFile

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)
IDENTITY = {"input": "digest", "kind": "images", "batchSize": 2}


def batch(number: int, *items: bytes) -> Batch:
    first = 2 * number
    return Batch.of(number, [Row(first + place, first + place, encoded=item) for place, item in enumerate(items)])


FIRST, SECOND = batch(1, b"a", b"b"), batch(2, b"c", b"d")


def posted(state: StateFile, *batches: Batch) -> None:
    for each in batches:
        known = state.about_to_post(each, NOW, keeps=DAY)
        state.posted(known, Accepted([PostedJob(f"job-{each.number}", 1)], {1: "too long"}))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two batches are posted."""
    path = tmp_path / "archive.csv.state"
    with StateFile(path) as state:
        state.begin(IDENTITY, "archive.csv", NOW)
        posted(state, FIRST, SECOND)
    return path


def test_it_has_what_was_posted(path: Path) -> None:
    with StateFile(path) as state:
        assert state.jobs == [PostedJob("job-1", 1), PostedJob("job-2", 1)]
        assert state.batches[2].accepted == Accepted([PostedJob("job-2", 1)], {1: "too long"})
        assert state.posted_up_to == SECOND.last


def test_the_last_line_of_the_previous_version_says_nothing_more(path: Path) -> None:
    """It had noted that all rows were posted; the import that waited for them goes on."""
    with path.open("ab") as file:
        file.write(b'{"complete":true,"rows":4}\n')
    with StateFile(path) as state:
        state.begin(IDENTITY, "archive.csv", NOW)
        assert state.posted_up_to == SECOND.last


@pytest.mark.parametrize("other", [batch(2, b"c", b"e"), batch(2, b"c"), batch(2, b"d", b"c")])
def test_rows_that_have_changed_are_not_posted_under_the_key_of_others(path: Path, other: Batch) -> None:
    """Of standard input, nothing else shows it."""
    with StateFile(path) as state:
        assert state.about_to_post(SECOND, NOW, keeps=DAY).accepted is not None
        with pytest.raises(StateError, match="are not those that were posted before: the input has changed"):
            state.about_to_post(other, NOW, keeps=DAY)
        state.compare(SECOND)
        with pytest.raises(StateError, match="are not those that were posted"):
            state.compare(other)


def test_a_batch_that_was_never_posted_is_not_compared(path: Path) -> None:
    with StateFile(path) as state, pytest.raises(StateError, match="are not those that were posted"):
        state.compare(batch(3, b"e"))


@pytest.mark.parametrize("cut", [1, 10, 30])
def test_a_last_line_that_was_cut_off_is_dropped(path: Path, cut: int) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    with StateFile(path) as state:
        assert state.batches[1].accepted is not None
        assert state.batches[2].accepted is None, "it is not known whether it was posted"
        assert path.read_bytes() == b"".join(whole.splitlines(keepends=True)[:-1])
        posted(state, SECOND)
    assert path.read_bytes() == whole


def test_a_first_line_that_was_cut_off_is_a_new_import(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:30])
    with StateFile(path) as state:
        assert (state.is_new, path.read_bytes()) == (True, b"")


def test_a_line_in_the_middle_that_is_damaged_is_an_error(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    damaged = b"".join([lines[0], lines[1][:-9] + b"\n", *lines[2:]])
    path.write_bytes(damaged)
    with pytest.raises(StateError, match="line 2: this is no state file"):
        StateFile(path)
    assert path.read_bytes() == damaged


@pytest.mark.parametrize(
    ("jobs", "refused", "places"),
    [
        ([3], (), [[0, 1, 2]]),
        ([2, 1], (), [[0, 1], [2]]),
        ([2], (0,), [[1, 2]]),
        ([1, 2], (1, 3), [[0], [2, 4]]),
        ([2, 2], (4, 5), [[0, 1], [2, 3]]),
        ([], (0, 1), []),
    ],
)
def test_the_items_of_each_job_have_the_places_of_the_rows_that_were_not_refused(
    jobs: list[int], refused: Iterable[int], places: list[list[int]]
) -> None:
    """A batch that was too large for one request has become several jobs."""
    named = [PostedJob(f"job-{number}", count) for number, count in enumerate(jobs)]
    found = list(places_of(Accepted(named, dict.fromkeys(refused, "too long"))))
    assert found == [(each, job.id) for each, job in zip(places, named, strict=True)]
