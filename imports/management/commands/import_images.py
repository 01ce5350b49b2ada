"""Import images from a table of their addresses, of any size."""

from imports.bulk.kinds import IMAGES
from imports.management.bulk_command import BulkCommand
from livingdocs_import.management.operator_command import Example


class Command(BulkCommand):
    help = "Import images from a table of their addresses, of any size."
    kind = IMAGES
    examples = (
        Example(
            "archive.csv --project times --system-name archive --failures failures.csv",
            "import the images whose url, id and fileName are columns of archive.csv",
        ),
        Example(
            "archive.xlsx --project times --system-name archive --check --map Title=fileName",
            "read only, and name every row that would be refused",
        ),
    )
