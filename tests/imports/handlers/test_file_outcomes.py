"""The outcomes of a file of any type: created, updated, skipped, failed; each with its status row."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from imports.handlers.files import is_taken
from media_library.models import MediaEntry
from tests import images
from tests.api_client import CONFIG, Caller, image_item, make_project
from tests.media_library.stored_entries import fetch
from tests.origin import Origin, Reply

Run = Callable[[], None]
PDF = Reply(b"%PDF-1.7\n%%EOF\n", etag='"pdf"')
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook() -> bytes:
    file = BytesIO()
    with ZipFile(file, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


def row(caller: Caller, run: Run, item: dict[str, Any], version: str | None = None) -> dict[str, Any]:
    """Import one file and give back its row of the status answer."""
    job = caller.import_media("files", item, version=version)
    run()
    (only,) = caller.status(job, "files", version)["files"]
    return dict(only)


def test_a_new_pair_creates_an_entry_and_its_row_is_flat(times: Caller, origin: Origin, run_workers: Run) -> None:
    """FIL-01, FIL-04, FIL-05"""
    url = origin.reply("/annual-report.xlsx?token=secret", Reply(workbook()))
    origin.reply("/annual-report.xlsx", Reply(workbook()))
    item = image_item(url, id="doc-3", fileName="Annual report", metadata={"description": "2023"})
    got = row(times, run_workers, item)
    media_id = got.pop("mediaId")
    assert (got.pop("status"), got.pop("state")) == ("success", "success")
    assert got == {"systemName": "archive", "externalId": "doc-3", "title": "Annual report"}
    entry = times.get(f"mediaLibrary/{media_id}").json()
    asset = entry["asset"]
    assert (entry["mediaType"], entry["metadata"]) == ("file", {"title": "Annual report", "description": "2023"})
    assert asset.keys() == {"key", "size", "filename", "mimeType", "url"}
    assert (asset["filename"], asset["mimeType"]) == ("Annual report.xlsx", XLSX)
    assert asset["key"].startswith("files/20")
    assert asset["key"].endswith(".xlsx")


@pytest.mark.parametrize(("version", "state"), [("v1", "success"), ("beta", "success"), ("2026-07", "imported")])
def test_rows_have_both_spellings_in_every_version(
    times: Caller, origin: Origin, run_workers: Run, version: str, state: str
) -> None:
    """FIL-04"""
    got = row(times, run_workers, image_item(origin.reply("/a.pdf", PDF)), version)
    assert (got["status"], got["state"], "mediaId" in got) == ("success", state, True)


@pytest.mark.parametrize(
    ("name", "filename"),
    [
        ("report.pdf?X-Amz-Signature=secret", "report.pdf"),
        ("https://example.org/a/report.pdf?sig=secret#page=2", "https://example.org/a/report.pdf"),
        ("What is this? A report.pdf", "What is this? A report.pdf"),
        ("report", "report.pdf"),
    ],
)
def test_the_stored_name_has_no_query_string(
    times: Caller, origin: Origin, run_workers: Run, name: str, filename: str
) -> None:
    """FIL-03"""
    origin.reply("/a.pdf", PDF)
    got = row(times, run_workers, image_item(origin.url("/a.pdf?token=secret"), fileName=name))
    entry = MediaEntry.objects.get()
    assert (got["title"], entry.asset["filename"]) == (name, filename)


def test_a_file_that_cannot_be_reached_fails(times: Caller, origin: Origin, run_workers: Run) -> None:
    """FIL-02"""
    got = row(times, run_workers, image_item(origin.url("/gone.pdf?token=secret"), id="e", fileName="f"))
    details = got.pop("error_details")
    assert details["message"] == f"HTTP 404 from {origin.url('/gone.pdf')}"
    assert got == {
        "status": "failed", "state": "failed", "reason": "Could not upload file",
        "systemName": "archive", "externalId": "e", "title": "f",
    }  # fmt: skip


def test_a_file_over_the_limit_fails(times: Caller, settings: Any, origin: Origin, run_workers: Run) -> None:
    settings.FILE_MAX_BYTES = 1_000
    got = row(times, run_workers, image_item(origin.reply("/a", Reply(b"x" * 1_001))))
    assert (got["reason"], got["error_details"]["message"]) == ("Could not upload file", "larger than 1000 bytes")


def test_an_empty_file_fails(times: Caller, origin: Origin, run_workers: Run) -> None:
    got = row(times, run_workers, image_item(origin.reply("/a", Reply())))
    assert got["error_details"] == {"message": "the file is empty", "cause": "empty-file"}


# --- Types -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "claimed", "mime_type"),
    [
        (PDF.body, "text/html", "application/pdf"),
        (workbook(), "application/zip", XLSX),
        (b"a,b\n", "Text/CSV; charset=utf-8", "text/csv"),
        (b"\x80\x81", "application/octet-stream", "application/octet-stream"),
        (b"\x80\x81", "", "application/octet-stream"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "text/plain", "image/svg+xml"),
    ],
)
def test_bytes_decide_about_the_type_before_the_origin_does(
    times: Caller, origin: Origin, run_workers: Run, body: bytes, claimed: str, mime_type: str
) -> None:
    """FIL-05"""
    row(times, run_workers, image_item(origin.reply("/a", Reply(body, content_type=claimed))))
    assert MediaEntry.objects.get().asset["mimeType"] == mime_type


def test_an_operator_may_restrict_the_types(times: Caller, settings: Any, origin: Origin, run_workers: Run) -> None:
    """FIL-05"""
    settings.FILE_TYPES = ["application/pdf", "image/*"]
    items = [
        image_item(origin.reply(f"/{number}", Reply(body)), id=str(number))
        for number, body in enumerate((PDF.body, images.png(), workbook()))
    ]
    job = times.import_media("files", *items)
    run_workers()
    rows = times.status(job, "files")["files"]
    assert [one["status"] for one in rows] == ["success", "success", "failed"]
    assert (rows[2]["reason"], rows[2]["error_details"]) == (
        "Could not upload file",
        {"message": f"file type not accepted: {XLSX}", "cause": "type-not-accepted", "parameter": XLSX},
    )


@pytest.mark.parametrize(
    ("taken", "is_one"),
    [
        ([], True),
        (["text/csv"], True),
        (["text/*"], True),
        (["*/*"], True),
        (["TEXT/CSV"], True),
        (["text/html"], False),
    ],
)
def test_types_are_named_alone_or_by_their_kind(taken: list[str], is_one: bool) -> None:
    assert is_taken("text/csv", taken) is is_one


@pytest.mark.parametrize("handle", ["image", "video", "nothing"])
def test_a_media_type_that_is_not_for_files_fails_the_item(times: Caller, run_workers: Run, handle: str) -> None:
    """FIL-06"""
    got = row(times, run_workers, image_item("https://example.com/a", mediaType=handle))
    assert (got["status"], got["reason"]) == ("failed", f'Unknown mediaType: "{handle}"')
    assert got["error_details"]["cause"] == "media-type"


def test_an_item_without_media_type_gets_the_configured_default(db: None, origin: Origin, run_workers: Run) -> None:
    form = {"handle": "form", "type": "mediaFile", "metadata": []}
    config = CONFIG | {
        "mediaTypes": [*CONFIG["mediaTypes"], form],
        "settings": CONFIG["settings"] | {"defaultMediaTypes": {"mediaFile": "form"}},
    }
    caller = Caller(make_project("forms", config))
    row(caller, run_workers, image_item(origin.reply("/a", PDF)))
    assert MediaEntry.objects.get().media_type == "form"


# --- Again -----------------------------------------------------------------------------------------------------------


def test_an_identical_file_is_skipped_and_other_bytes_update_it(
    times: Caller, origin: Origin, run_workers: Run
) -> None:
    """FIL-04, FIL-07"""
    item = image_item(origin.reply("/a", PDF))
    first = row(times, run_workers, item)
    again = row(times, run_workers, item)
    assert (again["status"], again["reason"], again["mediaId"]) == ("skipped", "already exists", first["mediaId"])
    assert origin.asked("/a")[-1].headers["if-none-match"] == '"pdf"'
    origin.reply("/a", Reply(workbook()))
    changed = row(times, run_workers, item)
    entry = MediaEntry.objects.get()
    assert (changed["status"], changed["mediaId"], entry.version) == ("success", first["mediaId"], 2)
    assert entry.asset["mimeType"] == XLSX


# --- Delivery --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "served"),
    [
        (b"<!doctype html><script>alert(1)</script>", "text/html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image/svg+xml"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
    ],
)
def test_markup_is_delivered_as_attachment(
    times: Caller, origin: Origin, run_workers: Run, body: bytes, served: str
) -> None:
    """FIL-08"""
    got = row(times, run_workers, image_item(origin.reply("/a", Reply(body))))
    url = times.get(f"mediaLibrary/{got['mediaId']}").json()["asset"]["url"]
    answer = fetch(url)
    assert answer.getvalue() == body
    assert answer["Content-Type"] == served
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
