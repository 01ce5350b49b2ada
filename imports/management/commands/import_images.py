"""Import images from a table of their addresses, of any size."""

from imports.bulk.kinds import IMAGES
from imports.management.bulk_command import BulkCommand


class Command(BulkCommand):
    help = "Import images from a table of their addresses, of any size."
    kind = IMAGES
    example = """\
printf '%s\\n' 'url,id,fileName,metadata.caption' \\
    'https://pictures.example.org/cat.jpg,cat-1,A cat,It sleeps' > archive.csv
manage.py import_images archive.csv --project times --system-name archive \\
    --failures failures.csv"""
    also = """\
legacy.xlsx --project times --system-name archive --check \\
        --map Address=url --map Number=id --map Name=fileName --map Keywords=metadata.keywords[] \\
        --ignore-other-columns"""
