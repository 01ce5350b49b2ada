"""What is derived from documents and entries is made anew as the help shows, and programs read how much it was."""

from tests.api_client import Caller
from tests.commands import run, run_examples
from tests.newsroom import Newsroom


def test_the_examples_rebuild_references(times: Caller) -> None:
    planned, done = run_examples("rebuild_references", {})
    assert planned.out == "times: 0 documents looked through, 0 rows would change\n"
    assert done.out == "times: 0 documents looked through, 0 rows changed\n"
    fact = {"project": "times", "documents": 0, "rows": 0, "dryRun": True}
    assert run("rebuild_references", "--dry-run", "--json").facts == [fact]


def test_the_examples_index_publications(newsroom: Newsroom) -> None:
    done, again = run_examples("index_publications", {})
    assert done.code == again.code == 0
    assert again.out == "times: 0 publications looked at\n"
    assert run("index_publications", "--json").facts == [{"project": "times", "publications": 0}]


def test_the_examples_index_entries(times: Caller) -> None:
    assert [ran.out for ran in run_examples("index_entries", {})] == ["0 media entries indexed\n"] * 2
    assert run("index_entries", "--json").facts == [{"entries": 0}]
