"""Import videos from a table of their addresses, of any size."""

from imports.bulk.kinds import VIDEOS
from imports.management.bulk_command import BulkCommand


class Command(BulkCommand):
    help = "Import videos from a table of their addresses, of any size."
    kind = VIDEOS
    example = """\
printf '%s\\n' 'url,id,fileName,metadata.caption' \\
    'https://videos.example.org/cat.mp4,cat-1,A cat,It sleeps' > archive.csv
manage.py import_videos archive.csv --project times --system-name archive \\
    --failures failures.csv"""
    also = """\
legacy.xlsx --project times --system-name archive --check \\
        --map Address=url --map Number=id --map Name=fileName --map Keywords=metadata.keywords[] \\
        --ignore-other-columns"""
