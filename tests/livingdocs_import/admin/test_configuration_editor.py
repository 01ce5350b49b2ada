"""The editor of a configuration: problems at their lines, repairs, differences, and revisions that are restored."""

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile

from livingdocs_import.admin import configuration_drafts
from livingdocs_import.admin.configuration_drafts import changed_lines, draft
from livingdocs_import.models import Project, ProjectConfigRevision
from livingdocs_import.project_config import publishing, store
from livingdocs_import.project_config.differences import difference
from tests.api_client import CONFIG, Caller, store_unchecked
from tests.operators import member, operator

ADD = "/admin/livingdocs_import/projectconfigrevision/add/"
RESTORE = "/admin/livingdocs_import/projectconfigrevision/act/restore/"


def changed(**settings: Any) -> dict[str, Any]:
    return CONFIG | {"settings": CONFIG["settings"] | settings}


def lines(config: Any) -> str:
    return json.dumps(config, indent=2)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def post(times: Caller, text: str, client: Any = None, **fields: Any) -> Any:
    data = {"project": times.project.pk, "base": 1, "text": text} | fields
    return (client or operator()).post(ADD, data, follow=True)


def shown(times: Caller, text: str, **fields: Any) -> str:
    return str(post(times, text, **fields).content.decode())


def revisions(times: Caller) -> int:
    return ProjectConfigRevision.objects.filter(project=times.project).count()


def revision(times: Caller, number: int) -> ProjectConfigRevision:
    return ProjectConfigRevision.objects.get(project=times.project, revision=number)


def page_of(row: ProjectConfigRevision) -> str:
    return f"/admin/livingdocs_import/projectconfigrevision/{row.pk}/change/"


# --- Problems


MISSPELT = lines(CONFIG).replace('"type": "mediaImage"', '"type": "mediaImages"', 1).replace('"label"', '"lable"', 1)


def test_problems_are_shown_at_their_lines_and_nothing_is_stored(times: Caller) -> None:
    page = shown(times, MISSPELT, check="1")
    for part in ('"mediaImages"', '"lable"'):
        number = line_of(MISSPELT, part)
        assert f'<li class="wrong" id="L{number}"><span>{number}</span>' in page
        assert f"<b>● {number}</b>" in page
    assert "must be one of mediaImage, mediaVideo, mediaFile" in page
    assert "+       &quot;type&quot;: &quot;mediaImages&quot;" in page, "what would change is shown as well"
    assert "Use mediaImage<" in page
    assert "Use label<" in page
    assert revisions(times) == 1


def test_saving_what_has_problems_stores_nothing_and_shows_them(times: Caller) -> None:
    assert '<li class="wrong"' in shown(times, MISSPELT, save="1")
    assert revisions(times) == 1


def repairs(times: Caller, text: str) -> dict[str, str]:
    """What each problem that can be repaired would be replaced by, by its pointer."""
    findings = draft(times.project, text, None, by="", plan=True).findings
    return {each.pointer: each.repair.meant for each in findings if each.repair}


def test_a_repair_is_one_button(times: Caller) -> None:
    text = MISSPELT
    for _ in range(2):
        number = next(
            each.number for each in draft(times.project, text, None, by="", plan=True).findings if each.repair
        )
        response = post(times, text, repair=number)
        text = response.context["draft"].text
    assert json.loads(text) == CONFIG
    assert "No problems" in response.content.decode()
    assert revisions(times) == 1


@pytest.mark.parametrize("number", ["99", "x", "-1", ""])
def test_a_repair_that_does_not_exist_changes_nothing(times: Caller, number: str) -> None:
    response = post(times, MISSPELT, repair=number)
    assert response.context["draft"].text == MISSPELT
    assert revisions(times) == 1


def test_known_names_are_suggested_for_keys_choices_and_references(times: Caller) -> None:
    def component(name: str) -> dict[str, Any]:
        return {"name": name}

    config = changed(lable="x", defaultMediaTypes={"mediaImage": "imgae"})
    config["contentTypes"] = [CONFIG["contentTypes"][0] | {"components": [component("paragrph")]}]
    config["contentTypes"][0] = config["contentTypes"][0] | {"documentType": "artcle"}
    assert repairs(times, lines(config)) == {
        "/settings/defaultMediaTypes/mediaImage": "image",
        "/contentTypes/0/components/0/name": "paragraph",
        "/contentTypes/0/documentType": "article",
    }, "settings have their label: a second one is no repair"


def test_a_key_whose_right_spelling_is_there_as_well_is_not_replaced(times: Caller) -> None:
    assert repairs(times, '{"v": 2, "settings": {}, "setings": {}}') == {}
    assert repairs(times, '{"v": 2, "setings": {}}') == {"/setings": "settings"}


@pytest.mark.parametrize(
    ("text", "line"),
    [('{"v": 2,\n"a" 3}', 2), ('{"v": 2,\n\n"v": 2}', 3), ("[]", 1), ('{"v":\n{"a": 12345678901234567890}}', 2)],
)
def test_a_text_that_is_no_configuration_has_a_line_as_well(times: Caller, text: str, line: int) -> None:
    (finding,) = draft(times.project, text, None, by="", plan=True).findings
    assert finding.line == line


def test_a_problem_of_what_is_missing_is_at_the_object_that_lacks_it(times: Caller) -> None:
    text = '{\n"v": 2,\n"mediaTypes": [\n{"type": "mediaImage"}]}'
    findings = draft(times.project, text, None, by="", plan=True).findings
    assert {finding.line for finding in findings} == {4}


def test_a_file_of_one_line_is_laid_out(times: Caller) -> None:
    response = post(times, json.dumps(changed(lable=1)), check="1")
    text = response.context["draft"].text
    assert text.count("\n") > 100
    assert response.context["draft"].findings[0].line == line_of(text, '"lable"')


# --- What would change


def test_checking_shows_what_would_change(times: Caller) -> None:
    page = shown(times, lines(changed(label="Evening")), check="1")
    assert "1 change." in page
    assert "<span>+     &quot;label&quot;: &quot;Evening&quot;" in page
    assert revisions(times) == 1


def test_a_removed_content_type_is_a_warning(times: Caller) -> None:
    config = CONFIG | {"contentTypes": [each for each in CONFIG["contentTypes"] if each["handle"] != "page"]}
    assert "Content type <code>page</code> is removed" in shown(times, lines(config), check="1")
    assert "is removed" not in shown(times, lines(changed(label="x")), check="1")


def test_secrets_are_masked_in_differences(times: Caller) -> None:
    store.store(times.project, changed(**{"import": {"webhookSecret": "hunter2"}}), by="test")
    text = lines(changed(**{"import": {"webhookSecret": "hunter3"}}))
    response = post(times, text, base=2, check="1")
    assert len(response.context["patches"]) == 1
    rows = [row.text for row in response.context["changes"]]
    assert [row.strip() for row in rows[1:]] == ['"webhookSecret": "***"'] * 2


def test_changes_of_elements_that_stand_elsewhere_have_the_lines_of_both() -> None:
    old = {"v": 2, "components": [{"name": "a"}, {"name": "b", "label": "x"}, {"name": "gone"}]}
    new = {"v": 2, "components": [{"name": "new"}, {"name": "a"}, {"name": "b", "label": "y"}]}
    rows = changed_lines(difference(old, new), lines(old), lines(new))
    assert [(row.kind, row.number, row.text.strip()) for row in rows if row.kind != "gap"] == [
        ("plus", 4, "{"), ("plus", 5, '"name": "new"'), ("plus", 6, "},"),
        ("minus", 9, '"label": "x"'), ("plus", 12, '"label": "y"'),
        ("minus", 11, "{"), ("minus", 12, '"name": "gone"'), ("minus", 13, "}"),
    ]  # fmt: skip


def test_the_order_of_keys_is_no_change_and_no_revision(times: Caller) -> None:
    text = lines(dict(reversed(CONFIG.items())))
    assert "The order of keys is no difference" in shown(times, text, check="1")
    assert "Nothing differs from revision 1: nothing was stored." in shown(times, text, save="1")
    assert revisions(times) == 1


def test_any_two_revisions_are_compared(times: Caller) -> None:
    for label in ("Two", "Three"):
        store.store(times.project, changed(label=label), by="test")
    client = operator()
    page = client.get(page_of(revision(times, 3))).content.decode()
    assert "&quot;label&quot;: &quot;Two&quot;" in page
    page = client.get(f"{page_of(revision(times, 3))}?against=1").content.decode()
    assert "&quot;label&quot;: &quot;Two&quot;" not in page
    assert "+     &quot;label&quot;: &quot;Three&quot;" in page
    for wrong in ("x", "99", "9" * 18):
        assert client.get(f"{page_of(revision(times, 3))}?against={wrong}").status_code == 200


# --- Saving


def test_what_another_has_stored_meanwhile_is_not_replaced_unseen(times: Caller) -> None:
    store.store(times.project, changed(label="Of another"), by="ines")
    response = post(times, lines(changed(label="Mine")), save="1")
    page = response.content.decode()
    assert "Meanwhile revision 2 was stored by ines" in page
    assert "-     &quot;label&quot;: &quot;Of another&quot;" in page
    assert revisions(times) == 2
    post(times, lines(changed(label="Mine")), base=response.context["base"], save="1")
    assert store.current(times.project).label != "Mine"  # of the instance that the test has
    assert revision(times, 3).config["settings"]["label"] == "Mine"


def test_a_text_that_names_an_older_revision_is_refused(times: Caller) -> None:
    store.store(times.project, changed(label="Newer"), by="ines")
    page = shown(times, lines(CONFIG | {"$baseRevision": 1}), base=2, save="1")
    assert "is not the newest revision" in page
    assert revisions(times) == 2


def test_a_file_that_is_not_utf_8_is_reported(times: Caller) -> None:
    page = shown(times, "", file=SimpleUploadedFile("c.json", b'{"v": 2, "x": "\xff"}'), save="1")
    assert "the file is not UTF-8" in page
    assert revisions(times) == 1


def test_a_large_configuration_is_edited_as_a_file(times: Caller) -> None:
    config = CONFIG | {"editorSettings": {"a": ["x" * 1_500] * 3_000}}
    response = post(times, lines(config), check="1")
    page = response.content.decode()
    assert "edit it as a file" in page
    assert len(page) < 500_000
    assert response.context["draft"].is_large


def test_a_file_that_no_configuration_needs_is_not_read(times: Caller) -> None:
    file = SimpleUploadedFile("c.json", b"{" + b"\n" * 10_000_000 + b"}")
    page = shown(times, "", file=file, save="1")
    assert "must NOT have more than 10,000,000 characters" in page
    assert len(page) < 100_000
    assert revisions(times) == 1


# --- Who, and which project


def test_a_text_that_short_lines_would_make_too_large_for_the_page_stays_as_it_is() -> None:
    text = '{"a":' + "[" * 60 + ",".join("1" * 40_000) + "]" * 60 + "}"
    assert configuration_drafts.laid_out(text) == text


def test_only_administrators_edit(times: Caller) -> None:
    for role, status in (("viewer", 403), ("operator", 403), ("administrator", 200)):
        client = member(times=role)
        assert client.get(f"{ADD}?project={times.project.pk}").status_code == status
        assert post(times, "{}", client, check="1").status_code == status
        assert client.get(page_of(revision(times, 1))).status_code == 200


def test_without_a_project_those_that_may_be_edited_are_offered(times: Caller, herald: Caller) -> None:
    page = member(times="administrator", herald="viewer").get(ADD).content.decode()
    assert f"?project={times.project.pk}" in page
    assert f"?project={herald.project.pk}" not in page


@pytest.mark.parametrize("project", ["0", "x", "9" * 30])
def test_a_project_that_does_not_exist_is_a_404(times: Caller, project: str) -> None:
    assert operator().get(f"{ADD}?project={project}").status_code == 404


def test_the_list_of_projects_leads_to_the_editor(times: Caller) -> None:
    link = f'<a href="{ADD}?project={times.project.pk}">Edit</a>'
    assert link in operator().get("/admin/livingdocs_import/project/").content.decode()
    assert link not in member(times="viewer").get("/admin/livingdocs_import/project/").content.decode()


# --- Restoring


def restore(row: ProjectConfigRevision, client: Any = None, **data: str) -> Any:
    """The button's request, or with `yes` that of the question about the newest revision."""
    data = ({"seen": str(Project.objects.get(pk=row.project_id).config_revision)} if "yes" in data else {}) | data
    return (client or operator()).post(RESTORE, {"object": row.pk} | data, follow=True)


def test_an_old_revision_is_restored_with_its_secrets_after_a_question(times: Caller) -> None:
    old = store.store(times.project, changed(label="Old", **{"import": {"webhookSecret": "hunter2"}}), by="test")
    store.store(times.project, changed(label="New", **{"import": {"webhookSecret": "hunter3"}}), by="test")
    asked = restore(old).content.decode()
    assert "becomes revision 4" in asked
    assert "+     &quot;label&quot;: &quot;Old&quot;" in asked
    assert "hunter" not in asked
    assert revisions(times) == 3
    done = restore(old, yes="1").content.decode()
    assert "is restored as revision 4" in done
    assert publishing.changes_between(old, revision(times, 4)) == []
    assert revision(times, 4).created_by == "operator-1"
    assert LogEntry.objects.get().change_message


def test_what_was_stored_since_the_question_is_asked_about_first(times: Caller) -> None:
    store.store(times.project, changed(label="Two"), by="test")
    assert 'name="seen" value="2"' in restore(revision(times, 1)).content.decode()
    store.store(times.project, changed(label="Three"), by="test")
    asked = restore(revision(times, 1), yes="1", seen="2").content.decode()
    assert "Meanwhile revision 3 was stored" in asked
    assert "-     &quot;label&quot;: &quot;Three&quot;" in asked
    assert 'name="seen" value="3"' in asked
    assert revisions(times) == 3
    assert "is restored as revision 4" in restore(revision(times, 1), yes="1", seen="3").content.decode()


def test_the_newest_revision_and_one_equal_to_it_are_not_restored(times: Caller) -> None:
    store.store(times.project, changed(label="Two"), by="test")
    store.store(times.project, CONFIG, by="test")
    assert "nothing to do" in restore(revision(times, 3), yes="1").content.decode()
    assert "nothing differs from the newest revision" in restore(revision(times, 1)).content.decode()
    assert "nothing was stored" in restore(revision(times, 1), yes="1").content.decode()
    assert revisions(times) == 3


def test_an_old_revision_that_would_be_refused_today_is_opened_in_the_editor(times: Caller) -> None:
    old = store_unchecked(times.project, CONFIG | {"setings": {}})
    store.store(times.project, CONFIG, by="test")
    page = restore(old).content.decode()
    assert "/setings: Additional properties not allowed" in page
    assert revisions(times) == 3
    text = operator().get(f"{ADD}?project={times.project.pk}&from={old.revision}").context["draft"].text
    assert "setings" in text


def test_operators_do_not_restore(times: Caller) -> None:
    old = revision(times, 1)
    store.store(times.project, changed(label="Two"), by="test")
    assert restore(old, member(times="operator"), yes="1").status_code == 403
    assert restore(old, member(times="administrator"), yes="1").status_code == 200
    assert revisions(times) == 3


def test_the_limits_of_a_page_hold(times: Caller) -> None:
    config = CONFIG | {f"unknown{number}": number for number in range(900)}
    response = post(times, lines(config), check="1")
    assert "900 problems" in response.content.decode()
    rows = response.context["draft"].at_their_lines()
    assert len([row for row in rows if row.kind == "problem"]) == configuration_drafts.MAX_SHOWN
