"""Import videos from a table of their addresses, of any size."""

from imports.bulk.kinds import VIDEOS
from imports.management.bulk_command import BulkCommand
from livingdocs_import.management.operator_command import Example


class Command(BulkCommand):
    help = "Import videos from a table of their addresses, of any size."
    kind = VIDEOS
    examples = (
        Example(
            "archive.csv --project times --system-name archive --failures failures.csv",
            "import the videos whose url, id and fileName are columns of archive.csv",
        ),
        Example(
            "archive.xlsx --project times --system-name archive --check --map Title=fileName",
            "read only, and name every row that would be refused",
        ),
    )
