"""Report whether the service works, for people and for monitoring."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from imports.monitoring import Queue, Sweeps, Workers, overview
from livingdocs_import import VERSION
from livingdocs_import.admin.readable import duration
from livingdocs_import.db import clock


class Command(BaseCommand):
    help = "Report whether the queues move and their workers are alive. Ends with an error if something is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        look = overview(clock.now())
        say = self.stdout.write
        say(f"version: {VERSION}")
        say(f"imports: {_moves(look.imports)}")
        say(f"webhooks: {_moves(look.webhooks)}")
        say(f"import workers: {_seen(look.import_workers)}")
        say(f"webhook workers: {_seen(look.webhook_workers)}")
        say(f"housekeeping: {_done(look.sweeps)}")
        say(f"open jobs: {look.open_count}")
        say(f"webhooks given up in the last 24 hours: {look.given_up_count}")
        for state in look.failing_receivers:
            what = "switched off, after failing" if state.switched_off_at else "exhausted, failing"
            say(f"webhook {state}: {what} since {state.failing_since:%Y-%m-%d %H:%M:%S} UTC")
        for outage in look.away:
            say(f"{outage.part}: away since {outage.since:%Y-%m-%d %H:%M:%S} UTC, downloads wait for it")
        problems = {
            "imports are stuck": look.imports.stuck,
            "webhooks are stuck": look.webhooks.stuck,
            f"import workers: {_seen(look.import_workers)}": look.import_workers.missing,
            f"webhook workers: {_seen(look.webhook_workers)}": look.webhook_workers.missing,
            f"housekeeping: {_done(look.sweeps)}": look.sweeps.overdue,
        } | {f"the {outage.part} is away": True for outage in look.away}
        wrong = [what for what, true in problems.items() if true]
        if wrong:
            raise CommandError(f"{', '.join(wrong)}: see docs/operations.md")


def _moves(queue: Queue) -> str:
    if queue.waits is None:
        return "nothing waits"
    state = "stuck" if queue.stuck else "moving" if queue.moving else "about to move"
    return f"{state}, oldest due for {duration(queue.waits)}"


def _seen(workers: Workers) -> str:
    ago = "" if workers.since is None else duration(workers.since)
    if workers.missing:
        return f"none seen for {ago}" if ago else "none seen"
    return f"{workers.alive}, last seen {ago} ago"


def _done(sweeps: Sweeps) -> str:
    if sweeps.since is None:
        return "never done"
    return f"not done for {duration(sweeps.since)}" if sweeps.overdue else f"last round {duration(sweeps.since)} ago"
