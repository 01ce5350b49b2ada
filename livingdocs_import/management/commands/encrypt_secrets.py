"""Encrypt all stored secrets with the newest key."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from livingdocs_import import stored_secrets


class Command(BaseCommand):
    help = (
        "Encrypt every stored secret with the first of FIELD_ENCRYPTION_KEYS, those in old configurations included. "
        "Afterwards the other keys can go. It may be stopped and started again, and the service may run meanwhile."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--at-once", type=int, default=stored_secrets.AT_ONCE, help="rows that are read, and locked, together"
        )

    def handle(self, *args: Any, at_once: int, **options: Any) -> None:
        unreadable = list(stored_secrets.renew(at_once=max(1, at_once)))
        for place in unreadable:
            self.stderr.write(f"cannot be read: {place}")
        if unreadable:
            raise CommandError(f"{len(unreadable)} secrets cannot be read: is a key missing? All others are done.")
        self.stdout.write("every stored secret is encrypted with the first key")
