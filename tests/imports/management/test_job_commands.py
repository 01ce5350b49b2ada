"""list_imports, show_import, cancel_import, pause_import, resume_import, replay_import."""

from collections.abc import Callable

import pytest

from imports import services
from imports.management import job_details
from imports.models import ImportJob
from tests import images
from tests.api_client import Caller, image_item
from tests.commands import run, run_examples
from tests.origin import Origin, Reply

Run = Callable[[], None]
PICTURE = Reply(images.png(images.picture(1, 1)))
SECRET = "X-Amz-Signature=5ec2e7"


@pytest.fixture
def half_failed(times: Caller, origin: Origin, run_workers: Run) -> str:
    """A job of two items: one imported, one refused at a signed address."""
    origin.reply("/forbidden", Reply(status=403))
    job = times.import_images(
        image_item(origin.reply("/good", PICTURE)), image_item(origin.url(f"/forbidden?{SECRET}"), id="secret")
    )
    run_workers()
    return job


@pytest.fixture
def waiting(times: Caller) -> list[str]:
    """Two open jobs."""
    return [times.import_images(image_item("https://a.example/1"), systemName=name) for name in ("archive", "feed")]


# --- list_imports ----------------------------------------------------------------------------------------------------


def test_jobs_are_listed_newest_first_with_their_counts(times: Caller, half_failed: str, waiting: list[str]) -> None:
    services.pause_job(ImportJob.objects.get(public_id=waiting[0]))
    heading, *lines = run("list_imports").lines
    assert heading.split()[:4] == ["JOB", "PROJECT", "IMPORTS", "STATE"]
    assert [line.split()[0] for line in lines] == [*reversed(waiting), half_failed]
    assert "images from feed     open" in lines[0]
    assert "images from archive  paused" in lines[1]
    assert "images from archive  with failures" in lines[2]


def test_the_list_is_narrowed_by_project_state_and_kind(
    times: Caller, herald: Caller, half_failed: str, waiting: list[str]
) -> None:
    theirs = herald.import_images(image_item("https://a.example/1"))

    def listed(*options: str) -> list[str]:
        return [fact["job"] for fact in run("list_imports", "--json", *options).facts]

    assert listed("times", "--state", "open") == [*reversed(waiting)]
    assert listed("--state", "failures") == [half_failed]
    assert listed("--limit", "1") == [theirs]
    assert listed("--kind", "documents") == []


def test_the_examples_of_list_imports(times: Caller, half_failed: str, waiting: list[str]) -> None:
    everywhere, failures = run_examples("list_imports", {})
    assert len(everywhere.lines) == 3
    assert [line.split()[0] for line in failures.lines] == ["JOB", half_failed]


def test_where_there_is_no_job_the_list_says_so(times: Caller) -> None:
    ran = run("list_imports", "times")
    assert (ran.code, ran.out, ran.err) == (0, "", "There is no such job.\n")
    assert "did you mean 'times'?" in run("list_imports", "tims").err
    assert run("list_imports", "--limit", "0").code == 2


# --- show_import -----------------------------------------------------------------------------------------------------


def test_the_examples_of_show_import(half_failed: str) -> None:
    whole, followed = run_examples("show_import", {"25bzj8j": half_failed})
    assert whole.code == followed.code == 3, "it has failed items"
    assert whole.out == followed.out
    assert "2 of 2 done: 1 success, 0 skipped, 1 failed" in whole.out


def test_a_job_is_shown_without_the_secrets_of_addresses(half_failed: str) -> None:
    for ran in (run("show_import", half_failed), run("show_import", half_failed, "--json")):
        assert "HTTP 403 from http" in ran.out
        assert SECRET not in ran.out


def test_a_job_is_shown_to_programs(half_failed: str) -> None:
    (fact,) = run("show_import", half_failed, "--json").facts
    assert (fact["state"], fact["total"], fact["done"], fact["inWork"], fact["waitingFor"]) == (
        "success", 2, 2, None, None,
    )  # fmt: skip
    (failure,) = fact["failures"]
    assert (failure["externalId"], failure["cause"], failure["position"]) == ("secret", "http-403", 1)
    assert fact["reasons"] == [{"outcome": "failed", "reason": failure["reason"], "count": 1}]
    assert fact["finishedAt"].endswith("Z")


def test_following_shows_each_change_until_the_job_has_ended(
    times: Caller, origin: Origin, run_workers: Run, waiting: list[str]
) -> None:
    job = ImportJob.objects.get(public_id=times.import_images(image_item(origin.reply("/good", PICTURE))))
    seen = [(now.done, now.finished) for now in job_details.changes(job, run_workers)]
    assert seen == [(0, False), (1, True)]
    assert run("show_import", job.public_id, "--follow").code == 0


def test_a_job_is_named_by_how_it_alone_begins(times: Caller, waiting: list[str]) -> None:
    first, second = waiting
    ImportJob.objects.filter(public_id=first).update(public_id="abcd111111")
    ImportJob.objects.filter(public_id=second).update(public_id="abcd222222")
    assert run("show_import", "abcd1").code == 0
    assert "several import jobs: abcd111111, abcd222222" in run("show_import", "abcd").err
    assert run("show_import", "abc").err == 'There is no import job "abc": list_imports shows them'
    assert "did you mean 'abcd222222'?" in run("show_import", "abcd22222x").err
    assert run("show_import", "zzzz").code == 1


# --- cancel, pause and resume ----------------------------------------------------------------------------------------


def named(waiting: list[str]) -> dict[str, str]:
    return dict(zip(("25bzj8j", "9k2m81qz3f"), waiting, strict=True))


def test_the_examples_of_pause_import_and_resume_import(waiting: list[str]) -> None:
    first, second = waiting
    one, both = run_examples("pause_import", named(waiting))
    assert one.lines == [f"{first} is paused"]
    assert both.lines == [f"{first} was paused already, or has finished", f"{second} is paused"]
    one, both = run_examples("resume_import", named(waiting))
    assert one.lines == [f"{first} goes on"]
    assert both.lines == [f"{first} was not paused", f"{second} goes on"]
    assert one.code == both.code == 0


def test_the_examples_of_cancel_import(waiting: list[str]) -> None:
    first, second = waiting
    one, both = run_examples("cancel_import", named(waiting))
    assert one.lines == [f"{first} is cancelled"]
    assert both.lines == [f"{first} had finished already: nothing was changed", f"{second} is cancelled"]
    assert one.code == both.code == 0
    assert ImportJob.objects.filter(state=ImportJob.State.STARTED).count() == 0


def test_programs_learn_whether_something_changed(waiting: list[str]) -> None:
    first, _ = waiting
    facts = run("pause_import", "--json", first, first).facts + run("pause_import", "--json", first).facts
    assert [(fact["job"], fact["paused"], fact["changed"]) for fact in facts] == [
        (first, True, True),
        (first, True, False),
    ]


def test_a_mistyped_id_changes_no_job(waiting: list[str]) -> None:
    first, second = waiting
    ran = run("cancel_import", first, f"{second[:-1]}_")
    assert (ran.code, ran.out) == (1, "")
    assert f"did you mean '{second}'?" in ran.err
    assert ImportJob.objects.filter(state=ImportJob.State.STARTED).count() == 2


# --- replay_import ---------------------------------------------------------------------------------------------------


def test_the_examples_of_replay_import(half_failed: str) -> None:
    asked, made = run_examples("replay_import", {"25bzj8j": half_failed})
    assert asked.out == f"1 items of {half_failed} would be imported again\n"
    (new,) = made.lines
    assert ImportJob.objects.get(public_id=new).total == 1
    ran = run("replay_import", half_failed, "--cause", "http-403", "--json")
    assert ran.facts == [{"job": None, "replayOf": half_failed, "items": 0, "dryRun": False}]
    assert (ran.code, ran.err) == (0, f"Nothing of {half_failed} is left to try again: no job was made.\n")


def test_a_cause_of_which_nothing_failed_is_named_with_the_nearest(half_failed: str) -> None:
    assert run("replay_import", half_failed, "--cause", "timed-out").err == (
        f"Nothing of {half_failed} has failed of \"timed-out\": its causes are 'http-403'"
    )
    ran = run("replay_import", half_failed, "--cause", "htp-403")
    assert ran.code == 1
    assert "did you mean 'http-403'?" in ran.err
    assert ImportJob.objects.count() == 1
