"""Send webhooks again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db.models import QuerySet

from livingdocs_import.admin import readable
from livingdocs_import.management.names import unknown
from livingdocs_import.management.operator_command import Example, ExitCode, OperatorCommand
from livingdocs_import.management.projects import project_named
from livingdocs_import.management.report import Column, Fact, moment
from livingdocs_import.models import WebhookDelivery
from livingdocs_import.webhooks import outbox

COLUMNS = (
    Column("DELIVERY", "delivery"),
    Column("PROJECT", "project"),
    Column("ABOUT", "subject"),
    Column("RECEIVER", "receiver"),
    Column("STATE", "state", tones={"given up": "ERROR", "delivered": "SUCCESS"}),
    Column("CREATED (UTC)", "createdAt", moment),
)


class Command(OperatorCommand):
    help = (
        "Send webhook deliveries again: the named ones, or all that were given up. The message and its id stay the "
        "same, so that a receiver can ignore what it has already. A delivery that is being sent is left alone."
    )
    examples = (
        Example("--given-up --dry-run", "what would be sent again"),
        Example("--given-up --project times", "what one project's receivers have missed"),
    )
    json_keys = "delivery, project, subject, receiver, state (before), createdAt"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("delivery", nargs="*", help="ids of deliveries")
        parser.add_argument("--given-up", action="store_true", help="all that were given up")
        parser.add_argument("--project", metavar="HANDLE", help="with --given-up: only those of this project")
        parser.add_argument("--dry-run", action="store_true", help="only list them")

    def run(self, *, delivery: list[str], given_up: bool, project: str | None, dry_run: bool, **_: Any) -> None:
        if bool(delivery) == given_up or (project is not None and not given_up):
            raise CommandError("Name deliveries, or say --given-up.", returncode=ExitCode.WRONG_USAGE)
        chosen = self.named(delivery) if delivery else self.given_up(project)
        number = 0
        for batch in outbox.batches(chosen):
            self.report.table(map(delivery_fact, batch), COLUMNS, none="")
            number += len(batch) if dry_run else outbox.send_again(*batch)
        self.report.note(f"{number} deliveries {'would be' if dry_run else 'are'} sent again")

    def named(self, ids: list[str]) -> QuerySet[WebhookDelivery]:
        """The deliveries with these ids; an unknown one is an error, before any is sent."""
        chosen = WebhookDelivery.objects.filter(delivery_id__in=ids)
        there = set(chosen.values_list("delivery_id", flat=True))
        for name in ids:
            if name not in there:
                listed = "the admin's page of webhooks"
                raise unknown(WebhookDelivery.objects.all(), "delivery_id", name, what="delivery", listed_by=listed)
        return chosen

    def given_up(self, project: str | None) -> QuerySet[WebhookDelivery]:
        """All that were given up, of one project or of all."""
        chosen = WebhookDelivery.objects.filter(state=WebhookDelivery.State.GIVEN_UP)
        return chosen if project is None else chosen.filter(project=project_named(project))


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
