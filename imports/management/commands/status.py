"""Whether all is well, for people and for monitoring."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from imports.overview import Queue, Sweeps, overview
from livingdocs_import.admin.readable import duration


class Command(BaseCommand):
    help = "Tell whether the queues move and beat runs. Ends with an error when one of them does not."

    def handle(self, *args: Any, **options: Any) -> None:
        look = overview(timezone.now())
        say = self.stdout.write
        say(f"imports: {_moves(look.imports)}")
        say(f"webhooks: {_moves(look.webhooks)}")
        if look.sweeps:
            say(f"beat: {_runs(look.sweeps)}")
        say(f"open jobs: {look.open_count}")
        say(f"webhooks given up in the last 24 hours: {look.given_up_count}")
        queues = {"imports are stuck": look.imports.stuck, "webhooks are stuck": look.webhooks.stuck}
        wrong = [what for what, true in queues.items() if true]
        if look.sweeps and look.sweeps.overdue:
            wrong.append("beat does not run")
        if wrong:
            raise CommandError(f"{', '.join(wrong)}: see docs/operations.md")


def _moves(queue: Queue) -> str:
    if queue.waits is None:
        return "nothing waits"
    state = "stuck" if queue.stuck else "moving" if queue.moving else "about to move"
    return f"{state}, oldest due for {duration(queue.waits)}"


def _runs(sweeps: Sweeps) -> str:
    return "never heard of" if sweeps.since is None else f"last sweep {duration(sweeps.since)} ago"
