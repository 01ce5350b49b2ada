"""Send webhooks again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from livingdocs_import.models import WebhookDelivery
from livingdocs_import.webhooks import outbox


class Command(BaseCommand):
    help = "Send webhook deliveries again: the named ones, or all that were given up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("delivery", nargs="*", help="ids of deliveries")
        parser.add_argument("--given-up", action="store_true", help="all that were given up")

    def handle(self, *args: Any, delivery: list[str], given_up: bool, **options: Any) -> None:
        if bool(delivery) == given_up:
            raise CommandError("Name deliveries, or say --given-up.")
        chosen = WebhookDelivery.objects.filter(state=WebhookDelivery.State.GIVEN_UP)
        if delivery:
            chosen = WebhookDelivery.objects.filter(delivery_id__in=delivery)
        for chosen_delivery in chosen:
            outbox.send_again(chosen_delivery)
        self.stdout.write(f"{len(chosen)} deliveries are sent again")
