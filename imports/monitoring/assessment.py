"""Whether a person is needed, in one sentence, and for what: a pure decision about the facts of the overview."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from imports.monitoring.facts import FAILURES_OF_HOUR, FEW_FAILURES, MANY_FAILURES, Facts, FailureCount, ReceiverTrouble
from livingdocs_import.admin.readable import rough, size

MAX_SHOWN = 3
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


class Rule(StrEnum):
    """What a concern is about, in the order in which concerns are shown."""

    QUEUE = "queue"
    HOUSEKEEPING = "housekeeping"
    STORAGE = "storage"
    QUOTA = "quota"
    WEBHOOKS = "webhooks"
    RECEIVER = "receiver"
    FAILURES = "failures"
    CLIENT = "client"
    WORKERS = "workers"


@dataclass(frozen=True)
class Concern:
    """Something that needs a person now, or `soon`.

    `subject` and `text` are one sentence. `key` names the object: the primary key of a project or a token, the code of
    a cause, the state of deliveries; "" where the rule is enough.
    """

    rule: Rule
    subject: str
    text: str
    key: str = ""
    soon: bool = False


@dataclass(frozen=True)
class Assessment:
    """The answer to "is all well?": a sentence, the first concerns, and how many more there are.

    `more` counts those that need a person now, or soon if all of the former are shown.
    """

    sentence: str
    concerns: list[Concern]
    more: int = 0

    @property
    def calm(self) -> bool:
        return not self.concerns


def assess(facts: Facts) -> Assessment:
    """The concerns, those that need a person now first, each group in the order of the rules."""
    now, soon = list(_now(facts)), list(_soon(facts))
    sentence = _sentence(facts, len(now), len(soon))
    more = max(len(now) - MAX_SHOWN, 0) or max(len([*now, *soon]) - MAX_SHOWN, 0)
    return Assessment(sentence, [*now, *soon][:MAX_SHOWN], more)


def _sentence(facts: Facts, now: int, soon: int) -> str:
    can_wait = f"{facts.open_failures:,} failed item{_s(facts.open_failures)} can wait." if facts.open_failures else ""
    if facts.imports.stuck:
        more = f" {_things(now - 1, more=True)} a person." if now > 1 else ""
        return f"Nothing moves: no worker has taken anything for {rough(facts.imports.idle)}.{more}"
    if now:
        return f"{_state(facts)} {_things(now)} a person."
    if soon:
        return f"{_state(facts)} {_things(soon, need='will need')} a person soon."
    return f"{_state(facts)} {can_wait}" if can_wait else "All is well. Nothing needs a person."


def _state(facts: Facts) -> str:
    if not facts.imports.depth:
        return "No import is running."
    return "Imports are moving." if facts.imports.moving else "Imports wait."


def _things(number: int, *, more: bool = False, need: str = "") -> str:
    word = _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"
    what = f"{word}{' more' if more else ''} thing{_s(number)}"
    return f"{what} {need or ('needs' if number == 1 else 'need')}"


def _s(number: int) -> str:
    return "" if number == 1 else "s"


# --- Now -------------------------------------------------------------------------------------------------------------


def _now(facts: Facts) -> Iterator[Concern]:
    yield from _queues(facts)
    yield from _housekeeping(facts)
    yield from _away(facts)
    for one in facts.allowances:
        if one.full:
            text = f"has used all of its {one.limit:,} {one.kind} in 24 hours: new ones are refused (429)"
            yield Concern(Rule.QUOTA, one.project, text, str(one.project_key))
    yield from _receivers(facts)
    for failing in facts.failures:
        if needs_a_person(failing, facts.ended_in_hour):
            yield _failures(failing)


def _queues(facts: Facts) -> Iterator[Concern]:
    for subject, queue, workers, kind in (
        ("Imports", facts.imports, facts.import_workers, "imports"),
        ("Webhooks", facts.webhooks, facts.webhook_workers, "webhooks"),
    ):
        if queue.stuck and workers.missing:
            seen = f" for {rough(workers.since)}" if workers.since else ""
            text = f"wait: no process for them was seen{seen}. Is one running, and does it reach the database?"
            yield Concern(Rule.QUEUE, subject, text, kind)
        elif queue.stuck:
            text = f"are due for {rough(queue.idle)}; the workers are there and take nothing: do they reach the broker?"
            yield Concern(Rule.QUEUE, subject, text, kind)


def _housekeeping(facts: Facts) -> Iterator[Concern]:
    if facts.sweeps.overdue:
        span = "has never run" if facts.sweeps.since is None else f"has not run for {rough(facts.sweeps.since)}"
        missing = facts.import_workers.missing and facts.webhook_workers.missing
        hint = "no worker is running" if missing else "the logs of the workers say why"
        yield Concern(Rule.HOUSEKEEPING, "Housekeeping", f"{span}: {hint}")


def _away(facts: Facts) -> Iterator[Concern]:
    for away in facts.away:
        text = f"is away for {rough(away.span)}: downloads wait, and continue by themselves when it is back"
        yield Concern(Rule.STORAGE, f"The {away.part}", text, away.part)
    if facts.storage.error and not any(away.part == "storage" for away in facts.away):
        yield Concern(Rule.STORAGE, "The storage", f"cannot be used from here: {facts.storage.error}", "storage")


def _receivers(facts: Facts) -> Iterator[Concern]:
    for receiver in facts.receivers:
        if receiver.given_up:
            yield _receiver(receiver)
    for webhook in facts.switched_off:
        if webhook.off:
            text = f"is switched off: its receiver has only failed for {rough(webhook.span)}"
            yield Concern(Rule.RECEIVER, webhook.webhook, text, str(webhook.project_key))


def _receiver(receiver: ReceiverTrouble) -> Concern:
    span = f" for {rough(receiver.span)}" if receiver.span else ""
    waiting = f", {receiver.again:,} wait for another try" if receiver.again else ""
    said = "answers again, but what it did not take is not sent by itself" if receiver.answers else ""
    text = f"{said or f'has not taken webhooks{span}'}: {receiver.given_up:,} given up{waiting}"
    return Concern(Rule.WEBHOOKS, receiver.receiver, text, "given up")


def needs_a_person(failing: FailureCount, ended_in_hour: int) -> bool:
    """Whether open failures of one cause at one host are many: by number, or among the items of the last hour."""
    many_lately = failing.lately >= max(FEW_FAILURES, FAILURES_OF_HOUR * ended_in_hour)
    return failing.number >= MANY_FAILURES or many_lately


def _failures(failing: FailureCount) -> Concern:
    subject = failing.host or ", ".join(failing.projects)
    text = f"{failing.number:,} items failed in {rough(failing.since)}: {failing.title}"
    return Concern(Rule.FAILURES, subject, text, failing.cause)


# --- Soon ------------------------------------------------------------------------------------------------------------


def _soon(facts: Facts) -> Iterator[Concern]:
    for one in facts.allowances:
        if one.nearly_full and not one.full:
            text = f"has used {one.percent} % of its {one.limit:,} {one.kind} in 24 hours"
            yield Concern(Rule.QUOTA, one.project, text, str(one.project_key), soon=True)
    for token in facts.ending_tokens:
        text = f"({token.project}) ends in {rough(token.ends_in)}: rotate it, and give the new one a later end"
        yield Concern(Rule.CLIENT, token.name, text, str(token.key), soon=True)
    if facts.little_space:
        free, total = size(facts.storage.free or 0), size(facts.storage.total or 0)
        yield Concern(Rule.STORAGE, "The storage", f"has {free} left of {total}", "space", soon=True)
    yield from _missing_workers(facts)


def _missing_workers(facts: Facts) -> Iterator[Concern]:
    """Workers that are missing while nothing waits for them."""
    for subject, queue, workers in (
        ("Imports", facts.imports, facts.import_workers),
        ("Webhooks", facts.webhooks, facts.webhook_workers),
    ):
        if workers.missing and not queue.stuck and not facts.sweeps.overdue:
            seen = f" for {rough(workers.since)}" if workers.since else ""
            yield Concern(Rule.WORKERS, subject, f"have no worker: none was seen{seen}", soon=True)
