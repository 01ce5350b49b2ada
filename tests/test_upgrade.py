"""A database that the version before has filled, in the middle of its work, is migrated; then everything goes on."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from imports import services
from imports.models import FailureGroup, ImportItem, ImportJob
from imports.worker import Worker
from livingdocs_import.egress.endpoints import endpoint_of
from livingdocs_import.egress.host_limits import host_key
from livingdocs_import.models import Project, WebhookDelivery
from livingdocs_import.webhooks.dispatcher import Dispatcher
from tests import images
from tests.api_client import CONFIG, Caller, document_item, image_item
from tests.origin import Origin, Reply

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(300)]

BEFORE = [
    ("documents", "0002_compress_with_lz4"),
    ("imports", "0004_last_sweep"),
    ("livingdocs_import", "0002_database_defaults"),
    ("media_library", "0004_count_links_by_index"),
]
PICTURE = Reply(images.png(images.picture(1, 1)))
NOT_FOUND = {"message": "HTTP 404"}
LONG_AGO = timedelta(minutes=3)  # the leases of workers that were killed have ended


@pytest.fixture
def before(transactional_db: None) -> Iterator[Any]:
    """The models of the version before; the database is as that version has left it. Migrated again afterwards."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    try:
        yield executor.loader.project_state(BEFORE).apps
    finally:
        MigrationExecutor(connection).migrate(newest)


def old_project(before: Any) -> Any:
    project = before.get_model("livingdocs_import", "Project").objects.create(
        handle="times", config_revision=1, webhook_secret="s3cret"
    )
    before.get_model("livingdocs_import", "ProjectConfigRevision").objects.create(
        project=project, revision=1, config=CONFIG, design_name="living-times", design_version="1.0.1"
    )
    return project


def old_job(before: Any, project: Any, kind: str, items: list[dict[str, Any]], **fields: Any) -> Any:
    """A job that has been accepted some minutes ago, and its items, of which none has been begun."""
    moment = timezone.now() - timedelta(minutes=10)
    job = before.get_model("imports", "ImportJob").objects.create(
        project=project, kind=kind, system_name="archive", total=len(items), started_at=moment, **fields
    )
    model, places = before.get_model("imports", "ImportItem"), {}
    rows = []
    for position, item in enumerate(items):
        title = item.get("fileName") or item["title"]
        row = model(job=job, position=position, external_id=item["id"], title=title, payload=item, due_at=moment)
        row.waits_for, places[item["id"]] = places.get(item["id"]), position
        rows.append(row)
    model.objects.bulk_create(rows)
    return job


def held_by_a_dead_worker(rows: Any) -> None:
    """The version before counted a try when it was begun."""
    rows.update(held=True, fence=1, attempts=1, due_at=timezone.now() - LONG_AGO)


def old_batch(before: Any, project: Any, origin: Origin) -> Any:
    """Of eight items one has succeeded, one failed, one was lost with its worker, one stumbled, two share an id."""
    urls = [origin.reply(f"/{n}", PICTURE) for n in range(6)]
    items = [image_item(url) for url in urls] + [image_item(urls[0], id="twin"), image_item(urls[1], id="twin")]
    job = old_job(before, project, "images", items, webhook=origin.url("/hook"), has_repeats=True, success=1, failed=1)
    rows = before.get_model("imports", "ImportItem").objects.filter(job=job)
    ended = {"due_at": None, "fence": 1, "attempts": 1}
    snapshot = {"mediaId": "abc", "key": "2026/01/01/a.png", "mimeType": "image/png", "width": 1, "height": 1}
    rows.filter(position=0).update(outcome="success", result=snapshot, **ended)
    rows.filter(position=1).update(outcome="failed", reason="Could not upload image", details=NOT_FOUND, **ended)
    held_by_a_dead_worker(rows.filter(position=2))
    rows.filter(position=3).update(fence=1, attempts=1)
    return job


def old_failures(before: Any, project: Any, origin: Origin) -> Any:
    """A job that has ended, of which each item failed."""
    job = old_job(before, project, "images", [image_item(origin.reply("/late", PICTURE)) for _ in range(2)])
    before.get_model("imports", "ImportItem").objects.filter(job=job).update(
        outcome="failed", reason="r", due_at=None, attempts=3
    )
    before.get_model("imports", "ImportJob").objects.filter(pk=job.pk).update(
        state="success", failed=2, finished_at=timezone.now() - LONG_AGO
    )
    return job


def old_documents(before: Any, project: Any) -> Any:
    """Four of which the first was lost with its worker."""
    job = old_job(before, project, "documents", [document_item() for _ in range(4)])
    held_by_a_dead_worker(before.get_model("imports", "ImportItem").objects.filter(job=job, position=0))
    return job


def old_webhooks(before: Any, project: Any, origin: Origin) -> None:
    """One of each kind; their subjects say which."""
    model = before.get_model("livingdocs_import", "WebhookDelivery")
    for subject in ("waits", "again", "held", "given up"):
        model.objects.create(project=project, subject=subject, url=origin.url("/old"), body="{}")
    model.objects.filter(subject="again").update(attempts=2, fence=2, due_at=timezone.now() + timedelta(hours=1))
    held_by_a_dead_worker(model.objects.filter(subject="held"))
    model.objects.filter(subject="given up").update(state="given up", due_at=None, ended_at=timezone.now())


def test_what_the_version_before_has_begun_goes_on(before: Any, origin: Origin, dispatcher: Dispatcher) -> None:
    project = old_project(before)
    batch, documents = old_batch(before, project, origin), old_documents(before, project)
    failures = old_failures(before, project, origin)
    late = old_job(before, project, "images", [image_item(origin.url(f"/{n}")) for n in range(3)])
    old_webhooks(before, project, origin)

    call_command("migrate", verbosity=0)
    open_items = ImportItem.objects.filter(outcome="open", job__kind="images")
    assert {item.host_key for item in open_items} == {host_key(endpoint_of(origin.url("/")))}
    times = Caller(Project.objects.get())
    assert {row["status"] for row in times.status(failures.public_id)["images"]} == {"failed"}
    assert sum(group.open for group in FailureGroup.objects.filter(job=failures.pk)) == 2
    again = services.retry_job(ImportJob.objects.get(pk=failures.pk))
    assert again is not None
    worker = Worker()
    for _ in range(4):
        worker.run_until_idle()
        WebhookDelivery.objects.filter(state="pending").update(due_at=timezone.now())
        dispatcher.deliver_due(seconds=0)

    answer = times.status(batch.public_id)
    assert (answer["finished"], answer["state"]) == (True, "success")
    assert [row["status"] for row in answer["images"]] == ["success", "failed", *["success"] * 6]
    assert answer["images"][1]["error_details"] == NOT_FOUND, "what it said is not rewritten"
    counted = ImportItem.objects.filter(job=batch.pk).order_by("position").values_list("attempts", "losses", "cause")
    assert list(counted[:4]) == [(1, 0, ""), (1, 0, ""), (1, 1, ""), (1, 0, "")]
    for job, number in ((late, 3), (again, 2)):
        assert [row["status"] for row in times.status(job.public_id)["images"]] == ["success"] * number
    assert not ImportItem.objects.filter(job=failures.pk, resolved_at__isnull=True).exists()
    logs = times.status(documents.public_id, "documents")["logs"]
    assert [row["state"] for row in logs] == ["imported"] * 4

    (hook,) = origin.asked("/hook")
    assert hook.headers["x-livingdocs-signature"].startswith("sha256="), "signed with the secret from before"
    rows = WebhookDelivery.objects.order_by("pk").values_list("subject", "state", "attempts")
    assert list(rows) == [
        ("waits", "delivered", 1),
        ("again", "delivered", 3),
        ("held", "delivered", 2),
        ("given up", "given up", 0),
        (f"job {batch.public_id}", "delivered", 1),
    ]
