"""audit_assets --repair: missing files are fetched again from where they came, if they are still the same."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from imports.models import ImportJob
from livingdocs_import.egress.endpoints import endpoint_of
from livingdocs_import.egress.host_limits import host_key
from livingdocs_import.models import HostBrake
from media_library.models import MediaEntry
from media_library.storage import assets
from tests import images
from tests.api_client import Caller, image_item
from tests.commands import run, run_examples
from tests.origin import Canary, Origin, Reply

PICTURE = Reply(images.png(images.picture(1, 1)))


@pytest.fixture
def lost(times: Caller, origin: Origin, run_workers: Callable[[], None]) -> str:
    """The key of an entry whose file is gone."""
    origin.reply("/a", PICTURE)
    times.import_images(image_item(origin.url("/a?secret=5ec2e7")))
    run_workers()
    key = MediaEntry.objects.get().asset_key
    assets().delete(key)
    return key


def stored() -> list[str]:
    return assets().below("")


def test_the_examples_of_audit_assets(lost: str) -> None:
    reported, repaired = run_examples("audit_assets", {"2026-01-01": f"{timezone.now():%Y-%m-%d}"})
    assert (reported.code, reported.lines[0]) == (3, f"is missing: {lost}")
    assert repaired.code == 0
    assert repaired.lines == [
        f"is repaired: {lost}", "0 files checked, 0 orphaned, 1 missing, 0 removed, 1 repaired",
    ]  # fmt: skip
    assert stored() == [lost]
    assert b"".join(assets().read(lost, 0, assets().stat(lost).size)) == PICTURE.body
    assert run("audit_assets", "--repair").lines == ["1 files checked, 0 orphaned, 0 missing, 0 removed, 0 repaired"]


def test_a_day_that_is_none_is_a_wrong_usage(db: None) -> None:
    said = run("audit_assets", "--since", "tomorrow")
    assert "tomorrow: expected a day, e.g. 2026-01-31" in said.err


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(images.png(images.picture(1, 1, "L"))), "its address has another file now"),
        (Reply(PICTURE.body + b" "), "larger than"),
        (Reply(status=404), "HTTP 404 from http://"),
    ],
    ids=["another file", "a longer file", "no file"],
)
def test_what_is_not_the_same_is_reported_and_not_stored(lost: str, origin: Origin, reply: Reply, why: str) -> None:
    origin.reply("/a", reply)
    ran = run("audit_assets", "--repair", "--json")
    assert ran.code == 3
    (fact,) = ran.facts
    assert (fact["finding"], fact["key"]) == ("missing", lost)
    assert why in fact["why"]
    assert "5ec2e7" not in ran.out
    assert stored() == []


def test_what_was_imported_yesterday_is_repaired_as_well(
    times: Caller, origin: Origin, run_workers: Callable[[], None]
) -> None:
    """Its key has the day on which its job began."""
    origin.reply("/a", PICTURE)
    job, day = times.import_images(image_item(origin.url("/a"))), timedelta(days=1)
    ImportJob.objects.filter(public_id=job).update(started_at=timezone.now() - day)
    run_workers()
    key = MediaEntry.objects.get().asset_key
    assert key.startswith(f"{timezone.now() - day:%Y/%m/%d}/")
    assets().delete(key)
    assert run("audit_assets", "--repair", "--since", f"{timezone.now():%Y-%m-%d}").lines[-1].startswith("0 files")
    assert run("audit_assets", "--repair").lines[0] == f"is repaired: {key}"
    assert stored() == [key]


def test_a_host_that_does_not_answer_is_asked_three_times(
    times: Caller, origin: Origin, run_workers: Callable[[], None]
) -> None:
    addresses = [origin.reply(f"/{number}", PICTURE) for number in range(5)]
    times.import_images(*(image_item(address, id=f"cat-{n}") for n, address in enumerate(addresses)))
    run_workers()
    for key in MediaEntry.objects.values_list("asset_key", flat=True):
        assets().delete(key)
    origin.close()
    why = [fact["why"] for fact in run("audit_assets", "--repair", "--json").facts]
    given_up = f"{endpoint_of(addresses[0])} does not answer"
    assert [each == given_up for each in why] == [False, False, False, True, True]


def test_nothing_is_fetched_from_where_no_client_may_send_us(lost: str, canary: Canary) -> None:
    """THR-1"""
    MediaEntry.objects.update(source_url=f"http://127.0.0.1:{canary.port}/a")
    assert f"is missing: {lost} (the address is not allowed)" in run("audit_assets", "--repair").out
    assert stored() == []


@pytest.mark.parametrize("field", ["source_url", "asset_sha256"])
def test_a_file_of_which_address_or_hash_is_not_known_stays_missing(lost: str, origin: Origin, field: str) -> None:
    asked = len(origin.requests)
    MediaEntry.objects.update(**{field: ""})
    assert "the address or the hash of its file is not known" in run("audit_assets", "--repair").out
    assert len(origin.requests) == asked


def test_a_host_with_a_brake_is_not_asked_out_of_its_hours(lost: str, origin: Origin) -> None:
    asked, host = len(origin.requests), endpoint_of(origin.url("/"))
    later = timezone.now() + timedelta(hours=2)
    HostBrake.objects.create(
        host=host, key=host_key(host), open_from=later.time(), open_until=(later + timedelta(hours=1)).time()
    )
    assert f"the brake on {host}" in run("audit_assets", "--repair").out
    assert len(origin.requests) == asked
