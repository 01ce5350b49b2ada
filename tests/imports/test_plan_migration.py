"""Imports of plans are linked as each version expects them, when the database is migrated back and again."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from imports.models import ImportJob
from livingdocs_import.models import Project

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(300)]
BEFORE = [("imports", "0018_failures_of_the_day")]


@pytest.fixture
def migrated(transactional_db: None) -> Iterator[None]:
    """All of it is migrated afterwards, whatever happens."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield
    MigrationExecutor(connection).migrate(newest)


def jobs_before() -> Any:
    """Migrate back; the jobs as the previous version knows them."""
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    return executor.loader.project_state(BEFORE).apps.get_model("imports", "ImportJob").objects


def test_imports_are_linked_with_their_plans_and_like_replays_on_the_way_back(migrated: None) -> None:
    """DRY-17: of several imports of one plan, the first carries it out; all of them count as before."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    project = Project.objects.create(handle="times")
    ended: dict[str, Any] = {
        "project_id": project.pk, "kind": "images", "state": "success", "finished_at": timezone.now(),
    }  # fmt: skip
    plan, other = (ImportJob.objects.create(**ended, dry_run=True) for _ in range(2))
    again = ImportJob.objects.create(**ended, dry_run=True, replay_of=plan)
    real = ImportJob.objects.create(**ended, carries_out=plan)
    replay = ImportJob.objects.create(**ended, replay_of=real)
    before = jobs_before()
    assert before.get(pk=real.pk).replay_of_id == plan.pk
    first, second, late = (before.create(**ended, replay_of_id=key).pk for key in (other.pk, other.pk, plan.pk))
    MigrationExecutor(connection).migrate(newest)
    assert {key: links for key, *links in ImportJob.objects.values_list("pk", "replay_of", "carries_out")} == {
        plan.pk: [None, None],
        other.pk: [None, None],
        again.pk: [plan.pk, None],
        real.pk: [None, plan.pk],
        replay.pk: [real.pk, None],
        first: [None, other.pk],
        second: [None, None],
        late: [None, None],
    }
