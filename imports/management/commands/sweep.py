"""Run the worker processes' housekeeping once, by hand."""

from typing import Any

from django.core.management.base import BaseCommand

from imports import housekeeping
from imports.claiming.notification import notify_import_workers


class Command(BaseCommand):
    help = "Notify workers, refresh validity, delete orphaned files, purge old rows: one round of housekeeping."

    def handle(self, *args: Any, **options: Any) -> None:
        swept = housekeeping.sweep(notify_imports=notify_import_workers)
        for name, number in swept.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {number}")
