"""Whether the parts of a new configuration fit each other: each rule is one violation with a pointer (spec 4.10)."""

import copy
from typing import Any

import pytest

from livingdocs_import.project_config import InvalidConfig, problems, store
from livingdocs_import.validation.problems import json_pointer
from tests.api_client import Caller, make_project
from tests.full_config import FULL
from tests.livingdocs_import.project_config.test_known_keys import at


def appended(place: str, key: str, *elements: Any) -> dict[str, Any]:
    """The full configuration with more elements in an array."""
    config = copy.deepcopy(FULL)
    holder = at(config, place)[0]
    holder[key] = [*holder.get(key, []), *elements]
    return config


PURPOSE = {"handle": "print", "label": "Print"}
BROKEN = {
    "two content types of one handle": (
        appended("", "contentTypes", {"handle": "article", "documentType": "page"}),
        "/contentTypes/2/handle",
    ),
    "a handle that newsAgency adds": (
        appended("", "contentTypes", {"handle": "liNewsAgencyReport", "documentType": "article"}),
        "/contentTypes/2/handle",
    ),
    "a handle that imageCollections adds": (
        appended("", "contentTypes", {"handle": "liImageCollection", "documentType": "data-record"}),
        "/contentTypes/2/handle",
    ),
    "a dashboard that imageCollections adds": (
        appended("editorSettings", "dashboards", {"handle": "imageCollections"}),
        "/editorSettings/dashboards/1/handle",
    ),
    "two finite products of one issue": (
        appended("", "finiteProducts", {"issueContentType": "issue"}),
        "/finiteProducts/1/issueContentType",
    ),
    "two columns of one handle": (
        appended("editorSettings.dashboards[]", "columns", {"handle": "a"}),
        "/editorSettings/dashboards/0/columns/3/handle",
    ),
    "two navigation groups of one handle": (
        appended("editorSettings", "mainNavigationGroups", {"handle": "content"}),
        "/editorSettings/mainNavigationGroups/1/handle",
    ),
    "two component groups of one name": (
        appended("contentTypes[]", "componentGroups", {"name": "text"}),
        "/contentTypes/0/componentGroups/1/name",
    ),
    "a delivery that is not configured": (
        appended("contentTypes[]", "deliveries", {"deliveryName": "app"}),
        "/contentTypes/0/deliveries/1/deliveryName",
    ),
    "a media type of collections that is none": (
        appended("imageCollections", "mediaTypes", "photo"),
        "/imageCollections/mediaTypes/1",
    ),
    "two purposes of one handle": (
        appended("mediaCenter", "usagePurposes", {"handle": "web", "label": "Web"}),
        "/mediaCenter/usagePurposes/1/handle",
    ),
    "a content type of two purposes": (
        appended("mediaCenter", "usagePurposes", PURPOSE | {"contentType": "article"}),
        "/mediaCenter/usagePurposes",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_each_rule_is_one_violation_with_a_pointer(what: str) -> None:
    """CFG-18"""
    config, pointer = BROKEN[what]
    assert [(str(problem.kind), json_pointer(problem.path)) for problem in problems(config)] == [("violation", pointer)]


def test_parameters_of_all_purposes_have_one_type_for_a_handle() -> None:
    """CFG-18"""
    params = [{"handle": "circulation", "type": "li-integer"}], [{"handle": "circulation", "type": "li-text"}]
    config = copy.deepcopy(FULL)
    config["mediaCenter"]["usagePurposes"][0]["paramsSchema"] = params[0]
    config["mediaCenter"]["usagePurposes"].append(PURPOSE | {"paramsSchema": params[1]})
    (problem,) = problems(config)
    assert (str(problem.kind), json_pointer(problem.path)) == ("violation", "/mediaCenter/usagePurposes/1/paramsSchema")


def test_rules_name_purposes_and_the_approval_task_is_a_task() -> None:
    """CFG-18"""
    config = copy.deepcopy(FULL)
    licences = config["mediaCenter"]["licenseProfiles"]
    licences["approvalTaskHandle"] = "title"
    licences["profiles"][0]["rules"] = {"print": {}}
    assert {json_pointer(problem.path) for problem in problems(config) if str(problem.kind) == "violation"} == {
        "/mediaCenter/licenseProfiles/approvalTaskHandle",
        "/mediaCenter/licenseProfiles/profiles/0/rules/print",
    }


@pytest.mark.parametrize("value", [None, 1, "x", [], [1, None], {"a": 1}])
@pytest.mark.parametrize("key", ["editorSettings", "deliveries", "finiteProducts", "imageCollections", "contentTypes"])
def test_parts_of_any_shape_are_compared_without_an_error(key: str, value: Any) -> None:
    problems(FULL | {key: value})
    problems(FULL | {key: [value]})
    problems(FULL | {key: {"dashboards": value, "mainNavigationGroups": value, "mediaTypes": value}})


# --- Compared with what is stored ------------------------------------------------------------------------------------


def refused(caller: Caller, config: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidConfig) as error:
        store.store(caller.project, config, by="test")
    return [str(problem) for problem in error.value.problems]


def test_a_scope_of_unique_ids_cannot_be_changed(db: None) -> None:
    """CFG-18"""
    caller = Caller(make_project("gazette", FULL))
    config = copy.deepcopy(FULL)
    config["contentTypes"][0]["metadata"][1]["config"]["uniquenessScope"] = "others"
    config["contentTypes"].reverse()
    assert refused(caller, config) == [
        "/contentTypes/1/metadata/1/config/uniquenessScope: must stay 'slugs'; a new scope needs a new property"
    ]


def test_a_handle_that_another_project_has_is_a_violation(times: Caller, herald: Caller) -> None:
    config = {"v": 2, "settings": {"handle": "herald"}}
    assert refused(times, config) == ["/settings/handle: is another project's: 'herald'"]
    assert store.store(herald.project, config, by="test").revision == 2
