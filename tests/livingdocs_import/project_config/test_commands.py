"""Commands that store a configuration say what in it has no effect."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from livingdocs_import.models import Project
from tests.api_client import CONFIG, Caller, store_unchecked

WARNING = (
    "warning: /contentTypes/1/displayTitlePattern: has no effect yet: documents keep the title they were sent with"
)


def test_loading_a_configuration_warns_of_what_has_no_effect(times: Caller, tmp_path: Path) -> None:
    file, out, err = tmp_path / "config.json", StringIO(), StringIO()
    types = [{"handle": name, "documentType": "article", "displayTitlePattern": "x"} for name in ("article", "column")]
    del types[0]["displayTitlePattern"]
    file.write_text(json.dumps(CONFIG | {"contentTypes": types}))
    call_command("load_project_config", "times", str(file), stdout=out, stderr=err)
    assert err.getvalue().splitlines() == [WARNING]
    assert out.getvalue() == "revision 2, design living-times 1.0.1\n"


@pytest.mark.parametrize("key", ["setings", "mediaTypes/0/metadatas", "mediaTypes/0/metadata/0/config/maxLenght"])
def test_a_misspelt_key_is_refused(times: Caller, tmp_path: Path, key: str) -> None:
    """CFG-14"""
    config = json.loads(json.dumps(CONFIG))
    *way, last = key.split("/")
    place = config
    for step in way:
        place = place[int(step) if step.isdecimal() else step]
    place[last] = 1
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    with pytest.raises(CommandError, match=f"/{key}: Additional properties not allowed; did you mean '"):
        call_command("load_project_config", "times", str(file))
    assert times.project.config_revisions.count() == 1


def test_a_configuration_that_was_downloaded_can_be_loaded(times: Caller, tmp_path: Path) -> None:
    """It names the revision it was made from, which is neither compared here nor stored."""
    file = tmp_path / "config.json"
    changed = CONFIG | {"contentTypes": CONFIG["contentTypes"][:1]}
    file.write_text(json.dumps(changed | {"$baseRevision": 28}))
    call_command("load_project_config", "times", str(file), stdout=StringIO(), stderr=StringIO())
    assert times.project.config_revisions.get(revision=2).config == changed


def test_problems_that_a_new_revision_would_have_to_fix_are_listed(times: Caller, herald: Caller, db: None) -> None:
    """Nothing is changed, and nothing fails: stored configurations go on working."""
    Project.objects.create(handle="empty")
    store_unchecked(herald.project, CONFIG | {"setings": {}, "deliveries": [{"publishType": "export"}]})
    out = StringIO()
    call_command("check_project_configs", stdout=out)
    assert out.getvalue().splitlines() == [
        "herald, revision 2: /setings: Additional properties not allowed; did you mean 'settings'?",
        "herald, revision 2: /deliveries/0/publishType: was removed in release-2026-07; "
        "use contentTypes[].publishControl.mode",
        "2 configurations checked, 1 would be refused as a new revision",
    ]


FUNCTION = {"handle": "web", "label": "Web", "recordUsageLogEntry": "newsroom"}
NO_FUNCTION = (
    "/mediaCenter/usagePurposes/1/recordUsageLogEntry: has no effect yet: USAGE_LOG_FUNCTIONS of this installation has "
    "no 'newsroom', so uses of this purpose stay pending"
)


def test_a_function_that_is_not_registered_is_warned_of(times: Caller, tmp_path: Path, settings: Any) -> None:
    """USE-11: the configuration is stored, and says so; with the function it does not."""
    purposes = [{"handle": "print", "label": "Print"}, FUNCTION]
    file, out, err = tmp_path / "config.json", StringIO(), StringIO()
    file.write_text(json.dumps(CONFIG | {"mediaCenter": {"usagePurposes": purposes}}))
    call_command("load_project_config", "times", str(file), stdout=StringIO(), stderr=err)
    call_command("check_project_configs", stdout=out)
    assert f"warning: {NO_FUNCTION}" in err.getvalue().splitlines()
    assert out.getvalue().splitlines() == [
        f"times, revision 2: warning: {NO_FUNCTION}",
        "1 configuration checked, 0 would be refused as a new revision",
    ]
    settings.USAGE_LOG_FUNCTIONS = {"newsroom": "newsroom.usage.web"}
    out, err = StringIO(), StringIO()
    call_command("load_project_config", "times", str(file), stdout=StringIO(), stderr=err)
    call_command("check_project_configs", stdout=out)
    assert "USAGE_LOG_FUNCTIONS" not in err.getvalue()
    assert out.getvalue() == "1 configuration checked, 0 would be refused as a new revision\n"


@pytest.mark.parametrize(
    "center", [7, {"usagePurposes": 7}, {"usagePurposes": [7]}, {"usagePurposes": [{"recordUsageLogEntry": 7}]}]
)
def test_what_was_stored_unread_is_passed_over(times: Caller, center: Any) -> None:
    store_unchecked(times.project, CONFIG | {"mediaCenter": center})
    out = StringIO()
    call_command("check_project_configs", stdout=out)
    assert "warning" not in out.getvalue()


def test_so_does_making_a_project_with_one(db: None, tmp_path: Path) -> None:
    file, err = tmp_path / "config.json", StringIO()
    secret = {"import": {"webhookSecret": {"$secretRef": {"name": "import"}}}}
    file.write_text(json.dumps({"v": 2, "settings": secret}))
    call_command("create_project", "times", "--config", str(file), stdout=StringIO(), stderr=err)
    assert err.getvalue() == (
        "warning: /settings/import/webhookSecret: refers to the webhook secret of the project, which is not set: "
        "webhooks are not signed\n"
    )
    assert Project.objects.get().config_revision == 1
