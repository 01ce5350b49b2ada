"""PATCH mediaLibrary/{id}: all or nothing, in order, the version raised by exactly one (spec 3.8)."""

from typing import Any

import pytest

from media_library.models import EntryChange, FormerAsset, MediaEntry, MediaReference
from media_library.storage import assets
from tests.api_client import CONFIG, Caller, make_project
from tests.media_library.entries.test_create import JPEG, asset, create, image

NEW = {
    "key": "2021/11/23/my-new-file.png", "url": "https://example.com/my-new-file.png", "size": 10000, "width": 1000,
    "height": 800, "filename": "my-new-file.png", "mimeType": "image/png",
}  # fmt: skip
EN = {"locale": "en", "metadata": {"title": "english"}, "asset": asset("2022/08/25/en.jpeg", **JPEG)}


@pytest.fixture
def entry(times: Caller) -> MediaEntry:
    """An image with a title and an English asset of its own."""
    create(times, image(id="it", metadata={"title": "old", "caption": "c"}, translations=[EN]))
    return MediaEntry.objects.get()


def patch(caller: Caller, *patches: Any, version: str | None = None, **fields: Any) -> Any:
    return caller.patch("mediaLibrary/it", {"patches": list(patches)} | fields, version)


def done(caller: Caller, *patches: Any, **fields: Any) -> dict[str, Any]:
    """Patch successfully; the entry afterwards."""
    answer = patch(caller, *patches, **fields)
    assert (answer.status_code, answer.json()) == (200, {"status": 200}), answer.content
    after: dict[str, Any] = caller.get("mediaLibrary/it").json()
    return after


def refused(caller: Caller, *patches: Any, **fields: Any) -> tuple[int, dict[str, Any]]:
    """Patch in vain; status and details, after a look that nothing has changed."""
    before = MediaEntry.objects.values().get()
    answer = patch(caller, *patches, **fields)
    assert MediaEntry.objects.values().get() == before
    assert not FormerAsset.objects.exists()
    return answer.status_code, answer.json()["error_details"]


def setting(name: Any, *value: Any) -> dict[str, Any]:
    return {"operation": "setMetadataProperty", "propertyName": name} | ({"value": value[0]} if value else {})


def test_the_seed_example_of_five_operations_succeeds(times: Caller, entry: MediaEntry) -> None:
    """PAT-25, PAT-01, PAT-22, PAT-24"""
    after = done(
        times,
        {"operation": "setMetadataProperty", "propertyName": "title", "value": "updated title"},
        {"operation": "replaceAsset", "value": NEW},
        {"operation": "revokeAsset"},
        {"operation": "archive"},
        {"operation": "removeAsset", "locale": "en"},
        version=None,
    )
    assert (after["version"], after["metadata"]["title"], after["asset"]) == (2, "updated title", NEW)
    assert after["translations"] == [{"locale": "en", "metadata": {"title": "english"}}]
    entry.refresh_from_db()
    assert (entry.revoked, entry.archived, entry.state) == (True, True, "revoked")


def test_a_property_is_set(times: Caller, entry: MediaEntry) -> None:
    """PAT-02"""
    assert done(times, setting("source", "agency"))["metadata"] == {"title": "old", "caption": "c", "source": "agency"}


@pytest.mark.parametrize("value", [(None,), ()])
def test_null_or_no_value_removes_a_property(times: Caller, entry: MediaEntry, value: tuple[Any, ...]) -> None:
    """PAT-03, PAT-04"""
    assert done(times, setting("caption", *value))["metadata"] == {"title": "old"}
    assert done(times, setting("caption", *value))["metadata"] == {"title": "old"}, "twice does no harm"


def test_an_unknown_property_is_refused(times: Caller, entry: MediaEntry) -> None:
    """PAT-05"""
    status, details = refused(times, setting("caption", "x"), setting("credit", "of a video"))
    assert status == 400
    assert details == {"message": 'Patch at index 1 failed: Metadata property "credit" does not exist', "patchIndex": 1}


def test_an_invalid_value_is_refused(times: Caller, entry: MediaEntry) -> None:
    """PAT-06"""
    status, details = refused(times, setting("title", 5))
    assert status == 400
    assert details == {
        "name": "ValidationError", "message": "Metadata validation failed.", "patchIndex": 0,
        "errors": [{"metadataProperty": "title", "message": "The value of '/title' must be string"}],
    }  # fmt: skip


def test_a_required_property_cannot_be_removed(db: None) -> None:
    required = {"handle": "title", "type": "li-text", "config": {"required": True}}
    strict = {"handle": "image", "type": "mediaImage", "metadata": [required]}
    types = [strict if kind["handle"] == "image" else kind for kind in CONFIG["mediaTypes"]]
    caller = Caller(make_project("strict", CONFIG | {"mediaTypes": types}))
    create(caller, image(id="it", metadata={"title": "t"}))
    assert refused(caller, setting("title"))[0] == 400


def test_an_asset_is_replaced_and_the_old_one_remembered(times: Caller, entry: MediaEntry) -> None:
    """PAT-07, PAT-09"""
    assert done(times, {"operation": "replaceAsset", "value": NEW})["asset"] == NEW
    former = FormerAsset.objects.get()
    assert (former.asset, former.locale) == (entry.asset, "")


@pytest.mark.parametrize(
    ("patches", "paths"),
    [
        ({"operation": "replaceAsset"}, ["patches.0.value"]),  # PAT-08
        ({"operation": "replaceAsset", "value": None}, ["patches.0.value"]),
        (
            {"operation": "replaceAsset", "value": {k: v for k, v in NEW.items() if k != "width"}},
            ["patches.0.value.width"],
        ),
        ({"operation": "replaceAsset", "value": NEW | {"key": "../x"}}, ["patches.0.value.key"]),
        ({"operation": "removeAsset"}, ["patches.0.locale"]),  # PAT-15
        ({"operation": "setMetadataProperty"}, ["patches.0.propertyName"]),
        ({"operation": "setMetadataProperty", "propertyName": 5}, ["patches.0.propertyName"]),
        ({"operation": "archive", "value": 1}, ["patches.0.value"]),
        ({}, ["patches.0.operation"]),
        ([], ["patches.0"]),
        ({"operation": "revokeAsset", "note": "x" * 201}, ["patches.0.note"]),  # PAT-29
    ],
)
def test_a_patch_of_the_wrong_shape_is_refused_by_path(
    times: Caller, entry: MediaEntry, patches: Any, paths: list[str]
) -> None:
    """PAT-08, PAT-15, PAT-29"""
    status, details = refused(times, patches)
    assert (status, list(details)) == (400, paths)


def test_an_unknown_operation_is_reported_in_the_documented_words(times: Caller, entry: MediaEntry) -> None:
    """PAT-16, ERR-04"""
    answer = patch(times, {"operation": "notExistingOperation"})
    assert answer.json() == {
        "status": 400,
        "error": "Bad Request",
        "error_details": {"patches.0.operation": 'No enum match for: "notExistingOperation"'},
    }


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ({}, {"patches": "Missing required property: patches"}),
        ({"patches": []}, {"patches": "must NOT have fewer than 1 items"}),
        ({"patches": {}}, {"patches": "Invalid type: expected array"}),
        ({"patches": [{"operation": "archive"}], "more": 1}, {"more": "Additional properties not allowed"}),
        ([], {"body": "Invalid type: expected object"}),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused(
    times: Caller, entry: MediaEntry, body: Any, problems: dict[str, str]
) -> None:
    """PAT-17"""
    answer = times.patch("mediaLibrary/it", body)
    assert (answer.status_code, answer.json()["error_details"]) == (400, problems)


def test_an_unknown_entry_is_reported_in_the_documented_words(times: Caller, herald: Caller, entry: MediaEntry) -> None:
    """PAT-18; another project's entry is as unknown as any."""
    answer = times.patch("mediaLibrary/yLBGtTjWN4ba", {"patches": [{"operation": "archive"}]})
    details = {"name": "NotFound", "message": "MediaLibrary Entry does not exist (id: 'yLBGtTjWN4ba')"}
    assert (answer.status_code, answer.json()["error_details"]) == (404, details)
    assert patch(herald, {"operation": "archive"}).status_code == 404


def test_a_stale_version_is_a_conflict_in_the_documented_words(times: Caller, entry: MediaEntry) -> None:
    """PAT-19"""
    MediaEntry.objects.update(version=36)
    answer = times.patch("mediaLibrary/it", {"version": "1", "patches": [{"operation": "archive"}]})
    assert answer.json() == {
        "status": 409, "error": "Conflict",
        "error_details": {"name": "Conflict", "message": "Version: Expected 36 to be equal to 1"},
    }  # fmt: skip


@pytest.mark.parametrize("version", ["1", 1])
def test_a_version_may_be_text_or_number(times: Caller, entry: MediaEntry, version: Any) -> None:
    """PAT-21"""
    answer = times.patch("mediaLibrary/it", {"version": version, "patches": [{"operation": "archive"}]})
    assert answer.status_code == 200


def test_without_a_version_nothing_is_compared(times: Caller, entry: MediaEntry) -> None:
    """PAT-20"""
    MediaEntry.objects.update(version=36)
    assert done(times, {"operation": "archive"})["version"] == 37


@pytest.mark.parametrize("version", [1.5, "1.0", "\u0661", -1, "-1", "", " 1", None, True, [], {}, "x" * 30])
def test_a_version_that_is_no_whole_number_is_refused(times: Caller, entry: MediaEntry, version: Any) -> None:
    answer = times.patch("mediaLibrary/it", {"version": version, "patches": [{"operation": "archive"}]})
    assert (answer.status_code, list(answer.json()["error_details"])) == (400, ["version"])


def test_one_failing_patch_leaves_everything_as_it_was(times: Caller, entry: MediaEntry) -> None:
    """PAT-23"""
    patches = [setting("title", "new"), {"operation": "replaceAsset", "value": NEW}, setting("nothing", 1)]
    assert refused(times, *patches)[0] == 400
    assert EntryChange.objects.count() == 1


def test_patches_run_in_order(times: Caller, entry: MediaEntry) -> None:
    """PAT-24"""
    after = done(times, setting("title", "a"), setting("title", "b"), setting("caption"), setting("caption", "d"))
    assert after["metadata"] == {"title": "b", "caption": "d"}
    assert after["version"] == 2, "PAT-22: one request, one version"


def test_the_time_of_change_advances_unless_it_is_to_be_kept(times: Caller, entry: MediaEntry) -> None:
    """PAT-26, PAT-27, VER-07"""
    before = times.get("mediaLibrary/it").json()["updatedAt"]
    body = {"preserveUpdatedAt": True, "patches": [{"operation": "archive"}]}
    assert times.patch("mediaLibrary/it", body, "2026-03").status_code == 200
    assert times.get("mediaLibrary/it").json()["updatedAt"] == before
    answer = times.patch("mediaLibrary/it", body)
    assert answer.json()["error_details"] == {"preserveUpdatedAt": "Additional properties not allowed"}
    assert times.patch("mediaLibrary/it", body, "2026-01").status_code == 400
    assert done(times, setting("caption", "later"))["updatedAt"] > before


def test_revoking_withdraws_the_asset_and_unrevoking_restores_it(times: Caller, entry: MediaEntry) -> None:
    """PAT-10, PAT-11, PAT-28, PAT-29, PAT-30"""
    url = times.get("mediaLibrary/it").json()
    done(times, {"operation": "revokeAsset", "note": "Case #1"})
    entry.refresh_from_db()
    assert (entry.revoked, entry.revoke_note, entry.servable) == (True, "Case #1", False)
    assert patch(times, {"operation": "revokeAsset"}).status_code == 409
    assert done(times, {"operation": "unrevokeAsset"})["asset"] == url["asset"]
    entry.refresh_from_db()
    assert (entry.revoked, entry.revoke_note, entry.servable) == (False, "", True)
    assert patch(times, {"operation": "unrevokeAsset"}).status_code == 409


def test_a_project_may_have_the_binary_deleted(db: None) -> None:
    """Q-23: then there is no way back."""
    settings = CONFIG["settings"] | {"mediaLibrary": {"revokeDeletesAsset": True}}
    caller = Caller(make_project("gone", CONFIG | {"settings": settings}))
    create(caller, image(id="it"))
    done(caller, {"operation": "revokeAsset"})
    assert MediaEntry.objects.get().asset_deleted
    assert patch(caller, {"operation": "unrevokeAsset"}).status_code == 409
    assert assets() is not None


def test_archiving_twice_is_the_same_as_once(times: Caller, entry: MediaEntry) -> None:
    """PAT-12"""
    done(times, {"operation": "archive"})
    assert done(times, {"operation": "archive"})["version"] == 3
    assert MediaEntry.objects.get().archived


def test_a_translated_asset_is_removed_and_its_metadata_stay(times: Caller, entry: MediaEntry) -> None:
    """PAT-13"""
    after = done(times, {"operation": "removeAsset", "locale": "en"})
    assert after["translations"] == [{"locale": "en", "metadata": {"title": "english"}}]
    assert not entry.translated_keys.exists()


@pytest.mark.parametrize(
    ("locale", "message"),
    [("de", "The asset of the default locale cannot be removed"), ("fr", "No asset found for locale 'fr'")],
)
def test_an_asset_that_cannot_be_removed_is_refused(
    times: Caller, entry: MediaEntry, locale: str, message: str
) -> None:
    """PAT-14"""
    status, details = refused(times, {"operation": "removeAsset", "locale": locale})
    assert (status, details) == (400, {"message": message, "patchIndex": 0})


def test_ten_thousand_operations_are_one_change(times: Caller, entry: MediaEntry) -> None:
    after = done(times, *[setting("caption", str(n)) for n in range(10_000)])
    assert (after["version"], after["metadata"]["caption"]) == (2, "9999")
    assert patch(times, *[setting("caption", "x")] * 10_001).status_code == 400


def test_every_change_leaves_a_trace(times: Caller, entry: MediaEntry) -> None:
    done(times, setting("title", "x"), {"operation": "archive"})
    newest = EntryChange.objects.first()
    assert newest is not None
    assert (newest.version, newest.actor, newest.actor_name) == (2, "api-client", "tests")
    assert newest.operations == ["setMetadataProperty title", "archive"]


def test_references_follow_the_metadata(times: Caller, entry: MediaEntry) -> None:
    link = {"$ref": "document", "reference": {"id": "7"}}
    done(times, setting("documentLink", link))
    assert MediaReference.objects.get().target_id == "7"
    done(times, setting("documentLink"))
    assert not MediaReference.objects.exists()
