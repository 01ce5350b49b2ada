"""Import ready-made media entries, whose files are in the storage already."""

from imports.bulk.kinds import ENTRIES
from imports.management.bulk_command import BulkCommand
from livingdocs_import.management.operator_command import Example


class Command(BulkCommand):
    help = (
        "Import ready-made media entries, whose files are in the storage already. A table of images has the columns "
        "externalId (the id of your system), mediaType, asset.key, asset.url, asset.size, asset.filename, "
        "asset.mimeType, asset.width and asset.height."
    )
    kind = ENTRIES
    examples = (
        Example(
            "entries.ndjson --project times --system-name archive --failures failures.ndjson",
            "write entries that are items of the API, one in each line",
        ),
        Example(
            "entries.csv --project times --system-name archive --check",
            "read only, and name every row that would be refused",
        ),
    )
