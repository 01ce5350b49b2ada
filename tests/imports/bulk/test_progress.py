"""Progress is shown as lines that are not too many, or as a bar on a terminal."""

import io
from pathlib import Path

from imports.bulk.progress import Bar, Lines, counted
from imports.bulk.source import Reading, Source


def test_lines_come_soon_then_rarely_and_with_the_last_state_of_each_stage() -> None:
    now = [0.0]
    said = io.StringIO()
    with Lines(said, clock=lambda: now[0]) as lines:
        lines.stage("posted")
        for number in range(1, 26):
            now[0] = float(number)
            lines.at(number * 100, share=number / 100)
        lines.stage("carried out")
        lines.at(2_500, 2_500, note="3 failed")
    assert said.getvalue().splitlines() == [
        "posted: 100 rows (1% of the file)",
        "posted: 1,100 rows (11% of the file)",
        "posted: 2,100 rows (21% of the file)",
        "posted: 2,500 rows (25% of the file)",
        "carried out: 2,500 of 2,500 (100 %), 3 failed",
    ]


def test_the_share_of_a_file_is_that_of_the_rows_handed_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 999)
    with Source(str(path), Reading()) as source:
        rows = iter(source.rows())
        for _ in range(99):
            next(rows)
        assert source.share == 0.1
        assert (len(list(rows)), source.share) == (900, 1.0)


def test_nothing_is_divided_by_zero() -> None:
    assert counted(0, 0, 0.0) == "0 rows"
    assert counted(5, None, 0.0) == "5 rows"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_has_the_stages_and_lines_stay_above_it() -> None:
    said = Terminal()
    with Bar(said) as bar:
        bar.say("archive.csv, row 7 [bold]: no URL")
        bar.stage("posted")
        bar.at(50, share=0.5)
        bar.stage("carried out")
        bar.at(10, 100, note="waits for [it]")
    text = said.getvalue()
    assert "archive.csv, row 7 [bold]: no URL" in text
    assert "50/100" in text
    assert "10/100" in text
    assert "waits for [it]" in text
