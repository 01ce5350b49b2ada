"""Import files from a table of their addresses, of any size."""

from imports.bulk.kinds import FILES
from imports.management.bulk_command import BulkCommand


class Command(BulkCommand):
    help = "Import files from a table of their addresses, of any size."
    kind = FILES
    example = """\
printf '%s\\n' 'url,id,fileName,metadata.caption' \\
    'https://files.example.org/report.pdf,report-1,Annual report,Of 2026' > archive.csv
manage.py import_files archive.csv --project times --system-name archive \\
    --failures failures.csv"""
    also = """\
legacy.xlsx --project times --system-name archive --check \\
        --map Address=url --map Number=id --map Name=fileName --map Keywords=metadata.keywords[] \\
        --ignore-other-columns"""
