"""The uses of an entry: added, changed and removed by patches, and listed (spec 3.15)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from livingdocs_import.api.versions import NAMES
from media_library.entries import usage_log
from media_library.models import MediaEntry, UsageLogEntry
from tests.api_client import CONFIG, Caller, make_project
from tests.media_library.entries.test_create import create, image

SECTION = {"handle": "section", "type": "li-text", "config": {"required": True}}
PAGE = {"handle": "page", "type": "li-integer"}
PURPOSES = [
    {"handle": "web", "label": "Web"},
    {"handle": "print", "label": "Print", "paramsSchema": [PAGE, SECTION]},
    {"handle": "archive", "label": "Archive", "internal": True},
]
DATE = "2026-07-15T03:00:00.000Z"


@pytest.fixture
def times(db: None) -> Caller:
    config = CONFIG | {"mediaCenter": {"usagePurposes": PURPOSES}}
    caller = Caller(make_project("times", config))
    create(caller, image(id="it"))
    return caller


def adding(purpose: Any = "web", **value: Any) -> dict[str, Any]:
    return {"operation": "addUsageLogEntry", "value": {"purpose": purpose} | value}


def updating(name: str, old: dict[str, Any] | None = None, /, **value: Any) -> dict[str, Any]:
    operation = {"operation": "updateUsageLogEntry", "usageLogEntryId": name, "value": value}
    return operation if old is None else operation | {"oldValue": old}


def removing(name: str) -> dict[str, Any]:
    return {"operation": "removeUsageLogEntry", "usageLogEntryId": name}


def patch(caller: Caller, *patches: Any, version: str | None = None, **fields: Any) -> Any:
    return caller.patch("mediaLibrary/it", {"patches": list(patches)} | fields, version)


def log(caller: Caller, version: str | None = None) -> list[dict[str, Any]]:
    answer = caller.get("mediaLibrary/it/usageLog", version)
    assert answer.status_code == 200, answer.content
    assert answer.json().keys() == {"results"}
    uses: list[dict[str, Any]] = answer.json()["results"]
    return uses


def reported(caller: Caller, *patches: Any, version: str | None = None) -> list[dict[str, Any]]:
    """Patch successfully; the log afterwards."""
    answer = patch(caller, *patches, version=version)
    assert (answer.status_code, answer.json()) == (200, {"status": 200}), answer.content
    return log(caller, version)


def refused(caller: Caller, *patches: Any, version: str | None = None) -> tuple[int, dict[str, Any]]:
    """Patch in vain; status and details, after a look that nothing has changed."""
    before = (MediaEntry.objects.values().get(), list(UsageLogEntry.objects.values()))
    answer = patch(caller, *patches, version=version)
    assert (MediaEntry.objects.values().get(), list(UsageLogEntry.objects.values())) == before
    return answer.status_code, answer.json()["error_details"]


def test_an_entry_that_was_not_used_has_an_empty_log(times: Caller) -> None:
    """USE-02"""
    assert log(times) == []
    answer = times.get("mediaLibrary/nobody/usageLog")
    message = "MediaLibrary Entry does not exist (id: 'nobody')"
    assert (answer.status_code, answer.json()["error_details"]["message"]) == (404, message)
    assert times.get("mediaLibrary/a%00b/usageLog").status_code == 404


def test_another_project_and_a_writer_see_no_log(times: Caller) -> None:
    herald = Caller(make_project("herald"))
    assert herald.get("mediaLibrary/it/usageLog").status_code == 404
    assert times.with_scopes("public-api:write").get("mediaLibrary/it/usageLog").status_code == 403


def test_a_use_is_pending_until_it_is_confirmed(times: Caller) -> None:
    """PAT-31, USE-01, USE-03"""
    (use,) = reported(times, adding())
    assert use.keys() == {"id", "state", "purpose", "params", "reportingDate"}
    assert (use["state"], use["purpose"], use["params"]) == ("pending", "web", {})
    assert len(use["id"]) == 12
    assert use["id"].isalnum()
    moment = parse_datetime(use["reportingDate"])
    assert moment is not None
    assert timedelta() <= timezone.now() - moment < timedelta(minutes=1)
    assert UsageLogEntry.objects.get().reported_by == "tests"


def test_the_documented_request_works(times: Caller) -> None:
    """PAT-31, PAT-32, PAT-33, PAT-34"""
    one, two = reported(times, adding(), adding("print"))
    updated = MediaEntry.objects.get().updated_at
    answer = patch(
        times,
        adding(
            "print",
            state="confirmed",
            publicationDate=DATE,
            url="https://print.example/e",
            params={"page": 12, "section": "a"},
        ),
        updating(two["id"], {"state": "pending"}, state="confirmed", publicationDate=DATE, params={"section": "b"}),
        removing(one["id"]),
        version="2026-07",
        preserveUpdatedAt=True,
    )
    assert answer.json() == {"status": 200}
    confirmed = {"state": "confirmed", "purpose": "print", "publicationDate": DATE}
    mine = {"params": {"page": 12, "section": "a"}, "url": "https://print.example/e"}
    changed, new = log(times)
    assert changed == confirmed | {"id": two["id"], "params": {"section": "b"}, "reportingDate": two["reportingDate"]}
    assert new == confirmed | mine | {"id": new["id"], "reportingDate": new["reportingDate"]}
    assert MediaEntry.objects.get().updated_at == updated
    assert MediaEntry.objects.get().version == 3


@pytest.mark.parametrize("version", NAMES)
def test_uses_are_reported_in_every_version(times: Caller, version: str) -> None:
    """USE-08"""
    assert patch(times, adding(), version=version).status_code == 200
    (use,) = log(times)
    confirmed = updating(use["id"], state="confirmed", publicationDate=DATE)
    assert patch(times, confirmed, version=version).status_code == 200
    assert log(times)[0]["state"] == "confirmed"
    assert patch(times, removing(use["id"]), version=version).status_code == 200
    assert log(times) == []


@pytest.mark.parametrize("version", NAMES)
def test_the_log_is_reported_in_every_version_but_beta(times: Caller, version: str) -> None:
    """USE-08"""
    assert times.get("mediaLibrary/it/usageLog", version).status_code == (404 if version == "beta" else 200)


def test_internal_purposes_restrict_editors_and_not_programs(times: Caller) -> None:
    """USE-14"""
    (use,) = reported(times, adding("archive"))
    assert use["purpose"] == "archive"


def test_a_confirmed_use_has_a_date(times: Caller) -> None:
    """PAT-32"""
    missing = "Missing required property: publicationDate"
    assert refused(times, adding(state="confirmed")) == (400, {"patches.0.value.publicationDate": missing})
    (use,) = reported(times, adding())
    answer = refused(times, adding(), updating(use["id"], state="confirmed"))
    assert answer == (400, {"patches.1.value.publicationDate": missing})
    (use,) = reported(times, updating(use["id"], state="pending", publicationDate=DATE))
    (use,) = reported(times, updating(use["id"], state="confirmed"))
    assert (use["state"], use["publicationDate"]) == ("confirmed", DATE)


@pytest.mark.parametrize("purpose", ["blog", "web\0", "__proto__"])
def test_an_unknown_purpose_is_refused(times: Caller, purpose: str) -> None:
    """USE-03"""
    status, details = refused(times, adding(), adding(purpose))
    assert status == 400
    if "\0" not in purpose:
        assert details == {"message": f'Usage purpose "{purpose}" does not exist', "patchIndex": 1}


def test_without_purposes_nothing_can_be_reported(herald: Caller) -> None:
    create(herald, image(id="it"))
    assert refused(herald, adding()) == (400, {"message": 'Usage purpose "web" does not exist', "patchIndex": 0})


def test_parameters_are_checked_and_complete_once_a_use_is_confirmed(times: Caller) -> None:
    """USE-04"""
    wrong = [{"metadataProperty": "page", "message": "The value of '/page' must be integer"}]
    unknown = [{"metadataProperty": "x", "message": "The metadata property 'x' is not configured"}]
    missing = [{"metadataProperty": "section", "message": "The field 'section' is required"}]
    failed = {"name": "ValidationError", "message": "Metadata validation failed.", "patchIndex": 0}
    assert refused(times, adding("print", params={"page": "x"})) == (400, failed | {"errors": wrong})
    assert refused(times, adding("print", params={"x": 1})) == (400, failed | {"errors": unknown})
    confirmed = {"state": "confirmed", "publicationDate": DATE}
    assert refused(times, adding("print", **confirmed)) == (400, failed | {"errors": missing})
    (use,) = reported(times, adding("print", params={"page": 1}))
    assert refused(times, updating(use["id"], **confirmed)) == (400, failed | {"errors": missing})
    assert refused(times, updating(use["id"], state="pending", purpose="web"))[0] == 400
    (use,) = reported(times, updating(use["id"], **confirmed, params={"section": "a"}))
    assert use["params"] == {"section": "a"}, "replaced as a whole"


def test_an_update_says_which_state_it_means(times: Caller) -> None:
    """USE-05"""
    (use,) = reported(times, adding())
    missing = {"patches.0.value.state": "Missing required property: state"}
    assert refused(times, updating(use["id"], url="https://example.org/")) == (400, missing)


@pytest.mark.parametrize(
    ("old", "matches"),
    [
        ({}, True),
        ({"state": "pending"}, True),
        ({"state": "confirmed"}, False),
        ({"purpose": "web", "params": {}}, True),
        ({"params": {"page": 1}}, False),
        ({"url": None}, True),
        ({"url": "https://example.org/"}, False),
        ({"publicationDate": "2026-07-15T05:00:00+02:00"}, True),
        ({"publicationDate": None}, False),
        ({"publicationDate": 7}, False),
        ({"publicationDate": "yesterday"}, False),
    ],
)
def test_an_update_may_ask_for_what_was_there(times: Caller, old: dict[str, Any], matches: bool) -> None:
    """PAT-33, USE-06"""
    (use,) = reported(times, adding(publicationDate=DATE))
    if matches:
        (use,) = reported(times, updating(use["id"], old, state="confirmed"))
        assert use["state"] == "confirmed"
    else:
        conflict = {"name": "Conflict", "message": "Cannot update outdated value"}
        assert refused(times, adding(), updating(use["id"], old, state="confirmed")) == (409, conflict)


@pytest.mark.parametrize("name", ["nobody", "ü", "a\0", "x" * 100, "' OR 1=1"])
def test_an_unknown_use_is_not_found_and_nothing_is_changed(times: Caller, name: str) -> None:
    """USE-07"""
    for operation in (removing(name), updating(name, state="pending")):
        status, details = refused(times, adding(), operation)
        assert status in ({400} if "\0" in name else {404})
        if status == 404:
            message = f"Usage log entry does not exist (id: '{name}')"
            assert details == {"name": "NotFound", "message": message, "patchIndex": 1}


def test_a_use_of_another_entry_is_not_found(times: Caller) -> None:
    """USE-07"""
    create(times, image(id="other"))
    (use,) = reported(times, adding())
    assert times.patch("mediaLibrary/other", {"patches": [removing(use["id"])]}).status_code == 404
    assert len(log(times)) == 1


def test_what_was_removed_cannot_be_changed_in_the_same_request(times: Caller) -> None:
    (use,) = reported(times, adding())
    assert refused(times, removing(use["id"]), updating(use["id"], state="pending"))[0] == 404
    assert reported(times, updating(use["id"], state="pending", url="https://a.b/"), removing(use["id"])) == []


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ({"operation": "addUsageLogEntry"}, "patches.0.value"),
        ({"operation": "addUsageLogEntry", "value": []}, "patches.0.value"),
        ({"operation": "addUsageLogEntry", "value": {}}, "patches.0.value.purpose"),
        (adding(7), "patches.0.value.purpose"),
        (adding(state="done"), "patches.0.value.state"),
        (adding(publicationDate="yesterday"), "patches.0.value.publicationDate"),
        (adding(publicationDate=7), "patches.0.value.publicationDate"),
        (adding(url=None), "patches.0.value.url"),
        (adding(params=[]), "patches.0.value.params"),
        (adding(documentId=7), "patches.0.value.documentId"),
        (adding(reportingDate=DATE), "patches.0.value.reportingDate"),
        (adding(billing=True), "patches.0.value.billing"),
        ({"operation": "removeUsageLogEntry"}, "patches.0.usageLogEntryId"),
        ({"operation": "removeUsageLogEntry", "usageLogEntryId": 7}, "patches.0.usageLogEntryId"),
        (updating("x", {"documentId": 7}, state="pending"), "patches.0.oldValue.documentId"),
    ],
)
def test_what_has_the_wrong_shape_is_reported_by_its_path(times: Caller, operation: dict[str, Any], path: str) -> None:
    status, details = refused(times, operation)
    assert (status, list(details)) == (400, [path])


@pytest.mark.parametrize("operation", ["archive", "revokeAsset"])
def test_what_is_out_of_use_was_used_all_the_same(times: Caller, operation: str) -> None:
    patch(times, {"operation": operation})
    assert len(reported(times, adding())) == 1


def test_billing_is_reported_and_set_once_from_the_version_that_has_it(times: Caller) -> None:
    """LIC-10"""
    (use,) = reported(times, adding(), version="2026-07")
    assert "billing" not in use
    (use,) = reported(times, updating(use["id"], state="pending", billing=False), version="2026-07")
    assert use["billing"] is False
    assert "billing" not in log(times, "2026-05")[0]
    assert reported(times, updating(use["id"], state="pending", billing=False), version="2026-09")
    message = "The billing flag of a use cannot be changed once it is set"
    answer = refused(times, updating(use["id"], state="pending", billing=True), version="2026-09")
    assert answer == (409, {"name": "Conflict", "message": message})


def test_the_oldest_report_comes_first(times: Caller) -> None:
    reported(times, *[adding(url=f"https://example.org/{n}") for n in range(3)])
    UsageLogEntry.objects.filter(url__endswith="2").update(reporting_date=datetime(2020, 1, 1, tzinfo=UTC))
    assert [use["url"][-1] for use in log(times)] == ["2", "0", "1"]


def test_a_log_has_an_end(times: Caller) -> None:
    (first,) = reported(times, adding())
    entry = MediaEntry.objects.get()
    UsageLogEntry.objects.bulk_create(
        UsageLogEntry(entry=entry, state="pending", purpose=first["purpose"], public_id=f"u{number:011}")
        for number in range(usage_log.MAX_LOG - 1)
    )
    status, details = refused(times, adding())
    assert (status, details) == (400, {"message": "must NOT have more than 10000 uses", "patchIndex": 0})
    assert len(reported(times, removing(first["id"]), adding())) == usage_log.MAX_LOG
