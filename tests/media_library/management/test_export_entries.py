"""export_entries: the map from other systems' ids to ours, for spreadsheets and for programs."""

import csv
import tracemalloc
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from media_library.entry_map import entry_map
from media_library.models import MediaEntry
from tests.api_client import Caller
from tests.commands import run, run_examples
from tests.media_library.stored_entries import CLIENT_URL, asset


def make(caller: Caller, *external_ids: str | None, system: str = "archive") -> list[MediaEntry]:
    """Entries with keys of their own; None: imported from nowhere."""
    return MediaEntry.objects.bulk_create(
        MediaEntry(
            project=caller.project,
            system_name=None if external_id is None else system,
            external_id=external_id,
            media_type="image",
            base_type="mediaImage",
            title="A cat",
            asset=asset(f"k/{number}.jpeg"),
            asset_key=f"k/{number}.jpeg",
        )
        for number, external_id in enumerate(external_ids)
    )


def test_the_examples_of_export_entries(
    times: Caller, herald: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make(herald, "theirs")
    first, _ = make(times, "one", None)
    make(times, "two", system="feed")
    sheet, lines = run_examples("export_entries", {})
    where = "with addresses at http://testserver (PUBLIC_URL)\n"
    assert (sheet.err, lines.err) == (f"3 entries, {where}", f"1 entry, {where}")
    assert run("export_entries", "times", "--system", "arhcive").err == "0 entries: none has the systemName 'arhcive'\n"
    rows = list(csv.reader((tmp_path / "map.csv").open(encoding="utf-8-sig", newline="")))
    assert rows[0] == ["systemName", "externalId", "mediaId", "mediaType", "key", "url"]
    assert [row[:2] for row in rows[1:]] == [["archive", "one"], ["", ""], ["feed", "two"]]
    assert rows[1][2:5] == [first.media_id, "image", "k/0.jpeg"]
    assert rows[1][5].startswith("http://testserver/api/v1/images/a-cat?id=")
    assert (tmp_path / "map.ndjson").read_text().startswith('{"systemName":"archive","externalId":"one","mediaId":"')
    assert sorted(path.name for path in tmp_path.glob("map*")) == ["map.csv", "map.ndjson"]


def test_the_url_is_the_one_that_the_api_returns(times: Caller) -> None:
    ours, theirs = make(times, "one", "two")
    MediaEntry.objects.filter(pk=theirs.pk).update(asset=theirs.asset | {"url": CLIENT_URL})
    facts = run("export_entries", "times", "--json").facts
    answered = [times.get(f"mediaLibrary/{entry.media_id}").json()["asset"]["url"] for entry in (ours, theirs)]
    assert [fact["url"] for fact in facts] == answered
    assert answered[1] == CLIENT_URL


def test_a_value_cannot_trick_a_spreadsheet_and_is_exact_for_programs(times: Caller) -> None:
    make(times, "=HYPERLINK(1)", " +1", "plain, with comma")
    cells = [row[1] for row in csv.reader(run("export_entries", "times").lines)][1:]
    assert cells == ["'=HYPERLINK(1)", "' +1", "plain, with comma"]
    exact = [fact["externalId"] for fact in run("export_entries", "times", "--json").facts]
    assert exact == ["=HYPERLINK(1)", " +1", "plain, with comma"]


def test_entries_that_are_made_meanwhile_are_in_the_map(times: Caller) -> None:
    make(times, "one", "two")
    rows = entry_map(times.project, batch=2)
    seen = [next(rows).external_id]
    make(times, "three")
    assert [*seen, *(row.external_id for row in rows)] == ["one", "two", "three"]


def test_the_memory_is_that_of_a_batch(times: Caller) -> None:
    """And a batch is one query."""
    make(times, *[f"id-{number}" for number in range(6_000)])

    def peak(batch: int) -> int:
        tracemalloc.start()
        assert sum(1 for _ in entry_map(times.project, batch=batch)) == 6_000
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(100) < peak(6_000) / 10
    with CaptureQueriesContext(
        connection,
    ) as queries:
        list(entry_map(times.project, batch=1_000))
    assert len(queries) == 7


def test_a_file_that_cannot_be_written_is_named(times: Caller, tmp_path: Path) -> None:
    ran = run("export_entries", "times", "--output", str(tmp_path / "nowhere" / "map.csv"))
    assert ran.code == 1
    assert "nowhere/map.csv: No such file or directory" in ran.err
