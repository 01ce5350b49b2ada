"""Commands that store a configuration say what in it has no effect."""

import json
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from livingdocs_import.models import Project
from tests.cast import CONFIG, Caller

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
