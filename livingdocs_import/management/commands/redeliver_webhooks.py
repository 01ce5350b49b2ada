"""Send webhooks again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db.models import Q, QuerySet

from livingdocs_import.admin import readable
from livingdocs_import.management.names import unknown
from livingdocs_import.management.operator_command import Example, ExitCode, OperatorCommand
from livingdocs_import.management.projects import project_named
from livingdocs_import.management.report import Column, Fact, counted, moment
from livingdocs_import.models import ProjectReceiver, WebhookDelivery
from livingdocs_import.webhooks import outbox, receivers

COLUMNS = (
    Column("DELIVERY", "delivery"),
    Column("PROJECT", "project"),
    Column("ABOUT", "subject"),
    Column("RECEIVER", "receiver"),
    Column("STATE", "state", tones={"given up": "ERROR", "held": "WARNING", "delivered": "SUCCESS"}),
    Column("CREATED (UTC)", "createdAt", moment),
)


class Command(OperatorCommand):
    help = (
        "Send webhook deliveries again: the named ones, all that were given up and not dismissed, or all that are held "
        "because their receiver was switched off. The message and its id stay the same, so that a receiver can ignore "
        "what it has already. A delivery that is being sent is left alone; one to a receiver that is still switched "
        "off is attempted once. One whose webhook is not active in the project's configuration any more is not sent."
    )
    examples = (
        Example("--given-up --dry-run", "what would be sent again"),
        Example("--given-up --project times", "what one project's receivers have missed"),
        Example("--held --receiver hooks.example", "what was held for a receiver"),
    )
    json_keys = "delivery, project, subject, receiver, state (before), createdAt"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("delivery", nargs="*", help="ids of deliveries")
        parser.add_argument("--given-up", action="store_true", help="all that were given up and not dismissed")
        parser.add_argument("--held", action="store_true", help="all that are held")
        parser.add_argument("--dismissed", action="store_true", help="with --given-up: the dismissed ones, too")
        parser.add_argument("--project", metavar="HANDLE", help="of these, only those of this project")
        parser.add_argument("--receiver", metavar="HOST", help="of these, only those to this host, or HOST:PORT")
        parser.add_argument("--dry-run", action="store_true", help="only list them")

    def run(
        self,
        *,
        delivery: list[str],
        given_up: bool,
        held: bool,
        dismissed: bool,
        project: str | None,
        receiver: str | None,
        dry_run: bool,
        **_: Any,
    ) -> None:
        narrowed = dismissed or project is not None or receiver is not None
        if bool(delivery) == (given_up or held) or (narrowed and bool(delivery)) or (dismissed and not given_up):
            raise CommandError(wrong_choice(named=bool(delivery)), returncode=ExitCode.WRONG_USAGE)
        if delivery:
            chosen = self.named(delivery)
        else:
            chosen = self.of(state_condition(given_up=given_up, held=held, dismissed=dismissed), project, receiver)
        number, left_out = 0, 0
        for batch in outbox.batches(chosen):
            gone = {each.pk for each in receivers.without_webhook(batch)}
            sent = [each for each in batch if each.pk not in gone]
            if sent:
                self.report.table(map(delivery_fact, sent), COLUMNS, none="")
            number += len(sent) if dry_run else outbox.send_again(*sent)
            left_out += len(gone)
        are = "would be" if dry_run else "is" if number == 1 else "are"
        self.report.note(f"{counted(number, 'delivery', 'deliveries')} {are} sent again")
        if left_out:
            who = counted(left_out, "delivery", "deliveries")
            self.report.note(f"{who} not sent: the webhook is not active in the configuration")

    def named(self, ids: list[str]) -> QuerySet[WebhookDelivery]:
        """The deliveries with these ids; an unknown one is an error, before any is sent."""
        chosen = WebhookDelivery.objects.filter(delivery_id__in=ids)
        there = set(chosen.values_list("delivery_id", flat=True))
        for name in ids:
            if name not in there:
                listed = "the admin's page of webhooks"
                raise unknown(WebhookDelivery.objects.all(), "delivery_id", name, what="delivery", listed_by=listed)
        return chosen

    def of(self, states: Q, project: str | None, receiver: str | None) -> QuerySet[WebhookDelivery]:
        """All in these states, of one project or of all, to one host or to all."""
        chosen = WebhookDelivery.objects.filter(states)
        if project is not None:
            chosen = chosen.filter(project=project_named(project))
        if receiver is not None:
            of_host = Q(name=receiver) | Q(name__startswith=f"{receiver}:")
            chosen = chosen.filter(lane__in=ProjectReceiver.objects.filter(of_host).values("lane"))
        return chosen


def state_condition(*, given_up: bool, held: bool, dismissed: bool) -> Q:
    """The deliveries that were given up, with the dismissed ones or without, and those that are held."""
    state = WebhookDelivery.State
    found = Q(state=state.GIVEN_UP) if dismissed else Q(state=state.GIVEN_UP, dismissed_at__isnull=True)
    return (found if given_up else Q(pk__in=())) | (Q(state=state.HELD) if held else Q(pk__in=()))


def wrong_choice(*, named: bool) -> str:
    """What is wrong with options that choose no deliveries, or choose them in two ways."""
    if named:
        return "Name deliveries, or choose them: --given-up, --held, --dismissed, --project and --receiver take no ids."
    return "Name deliveries, or say --given-up or --held; --dismissed goes with --given-up."


def delivery_fact(delivery: WebhookDelivery) -> Fact:
    """A delivery without the secrets of its address."""
    return {
        "delivery": delivery.delivery_id,
        "project": delivery.project.handle,
        "subject": delivery.subject,
        "receiver": readable.url(delivery.url),
        "state": delivery.state,
        "createdAt": delivery.created_at,
    }
