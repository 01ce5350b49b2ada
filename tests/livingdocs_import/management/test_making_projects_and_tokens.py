"""Projects and tokens are made and changed as the help shows, and programs read what came of it."""

import json
from pathlib import Path

import pytest

from livingdocs_import.models import AccessToken, Project
from tests.api_client import CONFIG, Caller
from tests.commands import run, run_examples


def test_the_examples_make_a_project(db: None, tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(CONFIG))
    first, again = run_examples("create_project", {"config.json": str(file)})
    assert (first.code, first.out) == (0, f"{Project.objects.get().pk}\n")
    assert (again.code, again.err) == (1, 'There is a project "times" already.')


def test_for_programs_it_names_its_revision_and_what_has_no_effect(db: None, tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"v": 2, "settings": {"import": {"webhookSecret": {"$secretRef": {"name": "import"}}}}}))
    (fact,) = run("create_project", "times", "--config", str(file), "--json").facts
    assert (fact["project"], fact["id"], fact["revision"]) == ("times", Project.objects.get().pk, 1)
    assert "webhooks are not signed" in fact["warnings"][0]


def test_the_examples_change_a_project_and_show_it(times: Caller) -> None:
    changed, shown = run_examples("change_project", {})
    assert changed.out == shown.out
    assert "import weight: 2" in shown.lines
    (fact,) = run("change_project", "times", "--json").facts
    assert (fact["project"], fact["timeZone"], fact["importWeight"]) == ("times", "Europe/Zurich", 2)


def test_the_examples_make_tokens_whose_value_is_alone(times: Caller) -> None:
    before = AccessToken.objects.count()
    feed, preview = run_examples("create_token", {"2027-01-31T00:00:00Z": "2090-01-31T00:00:00Z"})
    assert len({feed.out, preview.out}) == AccessToken.objects.count() - before == 2
    assert len(feed.lines) == len(preview.lines) == 1
    (fact,) = run("create_token", "times", "--name", "web", "--scope", "public-api:read", "--json").facts
    assert (fact["project"], fact["name"], fact["scopes"], fact["endsAt"]) == (
        "times",
        "web",
        ["public-api:read"],
        None,
    )
    assert AccessToken.objects.get(name="web").public_id == fact["token"]


def test_the_examples_check_each_configuration(times: Caller) -> None:
    people, programs = run_examples("check_project_configs", {})
    assert people.lines[-1] == "1 configuration checked, 0 would be refused as a new revision"
    assert [(fact["project"], fact["problems"]) for fact in programs.facts] == [("times", [])]


def test_the_examples_encrypt_all_secrets(times: Caller) -> None:
    assert {ran.out for ran in run_examples("encrypt_secrets", {})} == {
        "every stored secret is encrypted with the first key\n"
    }
    assert run("encrypt_secrets", "--json").facts == [{"unreadable": []}]


@pytest.mark.parametrize("at_once", ["0", "-5"])
def test_no_secrets_at_once_are_wrong_usage(times: Caller, at_once: str) -> None:
    ran = run("encrypt_secrets", f"--at-once={at_once}")
    assert (ran.code, ran.err) == (2, f"--at-once {at_once}: 1 or more")


def test_a_limit_that_is_none_is_wrong_usage(db: None) -> None:
    ran = run("create_project", "gazette", "--daily-limit", "many")
    assert ran.code == 2
    assert "--daily-limit many" in ran.err


def test_the_examples_write_the_openapi_documents(tmp_path: Path) -> None:
    folders = {"docs/openapi": str(tmp_path), "openapi-before": str(tmp_path / "new" / "before")}
    assert {ran.code for ran in run_examples("write_openapi", folders)} == {0}
    assert list(tmp_path.glob("*.json"))
    assert list(tmp_path.glob("new/before/*.json"))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    ran = run("write_openapi", str(tmp_path / "file"))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"{tmp_path / 'file'} cannot be written: File exists"
