"""Import files from a table of their addresses, of any size."""

from imports.bulk.kinds import FILES
from imports.management.bulk_command import BulkCommand
from livingdocs_import.management.operator_command import Example


class Command(BulkCommand):
    help = "Import files from a table of their addresses, of any size."
    kind = FILES
    examples = (
        Example(
            "archive.csv --project times --system-name archive --failures failures.csv",
            "import the files whose url, id and fileName are columns of archive.csv",
        ),
        Example(
            "archive.xlsx --project times --system-name archive --check --map Title=fileName",
            "read only, and name every row that would be refused",
        ),
    )
