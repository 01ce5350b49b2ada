"""Configurations in the admin: the next revision is added, what was before can only be read."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from livingdocs_import.models import ProjectConfigRevision
from livingdocs_import.project_config import store
from livingdocs_import.validation import limits
from tests.api_client import CONFIG, Caller
from tests.operators import operator

ADD = "/admin/livingdocs_import/projectconfigrevision/add/"


def changed(**settings: Any) -> dict[str, Any]:
    return CONFIG | {"settings": CONFIG["settings"] | settings}


def revision(times: Caller, number: int) -> ProjectConfigRevision:
    return ProjectConfigRevision.objects.get(project=times.project, revision=number)


def page_of(row: ProjectConfigRevision) -> str:
    return f"/admin/livingdocs_import/projectconfigrevision/{row.pk}/change/"


def test_a_pasted_configuration_becomes_the_next_revision(times: Caller) -> None:
    config = changed(label="Living Times, evening")
    answer = operator().post(ADD, {"project": times.project.pk, "text": json.dumps(config)})
    assert answer.status_code == 302
    times.project.refresh_from_db()
    assert times.project.config_revision == 2
    assert (revision(times, 2).config, revision(times, 2).created_by) == (config, "operator-0")
    assert store.current(times.project).label == "Living Times, evening"


def test_a_file_is_taken_instead_of_the_text(times: Caller) -> None:
    file = SimpleUploadedFile("config.json", json.dumps(changed(label="from a file")).encode())
    operator().post(ADD, {"project": times.project.pk, "text": "{}", "file": file})
    assert revision(times, 2).config["settings"]["label"] == "from a file"


def test_a_file_of_more_values_than_memory_should_be_spent_on_is_refused(times: Caller) -> None:
    """It was a 500."""
    file = SimpleUploadedFile("config.json", b"[" + b"1," * limits.MAX_VALUES + b"1]")
    page = operator().post(ADD, {"project": times.project.pk, "file": file})
    assert (page.status_code, "1 problem" in page.content.decode()) == (200, True)


def test_a_misspelt_key_is_refused(times: Caller) -> None:
    """CFG-14"""
    config = CONFIG | {"setings": {}}
    page = operator().post(ADD, {"project": times.project.pk, "text": json.dumps(config)}).content.decode()
    assert "did you mean &#x27;settings&#x27;?</strong> <code>/setings</code>" in page
    assert ProjectConfigRevision.objects.count() == 1


def test_all_problems_are_listed_by_pointer_and_nothing_is_stored(times: Caller) -> None:
    config = {"v": 3, "settings": {"languages": 4}, "mediaTypes": [{"handle": 5}]}
    page = operator().post(ADD, {"project": times.project.pk, "text": json.dumps(config)}).content.decode()
    for pointer in ("/v", "/settings/languages", "/mediaTypes/0/handle"):
        assert f"<code>{pointer}</code>" in page
    assert ProjectConfigRevision.objects.count() == 1


def test_json_that_could_not_be_stored_as_it_stands_is_refused(times: Caller) -> None:
    client = operator()
    for text in ("", "{", "[]", '{"v": 2, "v": 2}', '{"v": 2, "x": "\\u0000"}', '{"v": 1e999}'):
        page = client.post(ADD, {"project": times.project.pk, "text": text}).content.decode()
        assert "1 problem<" in page, text
    assert ProjectConfigRevision.objects.count() == 1


def test_the_form_starts_with_the_newest_configuration_without_its_secrets(times: Caller) -> None:
    store.store(times.project, changed(**{"import": {"webhookSecret": "hunter2"}}), by="test")
    client = operator()
    page = client.get(f"{ADD}?project={times.project.pk}").content.decode()
    assert "living-times" in page
    assert "hunter2" not in page

    masked = changed(label="after", **{"import": {"webhookSecret": "***"}})
    assert client.post(ADD, {"project": times.project.pk, "text": json.dumps(masked)}).status_code == 302
    stored = [revision(times, number).config["settings"]["import"]["webhookSecret"] for number in (2, 3)]
    assert stored[0] == stored[1], "what is masked stays as it is stored"


def test_a_masked_secret_is_refused_where_none_is_stored(times: Caller) -> None:
    masked = changed(**{"import": {"webhookSecret": "***"}})
    page = operator().post(ADD, {"project": times.project.pk, "text": json.dumps(masked)}).content.decode()
    assert "is &#x27;***&#x27;, and there is no stored secret here" in page
    assert ProjectConfigRevision.objects.filter(project=times.project).count() == 1


def test_a_revision_shows_what_changed_since_the_one_before_and_no_secret(times: Caller) -> None:
    secret = {"webhookSecret": "hunter2"}
    row = store.store(times.project, changed(label="Evening", **{"import": secret}), by="test")
    page = operator().get(page_of(row)).content.decode()
    assert "<span>+     &quot;label&quot;: &quot;Evening&quot;," in page
    assert "hunter2" not in page


def test_a_revision_cannot_be_changed_or_deleted(times: Caller) -> None:
    row = revision(times, 1)
    client = operator()
    assert client.post(page_of(row), {"project": times.project.pk, "text": "{}"}).status_code == 403
    assert client.post(page_of(row).replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert revision(times, 1).config == CONFIG


def test_what_has_no_effect_is_said_when_it_is_stored_and_on_its_page(times: Caller) -> None:
    secret = {"import": {"webhookSecret": {"$secretRef": {"name": "import"}}}}
    client = operator()
    body = {"project": times.project.pk, "text": json.dumps(changed(**secret))}
    reported = client.post(ADD, body, follow=True).content.decode()
    page = client.get(page_of(revision(times, 2))).content.decode()
    for shown in (reported, page):
        assert "displayTitlePattern: has no effect yet: documents keep the title" in shown
        assert "/settings/import/webhookSecret: refers to the webhook secret of the project, which is not set" in shown
    times.project.webhook_secret = "hush"
    times.project.save()
    assert "which is not set" not in client.get(page_of(revision(times, 2))).content.decode()


def test_who_may_only_look_cannot_add_one(times: Caller) -> None:
    client = operator("livingdocs_import.view_projectconfigrevision")
    assert client.get(page_of(revision(times, 1))).status_code == 200
    assert client.post(ADD, {"project": times.project.pk, "text": json.dumps(CONFIG)}).status_code == 403
