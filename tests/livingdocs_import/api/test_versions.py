"""What differs between versions, on both sides of each change; and what is said of versions that are going to go."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from livingdocs_import.api.versions import KNOWN, NAMES, RELEASES, Feature, Release, versions
from livingdocs_import.api.warnings import warning
from tests import images
from tests.api_client import Caller, document_item, image_item
from tests.newsroom import PUBLISH, Newsroom
from tests.origin import Origin, Reply

NEWEST = NAMES[-1]
SCOPES = ("public-api:read", "public-api:write", "public-api:drafts:read")


@pytest.fixture
def caller(newsroom: Newsroom, origin: Origin, run_workers: Callable[[], None]) -> Caller:
    """A client that has imported a picture, and a published document."""
    newsroom.bring(document_item(id="a", flags=PUBLISH))
    caller = Caller(newsroom.caller.project, SCOPES)
    caller.post("import/mediaLibrary", {"mediaLibraryEntries": [ready("it")]})
    return caller


def ready(media_id: str) -> dict[str, Any]:
    asset = {"key": f"{media_id}.jpg", "url": "https://cdn.example/it.jpg", "size": 1, "width": 1, "height": 1}
    asset |= {"filename": "it.jpg", "mimeType": "image/jpeg"}
    return {"id": media_id, "mediaType": "image", "asset": asset, "metadata": {"title": "It"}}


def document_of(caller: Caller) -> int:
    (body,) = caller.get("documents/latestPublications", "v1").json()
    return int(body["systemdata"]["documentId"])


# --- What each feature looks like ------------------------------------------------------------------------------------


def latest_draft(caller: Caller, version: str) -> bool:
    return bool(caller.get(f"documents/{document_of(caller)}/latestDraft", version).status_code == 200)


def references(caller: Caller, version: str) -> bool:
    found = {"references" in caller.get(f"documents/{document_of(caller)}/latestPublication", version).json()}
    rows = caller.get("documents/latestPublications", version).json()
    found |= {"references" in row for row in (rows["results"] if isinstance(rows, dict) else rows)}
    found |= {caller.get("documents/latestPublications?fields=references", version).status_code == 200}
    (answer,) = found
    return answer


def serve_image(caller: Caller, version: str) -> bool:
    answer = caller.get("mediaLibrary/serve-image/nobody", version)
    return "url" not in answer.json()["error_details"]


def results(caller: Caller, version: str) -> bool:
    listed = caller.get("mediaLibrary?ids=it", version).json()
    created = caller.post("import/mediaLibrary", {"mediaLibraryEntries": [ready("it")]}, version).json()
    published = caller.get("documents/latestPublications", version).json()
    assert isinstance(published, dict) or published[0]["systemdata"]
    for path in ("publicationEvents", "categories"):
        assert isinstance(caller.get(path, version).json(), dict) == isinstance(published, dict)
    shapes = {(*listed, *created, *(published if isinstance(published, dict) else ["array"]))}
    assert shapes <= {("results",) * 3, ("mediaLibraryEntries", "mediaLibraryEntries", "array")}
    return shapes == {("results",) * 3}


def cursors(caller: Caller, version: str) -> bool:
    number = document_of(caller)
    paths = [f"documents/{number}/incomingDocumentReferences", f"documents/{number}/incomingMediaReferences"]
    paths += ["mediaLibrary/it/incomingDocumentReferences", "mediaLibrary/it/incomingMediaReferences"]
    paths += [f"drafts/{number}/incomingDocumentReferences"]
    first = [caller.get(path, version).json() for path in paths]
    assert all(page in ([], {"total": 0, "cursor": "", "results": []}) for page in first)
    reported = {caller.get(f"{path}?after=x", version).json()["error_details"]["after"] for path in paths}
    assert len(reported) == 1
    (with_cursor,) = {isinstance(page, dict) for page in first}
    assert with_cursor == (reported != {"Additional properties not allowed"})
    return with_cursor


def preserve_updated_at(caller: Caller, version: str) -> bool:
    body = {"preserveUpdatedAt": True, "patches": [{"operation": "archive"}]}
    patched = caller.patch("mediaLibrary/it", body, version).status_code == 200
    commands = {"preserveUpdatedAt": True, "commands": [{"operation": "removeEmbargo"}]}
    answer = caller.patch(f"documents/{document_of(caller)}/commands", commands, version)
    assert (answer.status_code == 204) == patched
    return bool(patched)


def keys(caller: Caller, version: str) -> bool:
    return bool(caller.get("mediaLibrary/it/keys", version).status_code == 200)


def billing(caller: Caller, version: str) -> bool:
    use = {"operation": "addUsageLogEntry", "value": {"purpose": "none", "billing": True}}
    details = caller.patch("mediaLibrary/it", {"patches": [use]}, version).json()["error_details"]
    return bool("does not exist" in details.get("message", ""))


BOUNDARIES = [
    (Feature.LATEST_DRAFT, latest_draft, "v1", "beta"),
    (Feature.REFERENCES, references, "v1", "beta"),
    (Feature.SERVE_IMAGE, serve_image, "beta", "2025-03"),
    (Feature.RESULTS, results, "2025-11", "2026-01"),
    (Feature.CURSORS, cursors, "2025-11", "2026-01"),
    (Feature.PRESERVE_UPDATED_AT, preserve_updated_at, "2026-01", "2026-03"),
    (Feature.KEYS, keys, "2026-01", "2026-03"),
    (Feature.BILLING, billing, "2026-05", "2026-07"),
]
# The first needs files: below. The others are in v1, too: tests/documents/api/test_categories.py,
# tests/documents/api/test_project_config.py and tests/media_library/entries/test_usage_log.py
ELSEWHERE = {Feature.IMPORTED_ROWS, Feature.MENUS, Feature.CHANNEL_CONFIG, Feature.USAGE_LOG}


@pytest.mark.parametrize(
    ("feature", "has", "before", "since"), BOUNDARIES, ids=lambda value: getattr(value, "name", "")
)
def test_each_change_holds_on_both_sides_of_its_version(
    caller: Caller, feature: Feature, has: Callable[[Caller, str], bool], before: str, since: str
) -> None:
    """VER-09"""
    assert [has(caller, version) for version in ("v1", before, since, NEWEST)] == [False, False, True, True]


def test_rows_say_imported_from_the_first_dated_version_on(
    times: Caller, origin: Origin, run_workers: Callable[[], None]
) -> None:
    """VER-09"""
    job = times.import_images(image_item(origin.reply("/a", Reply(images.png(images.picture(1, 1))))))
    run_workers()
    states = [times.status(job, version=version)["images"][0]["state"] for version in ("v1", "beta", "2025-03", NEWEST)]
    assert states == ["success", "success", "imported", "imported"]


def test_no_change_is_left_out() -> None:
    """VER-09"""
    assert {feature for feature, *_ in BOUNDARIES} | ELSEWHERE == set(Feature)


# --- A new version ---------------------------------------------------------------------------------------------------


def test_2026_09_has_what_2026_07_has(caller: Caller) -> None:
    """VER-08"""
    assert KNOWN["2026-09"].features == KNOWN["2026-07"].features
    for path in ("mediaLibrary/it", "mediaLibrary?ids=it", "mediaLibrary/it/keys", "documents/latestPublications"):
        assert caller.get(path, "2026-09").content == caller.get(path, "2026-07").content


def test_a_version_without_changes_is_one_line() -> None:
    """VER-08"""
    known = versions((*RELEASES, Release("2026-11")))
    assert known["2026-11"].features == known[NEWEST].features
    assert list(known) == [*NAMES, "2026-11"]


def test_what_a_version_drops_is_gone_from_then_on() -> None:
    known = versions(
        [
            Release("v1", brings=frozenset({Feature.KEYS, Feature.RESULTS})),
            Release("2025-03", drops=frozenset({Feature.KEYS})),
            Release("2025-05"),
        ]
    )
    assert [version.has(Feature.KEYS) for version in known.values()] == [True, False, False]
    assert [version.has(Feature.RESULTS) for version in known.values()] == [True, True, True]


# --- Versions that are going to go -----------------------------------------------------------------------------------


def test_a_deprecated_version_says_so(times: Caller) -> None:
    """TRN-04"""
    answer = times.get("mediaLibrary?ids=x", "2025-03")
    assert {name: answer[name] for name in ("Deprecation", "Sunset", "Warning")} == {
        "Deprecation": "@1793491200",
        "Sunset": "Sat, 01 May 2027 00:00:00 GMT",
        "Warning": '299 - "API version 2025-03 is deprecated since 2026-11-01 and is going to be removed on 2027-05-01'
        f'; the newest is {NEWEST}"',
    }


def test_one_whose_end_is_not_known_has_none(times: Caller) -> None:
    """TRN-04"""
    answer = times.get("mediaLibrary?ids=x", "beta")
    text = f'299 - "API version beta is deprecated since 2025-03-01; the newest is {NEWEST}"'
    assert (answer["Deprecation"], answer["Warning"]) == ("@1740787200", text)
    assert "Sunset" not in answer


def test_so_does_a_refusal(client: Client, times: Caller) -> None:
    """TRN-04: clients of a deprecated version get the header on errors as well."""
    for answer in (client.get("/api/beta/mediaLibrary"), times.get("mediaLibrary/nobody", "beta")):
        assert "deprecated" in answer["Warning"]


@pytest.mark.parametrize("version", [name for name, version in KNOWN.items() if version.deprecated is None])
def test_the_others_do_not(times: Caller, version: str) -> None:
    """TRN-04"""
    answer = times.get("mediaLibrary?ids=x", version)
    assert not {"Deprecation", "Sunset", "Warning"} & set(answer.headers)


def test_a_version_goes_after_it_is_deprecated() -> None:
    for version in KNOWN.values():
        assert version.removed is None or (version.deprecated or date.max) < version.removed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", '299 - "plain"'),
        ('a "quoted" \\ one', '299 - "a \\"quoted\\" \\\\ one"'),
        ("ü\r\nX-Injected: 1", '299 - "???X-Injected: 1"'),
        ("x" * 600, '299 - "{}"'.format("x" * 500)),
    ],
)
def test_a_warning_is_a_header_whatever_it_names(text: str, value: str) -> None:
    assert warning(text) == value
