"""Let the admin find entries by their words: those that are stored already, or all of them anew."""

from argparse import ArgumentParser
from typing import Any

from livingdocs_import.management.indexing import IndexingCommand
from livingdocs_import.management.operator_command import Example
from media_library.search import following


class Command(IndexingCommand):
    help = (
        "Index all media entries for the search of the admin, as fast as this process can. Workers do the same, a "
        "little at a time. It can be interrupted and run again, and goes on where it was; imports go on meanwhile."
    )
    examples = (
        Example("", "after an upgrade: the admin finds all entries at once"),
        Example("--again", "make the index anew"),
    )
    json_keys = "entries (that were indexed)"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--again", action="store_true", help="from the first entry on, also what is indexed")

    def run(self, *, again: bool, **_: Any) -> None:
        if again:
            following.start_over()
        done = self.index_all("media entries", following.has_unread, following.batches)
        self.report.fact({"entries": done}, f"{done} media entries indexed")
