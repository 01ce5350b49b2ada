"""What the previous version knows of webhooks that fail: copied by the migrations, and kept while it still sends."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from livingdocs_import.models import Project, ProjectReceiver
from tests.api_client import Caller

BEFORE = ("livingdocs_import", "0018_operations")
AFTER = ("livingdocs_import", "0022_external_identities")
ADDRESSES = {
    "https://A.example./x?y=1": "a.example:443",
    "http://b%C3%BCcher.example:8080": "xn--bcher-kva.example:8080",
    "http://0x7f.1/hook": "127.0.0.1:80",
    "https://[2001:DB8::0:1]/x": "[2001:db8::1]:443",
    "nonsense": "invalid",
}


def models_before() -> Any:
    """The models as a process of the previous version has them."""
    return MigrationExecutor(connection).loader.project_state([BEFORE]).apps


@pytest.fixture
def migrated_back(transactional_db: None) -> Iterator[None]:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate([BEFORE])
    yield
    MigrationExecutor(connection).migrate(newest)


def test_a_sender_of_the_previous_version_still_reads_and_writes_the_state_of_a_webhook(times: Caller) -> None:
    """Without the table it would lose each delivery that it claims, and give up those lost three times."""
    webhooks = models_before().get_model("livingdocs_import", "ProjectWebhook").objects
    fields = {"url": "https://a.example/x", "failures": 3, "failing_since": timezone.now()}
    webhooks.update_or_create(project_id=times.project.pk, handle="cache", defaults=fields)
    assert webhooks.get().failures == 3
    times.project.delete()
    connection.check_constraints()
    assert not Project.objects.exists(), "what it wrote does not keep a project from being deleted"


@pytest.mark.slow
def test_the_state_of_a_webhook_is_copied_and_copied_back(migrated_back: None) -> None:
    """The names of hosts are those of this version, whatever later ones make of such an address."""
    project = models_before().get_model("livingdocs_import", "Project").objects.create(handle="times")
    since = timezone.now() - timedelta(days=6)
    fields: dict[str, Any] = {"failures": 12, "failing_since": since, "switched_off_at": timezone.now()}
    webhooks = models_before().get_model("livingdocs_import", "ProjectWebhook").objects
    for number, url in enumerate(ADDRESSES):
        webhooks.create(project_id=project.pk, handle=f"hook-{number}", url=url, **fields)

    MigrationExecutor(connection).migrate([AFTER])
    rows = ProjectReceiver.objects.order_by("pk").values_list("lane", "name", "url", "failures", "failing_since")
    assert list(rows) == [
        (f"{project.pk} {name} hook-{number}", name, url, 12, since)
        for number, (url, name) in enumerate(ADDRESSES.items())
    ]

    ProjectReceiver.objects.exclude(webhook="hook-0").delete()
    ProjectReceiver.objects.update(failures=20)
    webhooks.create(project_id=project.pk + 1, handle="gone", url="https://a.example", **fields)
    MigrationExecutor(connection).migrate([BEFORE])
    connection.check_constraints()
    assert list(webhooks.values_list("handle", "failures")) == [("hook-0", 20)]
