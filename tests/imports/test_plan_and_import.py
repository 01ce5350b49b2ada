"""If nothing changes in between, an import does what the dry run before it has said (DRY-13)."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from imports.models import PlannedState
from media_library.models import MediaEntry
from tests.api_client import Caller, make_project
from tests.newsroom import Newsroom, paragraph

_projects = count(1)
FLAGS = st.sampled_from(
    [{}, {"autoPublish": True}, {"unpublish": True}, {"neverOverwrite": True}, {"onlyOverwriteUntouched": True}]
)
EMBARGO = {"embargo": {"reason": "not before the vote"}}
PARTS = {
    "title": st.sampled_from(["One", "Two"]),
    "contentType": st.sampled_from(["page", "page", "page", "article", "nothing"]),
    "metadata": st.sampled_from([{}, {"title": "t", "slug": "home"}, {"title": "t", "slug": "about"}, {"nothing": 1}]),
    "flags": FLAGS,
}
OPTIONAL = {
    "content": st.sampled_from([[], [paragraph("one")], [paragraph("<b>two</b>")], [{"component": "nothing"}]]),
    "documentId": st.sampled_from([5, 6, 5000]),
    "publishControl": st.sampled_from([EMBARGO, {"embargo": None}]),
}
ITEM = st.fixed_dictionaries(
    {"id": st.sampled_from("abc"), "checksum": st.sampled_from("12"), **PARTS}, optional=OPTIONAL
)
UNPUBLISH = st.fixed_dictionaries(
    {"id": st.sampled_from("abc"), "checksum": st.sampled_from("12"), "flags": st.just({"unpublish": True})}
)
BATCH = st.lists(ITEM | UNPUBLISH, min_size=1, max_size=6)


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=BATCH, batch=BATCH, chunk=st.integers(1, 3))
def test_documents_become_what_the_plan_says(
    before: list[dict[str, Any]], batch: list[dict[str, Any]], chunk: int, run_workers: Callable[[], None]
) -> None:
    newsroom = Newsroom(Caller(make_project(f"p{next(_projects)}")), run_workers)
    with override_settings(IMPORT_DOCUMENTS_CHUNK=chunk, DOCUMENT_CUSTOM_IDS_BELOW=1000):
        known = {row["external_id"] for row in newsroom.bring(*before) if succeeded(row)}
        planned = newsroom.bring(*batch, options={"dryRun": True})
        real = newsroom.bring(*batch)
    assert [becomes(row) for row in planned] == [became(row, known) for row in real]
    assert not PlannedState.objects.exists()


def becomes(row: dict[str, Any]) -> tuple[str, str, str]:
    """What a planned row says."""
    why = row["why"] if row["would"] in ("skip", "fail") else ""
    return row["would"], why, row.get("error_details", {}).get("cause", "")


def became(row: dict[str, Any], known: set[str]) -> tuple[str, str, str]:
    """The same of an imported row; `known` has the ids that were imported before it."""
    if not succeeded(row):
        would = {"failed": "fail", "skipped": "skip"}[row["state"]]
        return would, row["reason"], row.get("error_details", {}).get("cause", "")
    is_new = row["external_id"] not in known
    known.add(row["external_id"])
    return ("create" if is_new else "update"), "", ""


def succeeded(row: dict[str, Any]) -> bool:
    return row["state"] not in ("failed", "skipped")


ENTRY = st.fixed_dictionaries(
    {"mediaType": st.sampled_from(["image", "image", "nothing"]), "metadata": st.sampled_from([{"title": "t"}, {}])},
    optional={
        "id": st.sampled_from(["m1", "m2", "m3"]),
        "externalId": st.sampled_from(["x1", "x2"]),
    },
)
ENTRIES = st.lists(ENTRY, min_size=1, max_size=5)
VALID = {"mediaType": "image", "metadata": {"title": "t"}}
ASSET = {
    "key": "a/b.jpg", "url": "https://cdn.example/b.jpg", "size": 1, "width": 1, "height": 1, "filename": "b.jpg",
    "mimeType": "image/jpeg",
}  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=20, deadline=None)
@given(before=ENTRIES, batch=ENTRIES)
@example(
    before=[VALID | {"externalId": "x1"}], batch=[VALID | {"id": "m2"}, VALID | {"id": "m2", "externalId": "x1"}]
).via("an id that comes twice, the second time with an external id that is taken")
def test_ready_made_entries_become_what_the_plan_says(
    before: list[dict[str, Any]], batch: list[dict[str, Any]]
) -> None:
    """DRY-08"""
    caller = Caller(make_project(f"p{next(_projects)}"))
    post_entries(caller, before)
    stored = MediaEntry.objects.count()
    planned = post_entries(caller, batch, options={"dryRun": True})
    assert MediaEntry.objects.count() == stored
    assert planned == post_entries(caller, batch)


def post_entries(caller: Caller, entries: list[dict[str, Any]], **fields: Any) -> list[tuple[Any, ...]]:
    """The answer for each; an id that was not sent is made up each time."""
    whole = [entry | {"asset": ASSET} | ({"systemName": "dam"} if "externalId" in entry else {}) for entry in entries]
    answer = caller.post("import/mediaLibrary", {"mediaLibraryEntries": whole} | fields)
    assert answer.status_code == 200, answer.content
    rows = answer.json()["mediaLibraryEntries"]
    return [
        (row["ok"], row["status"], row.get("error"), (row.get("error_details") or {}).get("message"), set(row))
        for row in rows
    ]
