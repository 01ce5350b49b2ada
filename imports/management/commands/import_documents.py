"""Import documents from a table or from NDJSON, of any size."""

from imports.bulk.kinds import DOCUMENTS
from imports.management.bulk_command import BulkCommand
from livingdocs_import.management.operator_command import Example


class Command(BulkCommand):
    help = "Import documents from a table or from NDJSON, of any size."
    kind = DOCUMENTS
    examples = (
        Example(
            "articles.ndjson --project times --system-name archive --failures failures.ndjson",
            "import documents that are items of the API, one in each line",
        ),
        Example(
            "articles.csv --project times --system-name archive --check --set contentType=article",
            "read only a table with the columns id, title and checksum",
        ),
    )
