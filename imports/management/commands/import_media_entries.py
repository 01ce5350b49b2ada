"""Import ready-made media entries, whose files are in the storage already."""

from imports.bulk.kinds import ENTRIES
from imports.management.bulk_command import BulkCommand
from livingdocs_import.management.operator_command import Example


class Command(BulkCommand):
    help = "Import ready-made media entries, whose files are in the storage already."
    kind = ENTRIES
    examples = (
        Example(
            "entries.ndjson --project times --system-name archive --failures failures.ndjson",
            "write entries that are items of the API, one in each line",
        ),
        Example(
            "entries.csv --project times --system-name archive --check --map Key=asset.key",
            "read only, and name every row that would be refused",
        ),
    )
