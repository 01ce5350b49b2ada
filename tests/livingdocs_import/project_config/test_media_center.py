"""`mediaCenter` of a configuration: usage purposes and licence profiles, and what is wrong with them."""

from typing import Any

import pytest

from livingdocs_import import project_config
from livingdocs_import.project_config import ProjectConfig
from livingdocs_import.validation.problems import Kind, json_pointer

TASK = {"handle": "approval", "type": "li-task-v2"}
WEB = {
    "handle": "web",
    "label": "Web",
    "contentType": "article",
    "paramsSchema": [{"handle": "page", "type": "li-text"}],
}
STAFF = {"handle": "staff", "label": "Staff", "color": "#00ff00", "approvalRequired": False, "rules": {"web": {}}}


def config(**media_center: Any) -> dict[str, Any]:
    article = {"handle": "article", "documentType": "article", "metadata": [TASK]}
    return {"v": 2, "contentTypes": [article], "mediaCenter": media_center}


def licensed(*profiles: Any, **fields: Any) -> dict[str, Any]:
    return config(usagePurposes=[WEB], licenseProfiles={"profiles": list(profiles)} | fields)


SPELLED = {Kind.SHAPE: "schema", Kind.VIOLATION: "violation"}


def reported(raw: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (SPELLED.get(problem.kind, problem.kind), json_pointer(problem.path), problem.message)
        for problem in project_config.problems(raw)
    ]


def stored(raw: dict[str, Any]) -> ProjectConfig:
    """As a revision from before is read."""
    return project_config.parse(raw, project_id=1, channel_id=1, design_version="1.0.0")


def test_purposes_have_content_types_and_parameters() -> None:
    raw = config(
        usagePurposes=[
            WEB | {"internal": True, "recordUsageLogEntry": "ours"},
            {"handle": "print", "label": {"en": "Print", "de": "Druck"}, "contentType": ["page", "issue"]},
        ]
    )
    assert reported(raw) == []
    center = stored(raw).media_center
    assert [*center.purposes] == ["web", "print"]
    assert center.purposes["web"].function == "ours"
    assert {name: purpose.handle for name, purpose in center.by_content_type.items()} == {
        "article": "web",
        "issue": "print",
        "page": "print",
    }
    assert not center.gated


def test_the_older_spelling_is_refused_and_its_successor_named() -> None:
    """USE-12, CFG-15"""
    raw = config(usageLog={"purposes": [WEB]})
    assert reported(raw) == [
        ("schema", "/mediaCenter/usageLog", "was replaced by mediaCenter.usagePurposes in release-2026-07")
    ]


@pytest.mark.parametrize(
    "raw",
    [
        config(usageLog={"purposes": [WEB]}),
        config(usagePurposes=[WEB, WEB, {}]),
        config(usagePurposes={}),
        licensed({}),
        {"v": 2, "mediaCenter": []},
    ],
)
def test_what_was_stored_before_stays_readable(raw: dict[str, Any]) -> None:
    """USE-12, CFG-15"""
    assert reported(raw)
    assert stored(raw).media_type("image") is not None


def test_a_content_type_has_one_purpose() -> None:
    """USE-13"""
    raw = config(usagePurposes=[WEB, {"handle": "print", "label": "P", "contentType": ["page", "article"]}])
    message = "content type 'article' belongs to 'web' and 'print'"
    assert reported(raw) == [("violation", "/mediaCenter/usagePurposes", message)]


def test_a_parameter_has_one_type_in_all_purposes() -> None:
    """USE-13"""
    other = {"handle": "print", "label": "P", "paramsSchema": [{"handle": "page", "type": "li-integer"}]}
    message = "'page' is li-text in another purpose, and li-integer here"
    assert reported(config(usagePurposes=[WEB, other])) == [
        ("violation", "/mediaCenter/usagePurposes/1/paramsSchema", message)
    ]


@pytest.mark.parametrize(
    ("purpose", "at", "message"),
    [
        ({"handle": None}, "", "must have required property 'handle'"),
        ({"handle": 7}, "/handle", "must be string"),
        ({"label": None}, "", "must have required property 'label'"),
        ({"label": 7}, "/label", "must be string or object"),
        ({"internal": "yes"}, "/internal", "must be boolean"),
        ({"contentType": 7}, "/contentType", "must be array"),
        ({"contentType": ["article", 7]}, "/contentType/1", "must be string"),
        ({"paramsSchema": {}}, "/paramsSchema", "must be array"),
        (
            {"paramsSchema": [{"handle": "img", "type": "li-image"}]},
            "/paramsSchema/0/type",
            "li-image cannot be used in the parameters of a usage purpose",
        ),
    ],
)
def test_a_purpose_that_is_wrong_is_reported_where(purpose: dict[str, Any], at: str, message: str) -> None:
    problems = [(pointer, said) for _, pointer, said in reported(config(usagePurposes=[WEB | purpose]))]
    assert (f"/mediaCenter/usagePurposes/0{at}", message) in problems


def test_licences_are_in_force_unless_they_are_switched_off() -> None:
    """LIC-03"""
    assert stored(licensed(STAFF)).media_center.gated
    assert stored(licensed(STAFF, enabled=True)).media_center.gated
    assert not stored(licensed(STAFF, enabled=False)).media_center.gated
    assert not stored(config(usagePurposes=[WEB])).media_center.gated


def test_rules_say_what_is_billed() -> None:
    purposes = [{"handle": name, "label": name} for name in ("web", "print", "app")]
    rules = {"web": {"billingMode": "never", "costClass": "free"}, "print": {"billingMode": "always"}, "app": {}}
    raw = config(usagePurposes=purposes, licenseProfiles={"profiles": [STAFF | {"rules": rules}]})
    assert reported(raw) == []
    profile = stored(raw).media_center.profiles["staff"]
    assert dict(profile.rules) == {"web": False, "print": True, "app": None}
    assert not profile.approval_required


@pytest.mark.parametrize(
    ("profiles", "problem"),
    [
        ([STAFF | {"rules": {"blog": {}}}], ("violation", "/0/rules/blog", "there is no usage purpose 'blog'")),
        ([STAFF, STAFF], ("violation", "/1/handle", "there is already a licence profile 'staff'")),
        ([STAFF | {"color": None}], ("schema", "/0", "must have required property 'color'")),
        ([STAFF | {"color": "green"}], ("schema", "/0/color", "must be a colour like #ff8800")),
        ([STAFF | {"rules": None}], ("schema", "/0", "must have required property 'rules'")),
        ([STAFF | {"rules": {"web": {"billingMode": "maybe"}}}],
         ("schema", "/0/rules/web/billingMode", "must be one of never, always")),
        ([STAFF | {"rules": {"web": {"costClass": "dear"}}}],
         ("schema", "/0/rules/web/costClass", "must be one of free, low, standard, high")),
        ([STAFF | {"approvalRequired": None}], ("schema", "/0", "must have required property 'approvalRequired'")),
    ],
)  # fmt: skip
def test_a_profile_that_is_wrong_is_reported_where(profiles: list[Any], problem: tuple[str, str, str]) -> None:
    """LIC-12"""
    kind, at, message = problem
    assert reported(licensed(*profiles)) == [(kind, f"/mediaCenter/licenseProfiles/profiles{at}", message)]


def test_approvals_need_a_task_to_ask_for_them() -> None:
    strict = STAFF | {"approvalRequired": True}
    at = "/mediaCenter/licenseProfiles"
    assert reported(licensed(strict)) == [("schema", at, "must have required property 'approvalTaskHandle'")]
    assert reported(licensed(strict, approvalTaskHandle="approval")) == []
    message = "there is no metadata property 'other' of type li-task-v2"
    assert reported(licensed(strict, approvalTaskHandle="other")) == [
        ("violation", f"{at}/approvalTaskHandle", message)
    ]
