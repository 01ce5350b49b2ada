"""GET and POST projectConfig: configurations are read, planned and published, as the command-line client does."""

import copy
import json
import re
import time
from typing import Any

import pytest
from cryptography.fernet import Fernet

from livingdocs_import.models import Project, ProjectConfigRevision
from livingdocs_import.project_config import store
from livingdocs_import.security import encryption
from tests.api_client import CONFIG, Caller, document_item, store_unchecked
from tests.full_config import FULL, large_config

CONFIG_READ, CONFIG_WRITE = "public-api:config:read", "public-api:config:write"
SECRET = ("settings", "import", "webhookSecret")


@pytest.fixture
def gazette(db: None) -> Caller:
    """A project without a configuration, and a client that may read and write it."""
    return Caller(Project.objects.create(handle="gazette"), (CONFIG_READ, CONFIG_WRITE))


@pytest.fixture
def full(gazette: Caller) -> Caller:
    """The same with a configuration that has everything: revision 1."""
    assert publish(gazette, FULL)["ok"] is True
    return gazette


def read(caller: Caller) -> dict[str, Any]:
    answer = caller.get("projectConfig")
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def send(caller: Caller, config: dict[str, Any], *, plan: bool) -> Any:
    answer = caller.post("projectConfig", {"plan": plan, "channelConfig": config})
    assert answer.status_code == 200, answer.content
    return answer.json()


def plan(caller: Caller, config: dict[str, Any]) -> Any:
    return send(caller, config, plan=True)


def publish(caller: Caller, config: dict[str, Any]) -> Any:
    return send(caller, config, plan=False)


def changed(**settings: Any) -> dict[str, Any]:
    config = copy.deepcopy(FULL)
    config["settings"].update(settings)
    return config


def revisions(caller: Caller) -> int:
    return ProjectConfigRevision.objects.filter(project=caller.project).count()


# --- Reading ---------------------------------------------------------------------------------------------------------


def test_a_configuration_comes_with_its_revision(full: Caller) -> None:
    """CFG-06"""
    config = read(full)
    assert list(config)[:2] == ["v", "$baseRevision"]
    assert (config["v"], config["$baseRevision"]) == (2, 1)


def test_a_project_without_a_configuration_has_an_empty_one(gazette: Caller) -> None:
    """CFG-06"""
    assert read(gazette) == {"v": 2, "$baseRevision": 0}


def test_every_documented_key_comes_back_as_it_was_sent(full: Caller) -> None:
    """CFG-13, CFG-16"""
    assert read(full) == FULL | {"$baseRevision": 1}


def test_what_is_read_and_sent_again_changes_nothing(full: Caller) -> None:
    """CFG-11, CFG-13"""
    config = read(full)
    assert plan(full, config) == {"ok": True, "plan": True, "patches": []}
    assert publish(full, config) == {"ok": True, "plan": False, "patches": [], "revisionNumber": 1}
    assert revisions(full) == 1


def test_a_configuration_that_would_be_refused_today_is_read_and_its_project_works(times: Caller) -> None:
    """CFG-06"""
    store_unchecked(times.project, CONFIG | {"setings": {}, "settings": CONFIG["settings"] | {"editMode": "default"}})
    times = times.with_scopes(CONFIG_READ, CONFIG_WRITE, "public-api:write")
    config = read(times)
    assert (config["setings"], config["$baseRevision"]) == ({}, 2)
    assert times.import_documents(document_item())
    assert [fault["pointer"] for fault in plan(times, config)["schemaErrors"]] == ["/setings", "/settings/editMode"]
    del config["setings"], config["settings"]["editMode"]
    removed = [(patch["action"], patch["pointer"]) for patch in publish(times, config)["patches"]]
    assert removed == [("remove", "/settings/editMode"), ("remove", "/setings")]


def test_an_answer_that_the_caller_has_is_a_304(full: Caller) -> None:
    tag = full.get("projectConfig").headers["ETag"]
    assert full.get("projectConfig", **{"If-None-Match": tag}).status_code == 304
    publish(full, changed(label="Evening Gazette"))
    assert full.get("projectConfig", **{"If-None-Match": tag}).status_code == 200


def test_files_that_would_overwrite_each_other_are_warned_of(gazette: Caller) -> None:
    """The command-line client downloads a file for each element of an array at the top."""
    publish(gazette, {"v": 2, "components": [{"name": name, "html": "<p></p>"} for name in ("lead-box", "leadBox")]})
    warning = gazette.get("projectConfig").headers["Warning"]
    assert warning == (
        "299 - \"components: 'lead-box' and 'leadBox' have the same file name when they are downloaded\""
    )


# --- Planning and publishing -----------------------------------------------------------------------------------------


def test_a_plan_changes_nothing(full: Caller) -> None:
    """CFG-07"""
    answer = plan(full, changed(label="Evening Gazette"))
    patch = {
        "action": "update",
        "pointer": "/settings/label",
        "value": "Evening Gazette",
        "valueBefore": "Gazette",
    }
    assert answer == {"ok": True, "plan": True, "patches": [patch]}
    assert (revisions(full), read(full)["settings"]["label"]) == (1, "Gazette")


def test_a_publication_repeats_the_patches_and_names_the_revision(full: Caller) -> None:
    """CFG-09, CFG-10: the body of the official command-line client, twice."""
    config = read(full)
    config["contentTypes"][0]["metadata"].append({"handle": "kicker", "type": "li-text"})
    config["settings"]["handle"] = "evening-gazette"
    del config["components"][2]["directives"][9]
    config["design"]["version"] = "1.4.0"
    planned = plan(full, config)
    published = publish(full, config)
    assert published == planned | {"plan": False, "revisionNumber": 2, "designVersion": "1.4.0"}
    assert [(patch["action"], patch["pointer"]) for patch in published["patches"]] == [
        ("update", "/design/version"),
        ("update", "/settings/handle"),
        ("add", "/contentTypes/0/metadata/3"),
        ("remove", "/components/2/directives/9"),
    ]
    assert published["patches"][1]["valueBefore"] == "gazette"
    assert "valueBefore" not in published["patches"][2]
    assert "value" not in published["patches"][3]
    assert read(full) == config | {"$baseRevision": 2}
    row = ProjectConfigRevision.objects.get(project=full.project, revision=2)
    assert row.created_by == "tests"
    full.project.refresh_from_db()
    assert store.current(full.project).handle == "evening-gazette"


def test_the_design_is_raised_with_its_components_where_its_version_is_not_named(gazette: Caller) -> None:
    """CFG-10"""
    config: dict[str, Any] = {"v": 2, "components": [{"name": "p", "html": "<p></p>"}]}
    assert publish(gazette, config)["designVersion"] == "1.0.0"
    config["settings"] = {"label": "Gazette"}
    assert "designVersion" not in publish(gazette, config)
    config["designSettings"] = {"label": "Gazette"}
    assert publish(gazette, config)["designVersion"] == "1.1.0"
    config["components"][0]["label"] = "Paragraph"
    assert publish(gazette, config)["designVersion"] == "1.2.0"


def test_the_configuration_replaces_the_stored_one(full: Caller) -> None:
    """CFG-10"""
    config = copy.deepcopy(FULL)
    del config["brands"]
    assert publish(full, config)["patches"] == [
        {"action": "remove", "pointer": "/brands", "valueBefore": FULL["brands"]}
    ]
    assert "brands" not in read(full)


def test_another_order_of_elements_is_a_change(full: Caller) -> None:
    """CFG-11: it is one for users who see the list."""
    config = copy.deepcopy(FULL)
    config["categories"].reverse()
    assert [patch["pointer"] for patch in publish(full, config)["patches"]] == ["/categories"]
    assert read(full)["categories"] == config["categories"]


# --- Faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("planned", [True, False])
def test_faults_come_with_a_200(full: Caller, planned: bool) -> None:
    """CFG-08, CFG-09, CFG-14: all of them at once, and nothing is stored."""
    config = changed(quux=1)
    config["contentType"] = config["v"] = 3
    config["contentTypes"][0]["components"].append("paragraf")
    answer = send(full, config, plan=planned)
    assert answer == {
        "ok": False,
        "plan": planned,
        "schemaErrors": answer["schemaErrors"],
        "violations": [{"pointer": "/contentTypes/0/components/2", "message": "there is no component 'paragraf'"}],
    }
    assert {fault["pointer"] for fault in answer["schemaErrors"]} == {"/v", "/contentType", "/settings/quux"}
    assert {
        "pointer": "/contentType",
        "message": "Additional properties not allowed; did you mean 'contentTypes'?",
    } in answer["schemaErrors"]
    assert revisions(full) == 1


def test_there_is_no_list_of_faults_without_one(full: Caller) -> None:
    """CFG-08"""
    assert "violations" not in plan(full, FULL | {"v": 3})
    assert "schemaErrors" not in plan(full, FULL | {"deliveries": []})


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({"plan": True}, {"channelConfig": "Missing required property: channelConfig"}),
        ({"plan": 1, "channelConfig": {}}, {"plan": "Invalid type: expected boolean"}),
        ({"plan": True, "channelConfig": []}, {"channelConfig": "Invalid type: expected object"}),
        ({"plan": True, "channelConfig": {}, "dryRun": 1}, {"dryRun": "Additional properties not allowed"}),
        (
            {"channelConfig": {}, "projectConfig": {}},
            {"projectConfig": "must NOT be combined with channelConfig"},
        ),
    ],
)
def test_a_body_of_another_shape_is_a_400(gazette: Caller, body: Any, details: Any) -> None:
    answer = gazette.post("projectConfig", body)
    assert (answer.status_code, answer.json()["error_details"]) == (400, details)


def test_the_configuration_may_be_called_by_the_name_of_the_path(gazette: Caller) -> None:
    body = {"projectConfig": {"v": 2, "brands": []}}
    assert gazette.post("projectConfig", body).json()["revisionNumber"] == 1


@pytest.mark.parametrize("planned", [True, False])
def test_a_configuration_made_from_another_revision_is_a_conflict(full: Caller, planned: bool) -> None:
    """CFG-12"""
    publish(full, changed(label="Evening Gazette"))
    body = {"plan": planned, "channelConfig": changed(label="Morning Gazette") | {"$baseRevision": 1}}
    answer = full.post("projectConfig", body)
    assert answer.status_code == 409
    assert answer.json()["error_details"] == {
        "name": "Conflict",
        "message": "The project config you tried to update is outdated",
        "expectedRevision": 1,
        "currentRevision": 2,
    }
    assert read(full)["settings"]["label"] == "Evening Gazette"


def test_without_a_base_revision_nothing_is_compared(full: Caller) -> None:
    """CFG-12"""
    publish(full, changed(label="Evening Gazette"))
    assert publish(full, changed(label="Morning Gazette"))["revisionNumber"] == 3
    assert publish(full, changed(label="Gazette") | {"$baseRevision": None})["revisionNumber"] == 4


@pytest.mark.parametrize("base", ["1", True, 1.5, -1, [1]])
def test_a_base_revision_that_is_none_is_a_fault(full: Caller, base: Any) -> None:
    """CFG-12"""
    faults = plan(full, FULL | {"$baseRevision": base})["schemaErrors"]
    assert [fault["pointer"] for fault in faults] == ["/$baseRevision"]


# --- Warnings --------------------------------------------------------------------------------------------------------


def test_what_has_no_effect_is_a_warning(gazette: Caller) -> None:
    answer = gazette.post("projectConfig", {"plan": True, "channelConfig": FULL})
    assert (
        '299 - "/contentTypes/0/displayTitlePattern: has no effect yet: documents keep the title'
        in (answer.headers["Warning"])
    )


@pytest.mark.parametrize("is_plan", [True, False])
def test_a_function_that_is_not_registered_is_a_warning(gazette: Caller, settings: Any, is_plan: bool) -> None:
    """USE-11"""
    purpose = {"handle": "internet", "label": "Web", "recordUsageLogEntry": "newsroom"}
    center = FULL["mediaCenter"] | {"usagePurposes": [purpose, *FULL["mediaCenter"].get("usagePurposes", [])]}
    body = {"plan": is_plan, "channelConfig": FULL | {"mediaCenter": center}}
    warning = "/mediaCenter/usagePurposes/0/recordUsageLogEntry: has no effect yet: USAGE_LOG_FUNCTIONS"
    answer = gazette.post("projectConfig", body)
    assert answer.json()["ok"] is True
    assert warning in answer.headers["Warning"]
    settings.USAGE_LOG_FUNCTIONS = {"newsroom": "newsroom.usage.web"}
    assert warning not in gazette.post("projectConfig", body).headers["Warning"]


def test_documents_that_would_not_be_shown_any_more_are_a_warning(times: Caller, run_workers: Any) -> None:
    times.import_documents(document_item())
    run_workers()
    times = times.with_scopes(CONFIG_READ, CONFIG_WRITE)
    config = read(times)
    del config["contentTypes"]
    answer = times.post("projectConfig", {"plan": True, "channelConfig": config})
    assert answer.json()["ok"] is True
    assert answer.headers["Warning"] == (
        "299 - \"There are documents of content type 'article', which is removed: it is not shown any more\""
    )


# --- Secrets ---------------------------------------------------------------------------------------------------------


def secrets_in(config: dict[str, Any]) -> list[Any]:
    webhooks = config["settings"]["webhooks"]["configurations"]
    return [webhooks[0]["secret"], webhooks[1]["secret"], config["settings"]["import"]["webhookSecret"]]


def test_references_to_secrets_come_back_as_they_are_and_inline_secrets_are_masked(full: Caller) -> None:
    """CFG-17"""
    reference = {"$secretRef": {"name": "cache"}}
    assert secrets_in(read(full)) == [reference, "hush", "hunter2"]
    for scopes in (("public-api:read",), ("public-api:read", CONFIG_WRITE)):
        assert secrets_in(read(full.with_scopes(*scopes))) == [reference, "***", "***"]


def test_a_masked_secret_that_is_sent_back_stays_as_it_is(full: Caller) -> None:
    """CFG-17: who may not see a secret may change the rest."""
    blind = full.with_scopes("public-api:read", CONFIG_WRITE)
    config = read(blind)
    assert plan(blind, config)["patches"] == []
    config["settings"]["label"] = "Evening Gazette"
    config["settings"]["webhooks"]["configurations"].reverse()
    assert publish(blind, config)["revisionNumber"] == 2
    assert sorted(map(str, secrets_in(read(full)))) == ["hunter2", "hush", "{'$secretRef': {'name': 'cache'}}"]


def with_plugins(source: dict[str, Any], integration: dict[str, Any]) -> dict[str, Any]:
    config = changed(integrations={"imatrics": integration})
    config["mediaTypes"][0]["mediaSources"][0]["config"] = source
    return config


def plugins_of(config: dict[str, Any]) -> list[dict[str, Any]]:
    source = config["mediaTypes"][0]["mediaSources"][0]["config"]
    return [source, config["settings"]["integrations"]["imatrics"]]


PLUGINS = (
    {"apiKey": "s1", "url": "https://a.example", "auth": {"user": "desk", "pass": "s2"}, "label": "Desk"},
    {"token": "s3", "private_key": "s4", "headers": {"X-Api-Key": "s5", "Authorization": "s6"}, "handle": "x"},
)
MASKED_PLUGINS = json.loads(re.sub(r'"s\d"', '"***"', json.dumps(PLUGINS)))


def test_secrets_of_media_sources_and_integrations_are_masked(gazette: Caller) -> None:
    """CFG-17"""
    publish(gazette, with_plugins(*PLUGINS))
    assert plugins_of(read(gazette)) == [*PLUGINS]
    blind = gazette.with_scopes("public-api:read", CONFIG_WRITE)
    assert plugins_of(read(blind)) == MASKED_PLUGINS

    config = read(blind)
    assert plan(blind, config)["patches"] == []
    config["mediaTypes"][0]["mediaSources"].insert(0, {"handle": "new", "plugin": "new", "config": {"apiKey": "s7"}})
    assert "s7" not in json.dumps(publish(blind, config))
    config = read(gazette)
    assert config["mediaTypes"][0]["mediaSources"].pop(0)["config"] == {"apiKey": "s7"}
    assert plugins_of(config) == [*PLUGINS]


def test_names_that_editors_choose_are_no_secrets(gazette: Caller) -> None:
    config = copy.deepcopy(FULL)
    config["mediaTypes"][0]["metadata"][0]["ui"]["config"] = {"secret": "a placeholder"}
    publish(gazette, config)
    shown = read(gazette.with_scopes("public-api:read"))["mediaTypes"]
    assert shown == config["mediaTypes"]


@pytest.mark.parametrize("scopes", [(CONFIG_READ, CONFIG_WRITE), (CONFIG_WRITE,)])
def test_patches_show_a_secret_only_to_who_may_read_it(full: Caller, scopes: tuple[str, ...]) -> None:
    """CFG-17"""
    config = copy.deepcopy(FULL)
    config["settings"]["import"]["webhookSecret"] = "hunter3"
    config["settings"]["webhooks"]["configurations"][1] = {"handle": "new", "url": "https://a.example", "secret": "s3"}
    config["settings"]["webhooks"]["configurations"][1]["events"] = []
    del config["settings"]["integrations"]
    for planned in (True, False):
        text = json.dumps(send(full.with_scopes(*scopes), config, plan=planned))
        shown = {secret for secret in ("hush", "hunter2", "hunter3", '"s3"') if secret in text}
        assert shown == ({"hush", "hunter2", "hunter3", '"s3"'} if CONFIG_READ in scopes else set())
        assert "/settings/import/webhookSecret" in text


def test_a_mask_where_nothing_is_stored_is_a_violation(full: Caller) -> None:
    """CFG-17"""
    config = copy.deepcopy(FULL)
    config["settings"]["webhooks"]["configurations"][1]["handle"] = "another"
    config["settings"]["webhooks"]["configurations"][1]["secret"] = "***"
    assert [fault["pointer"] for fault in plan(full, config)["violations"]] == [
        "/settings/webhooks/configurations/1/secret"
    ]


def test_a_secret_that_no_key_can_read_is_masked_and_kept(full: Caller, settings: Any) -> None:
    """CFG-17"""
    stored = ProjectConfigRevision.objects.get(project=full.project).config["settings"]["import"]
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    config = read(full)
    assert secrets_in(config)[1:] == ["***", "***"]
    config["settings"]["label"] = "Evening Gazette"
    assert [patch["pointer"] for patch in publish(full, config)["patches"]] == ["/settings/label"]
    assert ProjectConfigRevision.objects.get(project=full.project, revision=2).config["settings"]["import"] == stored


def test_what_looks_like_a_stored_secret_is_none(full: Caller) -> None:
    """No project gets secrets of another one decrypted."""
    stolen = encryption.encrypt("another project's")
    publish(full, changed(**{"import": {"webhookSecret": stolen}}))
    assert read(full)["settings"]["import"]["webhookSecret"] == stolen


# --- Scopes, versions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "reads", "writes"),
    [
        ("public-api:read", 200, 403),
        ("public-api:config:read", 200, 403),
        ("public-api:config:write", 403, 200),
        ("public-api:write", 403, 403),
        ("public-api:drafts:read", 403, 403),
    ],
)
def test_scopes(gazette: Caller, scope: str, reads: int, writes: int) -> None:
    """CFG-19"""
    caller = gazette.with_scopes(scope)
    assert caller.get("projectConfig").status_code == reads
    assert caller.post("projectConfig", {"plan": True, "channelConfig": {"v": 2}}).status_code == writes


def test_the_older_name_of_the_path_is_served_up_to_2025_05(full: Caller) -> None:
    """CFG-20"""
    body = {"plan": True, "channelConfig": FULL}
    for version in ("v1", "beta", "2025-03", "2025-05"):
        assert full.get("channelConfig", version).json() == full.get("projectConfig", version).json()
        assert full.post("channelConfig", body, version).json()["patches"] == []
    for version in ("2025-07", "2026-01", "2026-09"):
        assert full.get("projectConfig", version).status_code == 200
        assert full.get("channelConfig", version).status_code == 404
        assert full.post("channelConfig", body, version).status_code == 404


def test_a_configuration_is_the_projects_own(full: Caller, herald: Caller) -> None:
    stranger = herald.with_scopes(CONFIG_READ, CONFIG_WRITE)
    assert read(stranger)["settings"] == CONFIG["settings"]
    publish(stranger, {"v": 2})
    assert read(full)["settings"] == FULL["settings"]


# --- What it costs ---------------------------------------------------------------------------------------------------


def test_a_plan_costs_a_few_queries_whatever_the_configuration(
    full: Caller, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(4):  # the token, its time of use, the stored configuration, the handle
        plan(full, FULL)


@pytest.mark.slow
def test_a_configuration_of_2_mb_is_planned_in_time(gazette: Caller) -> None:
    """CFG-21: the command-line client waits 10 seconds. How long it takes: benchmarks/README.md"""
    config = large_config()
    assert len(json.dumps(config, separators=(",", ":"))) > 2_000_000
    assert publish(gazette, config)["ok"] is True
    for content_type in config["contentTypes"]:
        for property_ in content_type["metadata"]:
            property_["config"]["maxLength"] = 201
    begin = time.monotonic()
    assert len(plan(gazette, config)["patches"]) == 3600
    assert time.monotonic() - begin < 10
