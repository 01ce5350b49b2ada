"""Failures are counted by cause and host with the outcomes, and one exact answer of each group is kept."""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from imports import services
from imports.models import FailureGroup, ImportItem, ImportJob
from imports.outcomes import failure_groups
from imports.outcomes.failure_groups import GroupChange
from tests import images
from tests.api_client import Caller, document_item, image_item
from tests.origin import Origin, Reply

Run = Callable[[], None]
PICTURE = Reply(images.png(images.picture(1, 1)))


def counts() -> dict[str, tuple[int, int]]:
    """By cause: failed, and still open."""
    return {group.cause: (group.failed, group.open) for group in FailureGroup.objects.order_by("pk")}


def check() -> None:
    """The counts are those of the items."""
    for group in FailureGroup.objects.all():
        items = ImportItem.objects.filter(failure_groups.items_of(group), outcome="failed")
        assert (items.count(), items.open_failures().count()) == (group.failed, group.open), group


def test_failures_are_counted_by_cause_and_host(times: Caller, origin: Origin, run_workers: Run) -> None:
    page = Reply(b"<title>Log in</title>", content_type="text/html")
    times.import_images(
        image_item(origin.reply("/good", PICTURE)),
        image_item(origin.url("/missing-1")),
        image_item(origin.url("/missing-2"), id="second"),
        image_item(origin.reply("/page", page)),
        image_item("https://a.example/", mediaType="unheard-of"),
    )
    run_workers()
    assert dict(sorted(counts().items())) == {"http-404": (2, 2), "media-type": (1, 1), "not-an-image": (1, 1)}
    check()
    missing, ours, page_group = FailureGroup.objects.order_by("cause")
    assert (missing.host, ours.host) == (f"{origin.host}:{origin.port}", "")
    assert missing.evidence["status"] == 404
    assert missing.evidence["body"] == "not found"
    assert page_group.evidence["body"] == "<title>Log in</title>"
    assert ["Content-Type", "text/html"] in page_group.evidence["headers"]
    assert ours.evidence is None
    assert all(ImportItem.objects.filter(outcome="failed").values_list("failed_at", flat=True))
    assert not ImportItem.objects.filter(outcome="success", failed_at__isnull=False).exists()


def test_failures_of_documents_have_no_host(times: Caller, run_workers: Run) -> None:
    times.import_documents(document_item(contentType="unheard-of"), document_item())
    run_workers()
    assert counts() == {"content-type": (1, 1)}
    check()


def test_a_later_success_deals_with_the_failure(times: Caller, origin: Origin, run_workers: Run) -> None:
    times.import_images(image_item(origin.url("/late"), id="late"), image_item(origin.url("/never"), id="never"))
    run_workers()
    times.import_images(image_item(origin.reply("/late", PICTURE), id="late"))
    run_workers()
    assert counts() == {"http-404": (2, 1)}
    check()


def test_what_was_cancelled_is_dealt_with_and_can_be_tried_again(times: Caller, run_workers: Run) -> None:
    public_id = times.import_images(image_item("https://a.example/1"), image_item("https://a.example/2"))
    job = ImportJob.objects.get(public_id=public_id)
    services.cancel_job(job)
    assert counts() == {"cancelled": (2, 0)}
    again = services.retry_job(job)
    assert again is not None
    assert again.total == 2
    assert services.retry_job(job) is None


def test_a_retry_takes_failures_over_once(times: Caller, origin: Origin, run_workers: Run) -> None:
    """JOB-26"""
    public_id = times.import_images(
        image_item(origin.url("/1")),
        image_item(origin.reply("/2", Reply(status=403))),
        webhook="https://hooks.example/",
    )
    run_workers()
    job = ImportJob.objects.get(public_id=public_id)
    again = services.retry_job(job, by="mara")
    assert again is not None
    assert (again.total, again.webhook, again.replay_of, again.note) == (
        2, "https://hooks.example/", job, f"retry of {public_id} by mara",
    )  # fmt: skip
    assert counts() == {"http-404": (1, 0), "http-403": (1, 0)}
    assert services.retry_job(job) is None
    run_workers()
    check()
    assert FailureGroup.objects.filter(job=again).aggregate(Sum("failed"))["failed__sum"] == 2


def test_what_a_cancelled_retry_leaves_is_open_again(times: Caller, origin: Origin, run_workers: Run) -> None:
    """JOB-27"""
    public_id = times.import_images(*[image_item(origin.url(f"/{number}")) for number in range(3)])
    run_workers()
    job = ImportJob.objects.get(public_id=public_id)
    again = services.retry_job(job)
    assert again is not None
    done = again.items.get(position=1)
    done.outcome, done.due_at = "success", None
    done.save()
    services.cancel_job(again)
    assert counts() == {"http-404": (3, 2), "cancelled": (2, 0)}
    check()
    assert list(job.items.filter(resolved_at=None).order_by("position").values_list("position", flat=True)) == [0, 2]


def test_what_a_cancelled_retry_leaves_is_retried_once(times: Caller, origin: Origin, run_workers: Run) -> None:
    """JOB-27: in the old job, where it is open, and not in the cancelled one as well."""
    public_id = times.import_images(image_item(origin.url("/1")), image_item(origin.url("/2")))
    run_workers()
    job = ImportJob.objects.get(public_id=public_id)
    again = services.retry_job(job)
    assert again is not None
    services.cancel_job(again)
    assert services.retry_job(ImportJob.objects.get(pk=again.pk)) is None
    third = services.retry_job(job)
    assert third is not None
    assert third.total == 2


def test_a_cancelled_retry_of_what_was_cancelled_is_retried_once(times: Caller) -> None:
    """JOB-27"""
    job = ImportJob.objects.get(public_id=times.import_images(image_item("https://a.example/1")))
    services.cancel_job(job)
    again = services.retry_job(job)
    assert again is not None
    services.cancel_job(again)
    assert [services.retry_job(one) is not None for one in (again, job, job)] == [False, True, False]
    check()


def test_a_running_job_can_be_retried(times: Caller) -> None:
    public_id = times.import_images(image_item("https://a.example/1"), image_item("https://a.example/2"))
    job = ImportJob.objects.get(public_id=public_id)
    job.items.filter(position=0).update(outcome="failed", reason="x", cause="http-403", due_at=None)
    again = services.retry_job(job)
    assert again is not None
    assert again.total == 1
    assert job.items.filter(outcome="open").count() == 1


def test_a_job_has_a_bounded_number_of_groups(times: Caller) -> None:
    job = ImportJob.objects.get(public_id=times.import_images(image_item("https://a.example/1")))
    for start in (0, 60, 90):
        changes = [GroupChange(job.pk, "http-404", 1 + n, f"h{n}:80", failed=1) for n in range(start, start + 70)]
        failure_groups.write([*changes, GroupChange(job.pk, "metadata", 0, failed=1)])
    groups = FailureGroup.objects.filter(job=job)
    assert groups.filter(host_key__gt=0).count() == failure_groups.MAX_HOSTS
    assert groups.get(host_key=FailureGroup.OTHER_HOSTS).failed == 90
    assert groups.filter(cause="http-404").aggregate(Sum("failed"))["failed__sum"] == 210
    assert groups.get(cause="metadata").failed == 3


def test_a_chunk_without_failures_costs_no_statement_and_one_with_failures_costs_one(
    times: Caller, origin: Origin, run_workers: Run
) -> None:
    def statements(path: str) -> int:
        seen: list[str] = []

        def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            seen.append(sql)
            return execute(sql, params, many, context)

        times.import_images(*[image_item(origin.url(path)) for _ in range(5)])
        with connection.execute_wrapper(note):
            run_workers()
        changes = [sql for sql in seen if not sql.lstrip().startswith("SELECT")]
        return sum("imports_failuregroup" in sql or "failed_at" in sql for sql in changes)

    origin.reply("/good", PICTURE)
    assert statements("/good") == 0
    assert statements("/missing") <= 2 * 5, "each chunk: its items' rows, and the groups"
    group = FailureGroup.objects.get()
    with CaptureQueriesContext(connection) as captured:
        failure_groups.write([GroupChange(group.job_id, group.cause, group.host_key, failed=1) for _ in range(48)])
    assert len(captured) == 1


def test_no_secret_of_an_address_comes_into_the_database(times: Caller, origin: Origin, run_workers: Run) -> None:
    """JOB-28, besides the request itself, which has to be kept for another try."""
    secret = "c4n4ryS1gn4ture"
    echo = f"GET /a?sig={secret}&b=1 {secret} sig%3D{secret}"
    origin.reply("/a", Reply(echo.encode(), 403, {"X-Deny-Reason": secret, "Location": f"/login?{secret}"}))
    origin.reply("/b", Reply(echo.encode(), 200, {"Server": secret}))
    job = times.import_images(
        image_item(f"{origin.url('/a')}?sig={secret}&b=1"), image_item(f"{origin.url('/b')}?sig={secret}&b=1")
    )
    run_workers()
    assert FailureGroup.objects.filter(evidence__isnull=False).count() == 2
    for model in apps.get_models():
        names = [field.name for field in model._meta.concrete_fields if field.name != "payload"]
        assert secret not in str(list(model._default_manager.values_list(*names))), model
    assert secret not in str(times.status(job))
