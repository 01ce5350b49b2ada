"""Report whether the service works, for people and for monitoring."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError

from imports.monitoring import Overview, Queue, Sweeps, Workers, assess, overview
from imports.monitoring.facts import ReceiverTrouble
from livingdocs_import import VERSION
from livingdocs_import.admin.readable import duration
from livingdocs_import.db import clock
from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.management.report import Fact
from livingdocs_import.models import ProjectReceiver


class Command(OperatorCommand):
    help = (
        "Report whether the queues move and their workers are alive. Ends with 1 if a queue is stuck, if no worker of "
        "a kind was seen for a minute, if housekeeping does not run, or if the storage or the network is away. The "
        "last lines are what the admin's first page says; whatever else needs a person does not change the exit code."
    )
    examples = (
        Example("", "for people"),
        Example("--json", "for monitoring; so is the exit code"),
    )
    json_keys = (
        "well, problems, version, imports {waitingSeconds, moving, stuck}, webhooks {the same}, importWorkers {alive, "
        "lastSeenSeconds}, webhookWorkers {the same}, housekeeping {lastRoundSeconds, overdue}, openJobs, "
        "webhooksGivenUp, webhooksDismissed (in 7 days), webhooksHeld, receivers [{project, receiver, again, givenUp, "
        "held, successPercent, lastStatuses}], failingReceivers [{project, webhook, receiver, failingSince, "
        "switchedOffAt, switchedOffBy}], away [{part, since}], sentence, concerns [{about, subject, text, soon}]"
    )

    def run(self, **_: Any) -> None:
        look = overview(clock.now())
        wrong = problems(look)
        self.report.fact(fact(look, wrong), *lines(look))
        if wrong:
            raise CommandError(f"{', '.join(wrong)}: see docs/operations.md")


def problems(look: Overview) -> list[str]:
    """What is wrong, in words."""
    found = {
        "imports are stuck": look.imports.stuck,
        "webhooks are stuck": look.webhooks.stuck,
        f"import workers: {_seen(look.import_workers)}": look.import_workers.missing,
        f"webhook workers: {_seen(look.webhook_workers)}": look.webhook_workers.missing,
        f"housekeeping: {_done(look.sweeps)}": look.sweeps.overdue,
    } | {f"the {outage.part} is away": True for outage in look.away}
    return [what for what, true in found.items() if true]


def lines(look: Overview) -> Iterator[str]:
    """The overview for people."""
    yield f"version: {VERSION}"
    yield f"imports: {_moves(look.imports, look.import_workers)}"
    again = f", {look.deliveries.again} {_wait(look.deliveries.again)} for another try" if look.deliveries.again else ""
    yield f"webhooks: {_moves(look.webhooks, look.webhook_workers)}{again}"
    yield f"import workers: {_seen(look.import_workers)}"
    yield f"webhook workers: {_seen(look.webhook_workers)}"
    yield f"housekeeping: {_done(look.sweeps)}"
    yield f"open jobs: {look.open_count}"
    dismissed = f" ({look.deliveries.dismissed} dismissed)" if look.deliveries.dismissed else ""
    yield f"webhooks given up in the last 7 days, and not sent again: {look.deliveries.given_up}{dismissed}"
    yield f"webhooks held: {look.deliveries.held}"
    for trouble in look.deliveries.receivers:
        yield f"receiver {trouble.receiver} of {trouble.handle}: {_trouble(trouble)}"
    for receiver in look.failing_receivers:
        yield f"webhook {receiver}: {_off(receiver)}"
    for outage in look.away:
        yield f"{outage.part}: away since {outage.since:%Y-%m-%d %H:%M:%S} UTC, downloads wait for it"
    answer = assess(look)
    yield answer.sentence
    for concern in answer.concerns:
        yield f"  {'soon: ' if concern.soon else ''}{concern.subject} {concern.text}"


def fact(look: Overview, wrong: list[str]) -> Fact:
    """The overview for programs."""
    return {
        "well": not wrong,
        "problems": wrong,
        "version": VERSION,
        "imports": _queue(look.imports),
        "webhooks": _queue(look.webhooks),
        "importWorkers": _workers(look.import_workers),
        "webhookWorkers": _workers(look.webhook_workers),
        "housekeeping": {"lastRoundSeconds": _seconds(look.sweeps.since), "overdue": look.sweeps.overdue},
        "openJobs": look.open_count,
        "webhooksGivenUp": look.deliveries.given_up,
        "webhooksDismissed": look.deliveries.dismissed,
        "webhooksHeld": look.deliveries.held,
        "receivers": [
            {
                "project": trouble.handle,
                "receiver": trouble.receiver,
                "again": trouble.again,
                "givenUp": trouble.given_up,
                "held": trouble.held,
                "successPercent": trouble.percent,
                "lastStatuses": list(trouble.statuses),
            }
            for trouble in look.deliveries.receivers
        ],
        "failingReceivers": [
            {
                "project": receiver.project.handle,
                "webhook": receiver.webhook,
                "receiver": receiver.name,
                "failingSince": receiver.failing_since,
                "switchedOffAt": receiver.switched_off_at,
                "switchedOffBy": receiver.switched_off_by,
            }
            for receiver in look.failing_receivers
        ],
        "away": [{"part": outage.part, "since": outage.since} for outage in look.away],
        **_answer(look),
    }


def _answer(look: Overview) -> Fact:
    """What the admin's first page says; it is no error, however red."""
    answer = assess(look)
    concerns = [
        {"about": str(each.rule), "subject": each.subject, "text": each.text, "soon": each.soon}
        for each in answer.concerns
    ]
    return {"sentence": answer.sentence, "concerns": concerns}


def _trouble(trouble: ReceiverTrouble) -> str:
    counts = f"{trouble.again} {_wait(trouble.again)} for another try, {trouble.given_up} given up, {trouble.held} held"
    if trouble.percent is None:
        return counts
    statuses = " ".join(str(status or "-") for status in trouble.statuses)
    return f"{counts}; {trouble.percent:g} % taken in 30 days; last answers: {statuses}"


def _off(receiver: ProjectReceiver) -> str:
    if receiver.switched_off_at and receiver.switched_off_by:
        return f"switched off by {receiver.switched_off_by} since {receiver.switched_off_at:%Y-%m-%d %H:%M:%S} UTC"
    what = "switched off, after failing" if receiver.switched_off_at else "exhausted, failing"
    return f"{what} since {receiver.failing_since or receiver.switched_off_at:%Y-%m-%d %H:%M:%S} UTC"


def _queue(queue: Queue) -> Fact:
    return {"waitingSeconds": _seconds(queue.waits), "moving": queue.moving, "stuck": queue.stuck}


def _workers(workers: Workers) -> Fact:
    return {"alive": workers.alive, "lastSeenSeconds": _seconds(workers.since)}


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds(), 1)


def _wait(number: int) -> str:
    return "waits" if number == 1 else "wait"


def _moves(queue: Queue, workers: Workers) -> str:
    if queue.waits is None:
        return "nothing is due" if queue.depth else "nothing waits"
    idle = "waits, no worker" if workers.missing else "moving" if queue.moving else "about to move"
    state = "stuck" if queue.stuck else idle
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
