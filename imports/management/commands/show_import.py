"""Show a job: counts, speed, failures and their reasons, and its webhook."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from imports import monitoring
from imports.claiming.waiting import waiting_for
from imports.management.jobs import add_job_argument, job_named
from imports.models import ImportItem
from livingdocs_import.models import WebhookDelivery

MOMENT = "%Y-%m-%d %H:%M:%S UTC"


class Command(BaseCommand):
    help = "Show an import: state, counts, reasons of failure, webhook attempts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_job_argument(parser)
        parser.add_argument("--failed", type=int, default=10, metavar="N", help="list so many failed items (10)")

    def handle(self, *args: Any, job: str, failed: int, **options: Any) -> None:
        chosen = job_named(job)
        say = self.stdout.write
        say(
            f"{chosen.kind} {chosen.public_id}: {chosen.state}  (project {chosen.project}, system {chosen.system_name})"
        )
        finished = f"{chosen.finished_at:{MOMENT}}" if chosen.finished_at else "not yet"
        say(f"started {chosen.started_at:{MOMENT}}, finished {finished}")
        if chosen.note:
            say(chosen.note)
        counts = f"{chosen.success} success, {chosen.skipped} skipped, {chosen.failed} failed"
        say(f"{chosen.done} of {chosen.total} done: {counts}")
        if not chosen.finished:
            left = monitoring.in_work(chosen)
            say(f"{chosen.total - chosen.done} open: {left.begun} in work, {left.again} waiting for another try")
            if waiting := waiting_for(chosen):
                say(f"waits for {waiting}")
        failures = chosen.items.filter(outcome=ImportItem.Outcome.FAILED)
        for group in monitoring.reasons(failures, limit=chosen.total):
            say(f"  {group.count} x {group.reason}")
        for item in failures.order_by("position")[: min(max(failed, 0), chosen.total)]:
            detail = (item.details or {}).get("message", "")
            say(f"  #{item.position} {item.external_id}: {item.reason}{f' ({detail})' if detail else ''}")
        for delivery in WebhookDelivery.objects.filter(subject=f"job {chosen.public_id}").order_by("created_at"):
            say(f"webhook {delivery.delivery_id}: {delivery.state}")
            for attempt in delivery.tries.all():
                say(f"  {attempt}")
