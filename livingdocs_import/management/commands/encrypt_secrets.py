"""Encrypt all stored secrets with the newest key."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from livingdocs_import import stored_secrets
from livingdocs_import.management.operator_command import Example, ExitCode, OperatorCommand


class Command(OperatorCommand):
    help = (
        "Encrypt every stored secret with the first of FIELD_ENCRYPTION_KEYS, those in old configurations included. "
        "Afterwards the other keys can go. It may be stopped and started again, and the service may run meanwhile."
    )
    examples = (
        Example("", "after a new key was put before the others"),
        Example("--at-once 10", "in smaller transactions, beside a busy service"),
    )
    json_keys = "unreadable (the places of secrets that no key decrypts)"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--at-once", type=int, default=stored_secrets.AT_ONCE, help="rows that are read, and locked, together"
        )

    def run(self, *, at_once: int, **_: Any) -> None:
        if at_once < 1:
            raise CommandError(f"--at-once {at_once}: 1 or more", returncode=ExitCode.WRONG_USAGE)
        unreadable = list(stored_secrets.renew(at_once=at_once))
        for place in unreadable:
            self.report.note(f"cannot be read: {place}")
        done = () if unreadable else ("every stored secret is encrypted with the first key",)
        self.report.fact({"unreadable": unreadable}, *done)
        if unreadable:
            raise CommandError(f"{len(unreadable)} secrets cannot be read: is a key missing? All others are done.")
