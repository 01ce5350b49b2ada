"""purge: what retention would remove, and removing it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports.models import ImportItem, ImportJob
from livingdocs_import.models import WebhookDelivery
from tests.api_client import Caller, image_item
from tests.commands import run, run_examples

LONG_AGO = timedelta(days=400)


@pytest.fixture
def old(times: Caller) -> str:
    """A job that ended long ago, its items, and a webhook; beside it a job of today."""
    job = times.import_images(*[image_item("https://a.example/1") for _ in range(3)])
    then = timezone.now() - LONG_AGO
    ImportJob.objects.filter(public_id=job).update(state="success", started_at=then, finished_at=then)
    ImportItem.objects.update(outcome="success", due_at=None)
    WebhookDelivery.objects.create(
        project=times.project,
        subject=f"job {job}",
        url="https://r.example/",
        body="{}",
        state="given up",
        due_at=None,
        created_at=then,
    )
    times.import_images(image_item("https://a.example/1"))
    return job


def counts() -> tuple[int, int, int]:
    return ImportJob.objects.count(), ImportItem.objects.count(), WebhookDelivery.objects.count()


def test_the_examples_of_purge(old: str) -> None:
    before = counts()
    looked, done = run_examples("purge", {})
    assert before == (2, 4, 1)
    assert looked.out == done.out, "what was announced"
    numbers = {" ".join(line.split()[:2]): line.split()[2:] for line in looked.lines}
    assert numbers["import jobs"] == ["1", "30", "d", "RESULT_RETENTION_DAYS"]
    assert numbers["import items"][0] == "3"
    assert numbers["webhook deliveries"][0] == "1"
    assert done.err == "5 rows removed\n"
    assert counts() == (1, 1, 0)


def test_it_may_be_repeated(old: str) -> None:
    run("purge")
    ran = run("purge", "--json")
    assert {fact["number"] for fact in ran.facts} == {0}
    assert (ran.code, ran.err) == (0, "0 rows removed\n")


def test_a_dry_run_removes_nothing(old: str) -> None:
    before = counts()
    assert run("purge", "--dry-run").err == ""
    assert counts() == before
