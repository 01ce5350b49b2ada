"""Jobs are ordered, hosts limited, projects deleted and chores done as the help shows, and programs read it."""

import io
import sys

import pytest

from imports.models import ImportJob
from livingdocs_import.models import HostBrake, Project
from tests.api_client import Caller, image_item
from tests.commands import run, run_examples


def test_the_examples_order_a_job(times: Caller) -> None:
    job, _ = (
        times.import_images(image_item("https://a.example/1.png")),
        times.import_images(image_item("https://a.example/2.png")),
    )
    first, last = run_examples("order_import", {"25bzj8j": job})
    assert first.out == f"{job} comes first in its project (priority 1)\n"
    assert last.out == f"{job} comes last in its project (priority -1)\n"
    assert run("order_import", job, "--first", "--json").facts == [{"job": job, "priority": 1}]


def test_a_job_that_has_ended_is_not_ordered(times: Caller) -> None:
    job = times.import_images(image_item("https://a.example/1.png"))
    run("cancel_import", job)
    said = run("order_import", job, "--first")
    assert (said.code, said.out) == (0, f"{job} had finished already: nothing was changed\n")
    assert ImportJob.objects.get().priority == 0


def test_the_examples_limit_a_host_and_list_it(db: None) -> None:
    *_, listed = run_examples("brake_host", {})
    said = "at most 2 requests a second, only from 22:00 to 06:00"
    assert listed.lines == [f"pictures.example.org:443: {said}"], "a limit that is not named stays"
    fact = {"host": "pictures.example.org:443", "perSecond": 2.0, "openFrom": "22:00", "openUntil": "06:00"}
    assert run("brake_host", "--json").facts == [fact]
    off = run("brake_host", "pictures.example.org", "--off", "--json")
    assert off.facts == [fact | {"perSecond": None, "openFrom": None, "openUntil": None}]
    assert not HostBrake.objects.exists()


def test_a_limit_that_makes_no_sense_is_a_wrong_usage(db: None) -> None:
    assert run("brake_host", "pictures.example.org").code == 2
    assert run("brake_host", "--per-second", "2").code == 2
    assert run("brake_host", "notaurl", "--per-second", "2").code == 2
    assert run("brake_host").err.strip() == "No host has a brake."
    assert run("brake_host", "localhost:8080", "--per-second", "2").code == 0
    assert run("brake_host", "pictures.example.org", "--per-second", "0").code == 2


def test_the_examples_delete_a_project_only_with_its_handle(times: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("no\n"))
    asked, confirmed = run_examples("delete_project", {})
    assert (asked.code, asked.err) == (1, "That is not its handle: nothing was deleted.")
    assert (confirmed.code, confirmed.lines[-1]) == (0, "project deleted")
    assert not Project.objects.exists()


def test_a_program_confirms_a_deletion_and_reads_what_it_was(times: Caller) -> None:
    assert run("delete_project", "times", "--json").code == 2
    assert run("delete_project", "times", "--confirm", "time").code == 1
    assert Project.objects.exists()
    (fact,) = run("delete_project", "times", "--confirm", "times", "--json").facts
    assert (fact["project"], fact["jobs"], fact["entries"]) == ("times", 0, 0)
    assert not Project.objects.exists()


def test_the_examples_do_a_round_of_chores(times: Caller) -> None:
    times.import_images(image_item("https://a.example/1.png"))
    people, programs = run_examples("sweep", {})
    assert "jobs with work: 1" in people.lines
    assert {"chore": "jobs_with_work", "number": 1} in programs.facts
