"""Limit a host: requests per second, or hours of the day."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import time
from typing import Any

import re2
from django.core.management.base import CommandError

from imports.claiming import host_brakes
from livingdocs_import.management.operator_command import Example, ExitCode, OperatorCommand
from livingdocs_import.management.report import Fact
from livingdocs_import.models import HostBrake


def hours(text: str) -> tuple[time, time]:
    """`22:00-06:00` as two times."""
    match = re2.fullmatch(r"([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})", text)
    try:
        start, end = (time.fromisoformat(part) for part in match.groups()) if match else (time(), time())
    except ValueError as error:
        raise ArgumentTypeError(f"{text}: {error}") from error
    if start == end:
        raise ArgumentTypeError(f"{text}: expected two different times, e.g. 22:00-06:00")
    return start, end


class Command(OperatorCommand):
    help = (
        "Limit the requests to a host over all projects and workers, or allow them at some hours only (in the time "
        "zone of the project). A limit that is not named stays as it is; --off takes both away. Without a URL it lists "
        "the brakes."
    )
    examples = (
        Example("https://pictures.example.org/ --per-second 2", "two requests a second at most, whatever imports run"),
        Example("https://pictures.example.org/ --hours 22:00-06:00", "by night only, as slowly as before"),
        Example("", "which hosts are limited"),
    )
    json_keys = "host, perSecond (null: no limit), openFrom, openUntil (HH:MM, null: at any hour)"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", nargs="?", help="any URL of the host, e.g. https://pictures.example.org/")
        parser.add_argument("--per-second", type=float, metavar="N", help="requests a second, e.g. 2 or 0.5")
        parser.add_argument("--hours", type=hours, metavar="HH:MM-HH:MM", help="e.g. 22:00-06:00")
        parser.add_argument("--off", action="store_true", help="take the brake off")

    def run(
        self,
        *,
        url: str | None,
        per_second: float | None,
        hours: tuple[time, time] | None,
        off: bool,
        **_: Any,
    ) -> None:
        if url is None:
            if off or per_second is not None or hours is not None:
                raise CommandError("Name the host.", returncode=ExitCode.WRONG_USAGE)
            self.list_all()
            return
        if "." not in url and "://" not in url and url.partition(":")[0] != "localhost":
            raise CommandError(
                f"{url}: expected a URL of the host, e.g. https://pictures.example.org/; a name without a dot needs "
                f"its scheme: http://{url}/",
                returncode=ExitCode.WRONG_USAGE,
            )
        host = host_brakes.host_of(url)
        if not host:
            raise CommandError(f"{url}: expected a URL of the host, e.g. https://pictures.example.org/")
        if off:
            line = f"{host} goes as fast as it can" if host_brakes.take_off([host]) else f"{host} had no brake"
            self.report.fact(fact(HostBrake(host=host)), line)
            return
        if per_second is None and hours is None:
            raise CommandError("Say how: --per-second, --hours, both, or --off.", returncode=ExitCode.WRONG_USAGE)
        now = HostBrake.objects.filter(host=host).first() or HostBrake(host=host)
        start, end = hours or (now.open_from, now.open_until)
        rate = now.per_second if per_second is None else per_second
        try:
            brake = host_brakes.put(host, per_second=rate, open_from=start, open_until=end, created_by="brake_host")
        except host_brakes.InvalidBrake as error:
            raise CommandError(str(error), returncode=ExitCode.WRONG_USAGE) from error
        self.report.fact(fact(brake), said(brake))

    def list_all(self) -> None:
        if not HostBrake.objects.exists():
            self.report.note("No host has a brake.")
        for brake in HostBrake.objects.order_by("host"):
            self.report.fact(fact(brake), said(brake))


def fact(brake: HostBrake) -> Fact:
    """A brake for programs."""
    opened, closed = (None if each is None else f"{each:%H:%M}" for each in (brake.open_from, brake.open_until))
    return {"host": brake.host, "perSecond": brake.per_second, "openFrom": opened, "openUntil": closed}


def said(brake: HostBrake) -> str:
    """One line about a brake."""
    return f"{brake.host}: {host_brakes.in_words(brake)}"
