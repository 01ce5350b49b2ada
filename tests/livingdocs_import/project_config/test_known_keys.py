"""Which keys a new configuration may have: documented ones; a removed key is named with its successor."""

import copy
import json
from typing import Any

import pytest

from livingdocs_import.project_config import parse, problems
from livingdocs_import.project_config.known_keys import PLACES
from livingdocs_import.validation.limits import MAX_PROBLEMS
from livingdocs_import.validation.problems import json_pointer
from tests.api_client import CONFIG
from tests.full_config import FULL

CLOSED = [place for place, what in PLACES.items() if what.known is not None]


def at(config: Any, place: str) -> list[dict[str, Any]]:
    """All objects at a place."""
    found = [config]
    for step in place.split(".") if place else []:
        found = [each[step.removesuffix("[]")] for each in found if step.removesuffix("[]") in each]
        if step.endswith("[]"):
            found = [inner for each in found for inner in (each.values() if isinstance(each, dict) else each)]
    return found


def reported(config: Any) -> list[tuple[str, str, str]]:
    return [(str(problem.kind), json_pointer(problem.path), problem.message) for problem in problems(config)]


def full_with(place: str, **keys: Any) -> dict[str, Any]:
    """The full configuration with more keys in the first object at a place."""
    config: dict[str, Any] = json.loads(json.dumps(FULL))  # no part of it is in two places
    at(config, place)[0].update(keys)
    return config


def test_a_configuration_with_every_documented_key_is_fine() -> None:
    """CFG-13, CFG-16"""
    assert reported(FULL) == []
    for place in CLOSED:
        used = {key for each in at(FULL, place) for key in each}
        assert set(PLACES[place].known or ()) - used <= {"$baseRevision"}, f"{place}: keys that this test leaves out"


def test_the_demo_has_no_unknown_key() -> None:
    assert reported(CONFIG) == []


@pytest.mark.parametrize("place", CLOSED)
def test_an_unknown_key_is_a_schema_error_wherever_an_object_is_closed(place: str) -> None:
    """CFG-14"""
    ((kind, pointer, message),) = reported(full_with(place, quux=1))
    assert (kind, pointer.rpartition("/")[2]) == ("unknown-key", "quux")
    assert message.startswith("Additional properties not allowed; known are ")


@pytest.mark.parametrize(
    ("place", "key", "meant"),
    [
        ("", "setings", "settings"),
        ("", "contentType", "contentTypes"),
        ("", "contntTyps", "contentTypes"),
        ("", "webhooks", "settings.webhooks"),
        ("", "usagePurposes", "mediaCenter.usagePurposes"),
        ("settings", "language", "languages"),
        ("mediaTypes[]", "metadatas", "metadata"),
        ("contentTypes[]", "publish-control", "publishControl"),
        ("contentTypes[].publishControl", "publishSchedul", "publishSchedule"),
        ("contentTypes[].metadata[]", "handel", "handle"),
        ("contentTypes[].metadata[].config", "maxLenght", "maxLength"),
        ("mediaTypes[].metadata[].config", "requierd", "required"),
        ("settings.includeServices[].paramsSchema[]", "conifg", "config"),
        ("components[].directives[]", "maxLenght", "maxLength"),
        ("mediaCenter", "usagePurpose", "usagePurposes"),
        ("mediaCenter.usagePurposes[]", "contentTypes", "contentType"),
        ("settings.webhooks.configurations[]", "exposeUserActors", "exposeUserActor"),
        ("settings.webhooks", "activ", "active"),
    ],
)
def test_the_nearest_known_name_is_suggested(place: str, key: str, meant: str) -> None:
    """CFG-14"""
    ((kind, pointer, message),) = reported(full_with(place, **{key: {}}))
    assert (kind, pointer.rpartition("/")[2]) == ("unknown-key", key)
    assert message == f"Additional properties not allowed; did you mean '{meant}'?"


@pytest.mark.parametrize(
    ("place", "keys", "message"),
    [
        ("contentTypes[]", {"publishType": "export"}, "was removed in release-2026-07; use publishControl.mode"),
        (
            "contentTypes[]",
            {"print": {"enabled": True}},
            "was removed in release-2026-07; use documentPreviews and documentPrintFlows",
        ),
        (
            "deliveries[]",
            {"publishType": "export"},
            "was removed in release-2026-07; use contentTypes[].publishControl.mode",
        ),
        ("settings", {"editMode": "default"}, "was removed in release-2026-07; nothing took its place"),
        ("settings.integrations", {"googleVision": {}}, "was removed in release-2026-07; nothing took its place"),
        ("mediaTypes[]", {"LIFEAT011": {}}, "was removed in release-2026-07; nothing took its place"),
        ("mediaCenter", {"usageLog": {}}, "was replaced by mediaCenter.usagePurposes in release-2026-07"),
        ("components[].directives[]", {"tagWhitelist": []}, "was removed in release-2025-07; use tagAllowlist"),
        ("components[].directives[]", {"tagBlacklist": []}, "was removed in release-2025-07; use tagDenylist"),
        (
            "contentTypes[].metadata[].config",
            {"useAsTitle": True},
            "was removed in release-2023-07; nothing took its place",
        ),
    ],
)
def test_what_was_removed_is_reported_with_release_and_successor(
    place: str, keys: dict[str, Any], message: str
) -> None:
    """CFG-15"""
    ((kind, pointer, text),) = reported(full_with(place, **keys))
    assert (kind, pointer.rpartition("/")[2], text) == ("schema", *keys, message)


@pytest.mark.parametrize(
    "place", ["editorSettings", "settings.integrations", "contentTypes[].editor", "categories[].metadata"]
)
def test_what_only_editors_read_may_have_any_key(place: str) -> None:
    """CFG-16"""
    config = copy.deepcopy(FULL)
    at(config, place)[-1].update({"quux": 1, "setings": {"metadatas": []}})
    assert reported(config) == []


def test_undocumented_options_of_plugins_are_accepted_unless_they_are_misspelt() -> None:
    assert reported(full_with("contentTypes[].metadata[].config", acmeColour="red", maxim=1, len=2)) == []


@pytest.mark.parametrize("key", ["brands", "categories", "deliveries", "externalSystems", "finiteProducts"])
def test_unread_parts_must_have_their_type(key: str) -> None:
    assert reported(FULL | {key: {}})[0] == ("schema", f"/{key}", "must be array")
    assert reported(FULL | {key: [1]})[0] == ("schema", f"/{key}/0", "must be object")


@pytest.mark.parametrize("key", ["newsAgency", "editorSettings", "designSettings", "mediaCenter", "notifications"])
def test_objects_are_objects(key: str) -> None:
    assert reported(FULL | {key: []})[0] == ("schema", f"/{key}", "must be object")


def test_what_is_refused_on_the_way_in_is_read_where_it_is_stored() -> None:
    """Nothing of a project stops at an upgrade."""
    for place in CLOSED:
        config = full_with(place, quux=1, setings={}, editMode="x", publishType="y")
        assert parse(config, project_id=1, channel_id=1, design_version="1.0.0").media_type("image") is not None


def test_many_unknown_keys_cost_little_and_are_reported_in_part() -> None:
    """The first thousand; none of the others is looked up."""
    config = FULL | {f"setings{number}": number for number in range(100_000)}
    assert len(problems(config)) == MAX_PROBLEMS


def test_a_configuration_of_more_bytes_than_a_process_should_keep_is_refused_unread() -> None:
    config = FULL | {"editorSettings": {"text": "x" * 10_000_000}}
    assert reported(config) == [("schema", "", "must NOT have more than 10000000 bytes")]
