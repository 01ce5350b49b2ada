"""show_config, diff_config, and load_project_config with its plan."""

import json
from pathlib import Path
from typing import Any

import pytest

from livingdocs_import.project_config import store
from tests.api_client import CONFIG, Caller
from tests.commands import run, run_examples

SECRET = "whsec_5ec2e7"
WITH_SECRET = CONFIG | {"settings": CONFIG.get("settings", {}) | {"import": {"webhookSecret": SECRET}}}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """config.json of the examples, in the present folder: the reference configuration without its last content type."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "config.json"
    write(path, CONFIG | {"contentTypes": CONFIG["contentTypes"][:-1]})
    return path


def write(path: Path, config: dict[str, Any]) -> None:
    path.write_text(json.dumps(config))


def revisions(caller: Caller) -> int:
    return caller.project.config_revisions.count()


# --- show_config -----------------------------------------------------------------------------------------------------


def test_the_examples_of_show_config(times: Caller) -> None:
    store.store(times.project, WITH_SECRET, by="test")
    newest, oldest = run_examples("show_config", {})
    assert json.loads(newest.out) == WITH_SECRET | {
        "$baseRevision": 2, "settings": WITH_SECRET["settings"] | {"import": {"webhookSecret": "***"}}
    }  # fmt: skip
    assert json.loads(oldest.out) == CONFIG | {"$baseRevision": 1}
    assert len(run("show_config", "times", "--json").lines) == 1


def test_a_revision_that_there_is_not_is_named(times: Caller) -> None:
    ran = run("show_config", "times", "--revision", "7")
    assert (ran.code, ran.err) == (1, 'Project "times" has no revision 7: it has revisions 1 to 1')


def test_what_is_shown_can_be_loaded_again_and_keeps_the_secrets(times: Caller, file: Path) -> None:
    store.store(times.project, WITH_SECRET, by="test")
    file.write_text(run("show_config", "times").out)
    assert "nothing differs from revision 2" in run("load_project_config", "times", str(file)).out
    assert revisions(times) == 2


# --- diff_config -----------------------------------------------------------------------------------------------------


def test_the_examples_of_diff_config(times: Caller, file: Path) -> None:
    store.store(times.project, CONFIG | {"contentTypes": CONFIG["contentTypes"][:-1]}, by="test")
    same, changed = run_examples("diff_config", {})
    assert (same.code, same.out, same.err) == (0, "", "no difference\n")
    place = len(CONFIG["contentTypes"]) - 1
    assert changed.code == 3
    assert changed.lines[0].startswith(f"- /contentTypes/{place}: {{")
    (fact,) = run("diff_config", "times", "--from", "1", "--to", "2", "--json").facts
    assert fact == {
        "action": "remove",
        "pointer": f"/contentTypes/{place}",
        "value": None,
        "valueBefore": CONFIG["contentTypes"][-1],
    }


def test_secrets_that_differ_are_named_and_not_shown(times: Caller, file: Path) -> None:
    store.store(times.project, WITH_SECRET, by="test")
    other = WITH_SECRET["settings"] | {"import": {"webhookSecret": "another"}}
    write(file, WITH_SECRET | {"settings": other})
    ran = run("diff_config", "times", str(file))
    assert ran.lines == ['~ /settings/import/webhookSecret: "***" → "***"']
    assert "another" not in run("diff_config", "times", str(file), "--json").out


def test_two_things_are_compared(times: Caller, file: Path) -> None:
    assert run("diff_config", "times").code == 2
    assert run("diff_config", "times", str(file), "--to", "1").code == 2


# --- load_project_config ---------------------------------------------------------------------------------------------


def test_the_examples_of_load_project_config(times: Caller, file: Path) -> None:
    planned, stored = run_examples("load_project_config", {})
    assert planned.lines[-1] == "1 changes; nothing was stored"
    assert planned.lines[0].startswith("- /contentTypes/")
    assert stored.lines == ["revision 2, design living-times 1.0.1"]
    assert (planned.code, stored.code, revisions(times)) == (0, 0, 2)


def test_the_same_file_again_makes_no_revision(times: Caller, file: Path) -> None:
    run("load_project_config", "times", str(file))
    ran = run("load_project_config", "times", str(file), "--json")
    (fact,) = ran.facts
    assert (fact["ok"], fact["changed"], fact["revision"], fact["patches"]) == (True, False, 2, [])
    assert revisions(times) == 2


def test_problems_are_listed_for_programs_too(times: Caller, file: Path) -> None:
    write(file, CONFIG | {"setings": {}})
    ran = run("load_project_config", "times", str(file), "--dry-run", "--json")
    (fact,) = ran.facts
    assert (ran.code, fact["ok"], fact["changed"]) == (1, False, False)
    assert [each["pointer"] for each in fact["problems"]] == ["/setings"]
    assert run("load_project_config", "times", str(file)).code == 1
    assert revisions(times) == 1


def test_documents_that_a_configuration_would_hide_are_announced(newsroom: Any, file: Path) -> None:
    newsroom.fine(id="one", contentType="article")
    others = [each for each in CONFIG["contentTypes"] if each["handle"] != "article"]
    write(file, CONFIG | {"contentTypes": others})
    ran = run("load_project_config", "times", str(file), "--dry-run")
    assert "warning: There are documents of content type 'article', which is removed" in ran.err
