"""Items in the admin: "which failed, why, today?", over all jobs and within one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from imports.models import ImportItem, ImportJob
from livingdocs_import.admin import pages
from media_library.models import MediaEntry
from tests.api_client import Caller
from tests.imports.admin.test_jobs import make_job
from tests.operators import operator

LIST = "/admin/imports/importitem/"


@pytest.fixture
def jobs(times: Caller) -> dict[str, ImportJob]:
    """One of today and one of last week."""
    today = make_job(times, "success", "failed:not an image", "failed:too large", "skipped:not changed")
    old = make_job(times, "failed:not an image", "failed:long gone")
    ImportJob.objects.filter(pk=old.pk).update(started_at=timezone.now() - timedelta(days=6))
    return {"today": today, "old": old}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 6),
        ("outcome__exact=failed", 4),
        ("outcome__exact=failed&started=1", 2),
        ("outcome__exact=failed&started=7", 4),
        ("reason=not+an+image", 2),
        ("reason=not+an+image&started=1", 1),
        ("job={today}", 4),
        ("job={today}&outcome__exact=failed", 2),
        ("job={old}&reason=long+gone", 1),
        ("job=unheardof", 0),
        ("q=image-1", 2),
    ],
)
def test_items_are_found_by_what_one_asks_for(jobs: dict[str, ImportJob], query: str, count: int) -> None:
    ids = {name: job.public_id for name, job in jobs.items()}
    shown = operator().get(f"{LIST}?{query.format(**ids)}").content.decode()
    assert f"{count} import item" in shown


def test_the_reasons_to_choose_from_are_those_of_the_last_day_with_their_counts(jobs: dict[str, ImportJob]) -> None:
    shown = operator().get(LIST).content.decode()
    assert "not an image (1)" in shown
    assert "too large (1)" in shown
    assert "long gone" not in shown.partition('id="changelist-filter"')[2]


def test_within_a_job_they_are_the_job_s(jobs: dict[str, ImportJob]) -> None:
    shown = (
        operator().get(f"{LIST}?job={jobs['old'].public_id}").content.decode().partition('id="changelist-filter"')[2]
    )
    assert "long gone (1)" in shown
    assert "too large" not in shown
    assert jobs["old"].public_id in shown


def test_the_items_of_a_job_stand_in_the_order_of_the_request(jobs: dict[str, ImportJob]) -> None:
    shown = operator().get(f"{LIST}?job={jobs['today'].public_id}").content.decode()
    places = [shown.index(f">image-{number}<") for number in range(4)]
    assert places == sorted(places)


def test_an_item_leads_to_its_job_and_to_the_entry_it_became(times: Caller) -> None:
    job = make_job(times, "success")
    asset = {"key": "2026/11/21/a.jpeg"}
    entry = MediaEntry.objects.create(
        project=times.project, media_type="image", base_type="mediaImage", asset=asset, asset_key=asset["key"]
    )
    ImportItem.objects.update(result={"mediaId": entry.media_id})
    shown = operator().get(f"{LIST}{job.items.get().pk}/change/").content.decode()
    assert f"/admin/imports/importjob/{job.pk}/change/" in shown
    assert f'<a href="/admin/media_library/mediaentry/{entry.pk}/change/">{entry.media_id}</a>' in shown


def test_another_project_s_entry_of_the_same_id_is_not_taken_for_it(times: Caller, herald: Caller) -> None:
    job = make_job(times, "success")
    stranger = MediaEntry.objects.create(
        project=herald.project, media_id="same", media_type="image", base_type="mediaImage", asset={"key": "a"},
        asset_key="a",
    )  # fmt: skip
    ImportItem.objects.update(result={"mediaId": "same"})
    shown = operator().get(f"{LIST}{job.items.get().pk}/change/").content.decode()
    assert "same" in shown
    assert f"/admin/media_library/mediaentry/{stranger.pk}/change/" not in shown


def test_a_long_list_counts_only_so_far_and_says_so(times: Caller) -> None:
    job = make_job(times, "success")
    ImportItem.objects.bulk_create(
        ImportItem(job=job, position=number, external_id="x", payload={}, outcome="success", due_at=None)
        for number in range(1, pages.FAR_ENOUGH + 50)
    )
    client = operator()
    shown = client.get(LIST).content.decode()
    assert f"These are the first {pages.FAR_ENOUGH}." in shown
    assert client.get(f"{LIST}?p=100").status_code == 200
    assert "These are the first" not in client.get(f"{LIST}?q=image-0").content.decode()
