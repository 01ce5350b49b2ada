"""Import ready-made media entries, whose files are in the storage already."""

from imports.bulk.kinds import ENTRIES
from imports.management.bulk_command import BulkCommand


class Command(BulkCommand):
    help = "Import ready-made media entries, whose files are in the storage already."
    kind = ENTRIES
    example = """\
manage.py import_media_entries entries.ndjson --project times --system-name archive \\
    --failures failures.ndjson"""
    also = """\
entries.csv --project times --check \\
        --map key=asset.key --map type=asset.mimeType --map bytes=asset.size"""
