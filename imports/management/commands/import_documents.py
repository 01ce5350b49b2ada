"""Import documents from a table or from NDJSON, of any size."""

from imports.bulk.kinds import DOCUMENTS
from imports.management.bulk_command import BulkCommand


class Command(BulkCommand):
    help = "Import documents from a table or from NDJSON, of any size."
    kind = DOCUMENTS
    example = """\
printf '%s\\n' 'id,title,contentType,checksum,metadata.description' \\
    'a-1,A cat,article,1,It sleeps' > articles.csv
manage.py import_documents articles.csv --project times --system-name archive \\
    --failures failures.csv"""
    also = """\
articles.ndjson --project times --system-name archive --check"""
