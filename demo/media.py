"""Import photographs, a video and a file from the archive, and look at what became of them."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from demo.archive import Archive
from demo.display import bar, expect, heading, note, state, table
from demo.patience import GIVE_UP_SECONDS, wait_for
from demo.service import Service
from livingdocs_import_client import Client, File, Image, Job, Row, Video

SYSTEM = "picture-archive"
CAPTIONS = {
    "astronaut.png": "Eileen Collins, astronaut",
    "chelsea.png": "A cat called Chelsea",
    "coffee.png": "A cup of coffee",
    "hubble_deep_field.jpg": "Hubble eXtreme Deep Field",
    "rocket.jpg": "Falcon 9 launches DSCOVR",
}
LOST = "burnt-in-1973.jpg"


@dataclass(frozen=True)
class Photographs:
    """The job that has imported them, and its rows by file name."""

    job: Job
    rows: dict[str, Row]


def finished(client: Client, jobs: Sequence[Job]) -> list[Row]:
    """Wait for jobs with a progress bar; the row of each item."""
    with bar(f"job {', '.join(job.id for job in jobs)}") as show:
        client.wait(jobs, on_progress=show, timeout=GIVE_UP_SECONDS)
    return list(client.results(jobs))


# --- Photographs -----------------------------------------------------------------------------------------------------


def _photographs(archive: Archive) -> Iterator[Image]:
    """The photographs, and one address that does not exist."""
    for name, caption in CAPTIONS.items():
        yield Image(url=archive.url(f"/photos/{name}"), id=name, file_name=name, metadata={"caption": caption})
    yield Image(url=archive.url(f"/photos/{LOST}"), id=LOST, file_name="Lost")


def _post(client: Client, archive: Archive) -> list[Job]:
    webhook = archive.url("/webhook")
    return client.import_images(_photographs(archive), system_name=SYSTEM, webhook=webhook, context={"shelf": 12})


def import_photographs(client: Client, archive: Archive) -> Photographs:
    """Post the batch, show its progress and its results."""
    heading("2. A batch of photographs is posted: POST import/images")
    jobs = _post(client, archive)
    rows = finished(client, jobs)
    heading("3. GET import/images/status tells what became of each")
    table("image", "outcome", "details", rows=[(row.external_id, state(row), _result(row)) for row in rows])
    imported = {row.external_id: row for row in rows if not row.failed}
    expect(set(imported) == set(CAPTIONS), "all five photographs should have been imported")
    (lost,) = [row for row in rows if row.failed]
    expect(lost.reason == "Could not upload image", "the missing one should have failed with its reason")
    expect("HTTP 404" in _result(lost), "its details should name the 404")
    return Photographs(jobs[0], imported)


def _result(row: Row) -> str:
    if row.image is not None:
        return f"{row.image['width']} x {row.image['height']} {row.image['mimeType']}"
    return f"{row.reason}: {'; '.join(problem.message for problem in row.problems)}"


def look_at_files(service: Service, photographs: Photographs) -> None:
    """The original is served as it came; a rendition is smaller."""
    rocket = photographs.rows["rocket.jpg"].image or {}
    expect((rocket["width"], rocket["height"]) == (640, 427), "the rocket's size should be the true one")
    url = str(rocket["originalUrl"])
    original, thumbnail = service.http.get(url), service.http.get(f"{url}&w=200")
    expect(original.headers["Content-Type"] == "image/jpeg", "the original should be served as it came")
    expect(thumbnail.is_success and len(thumbnail.content) < len(original.content), "a thumbnail should be smaller")
    note(f"the rocket:  {url}")
    note(f"a thumbnail: {url}&w=200  ({len(thumbnail.content):,} bytes)")


def await_webhook(archive: Archive) -> None:
    """The job's webhook has the counts and the context."""
    heading("4. The archive is notified: its webhook was called")
    wait_for("the webhook is on its way", lambda: bool(archive.webhooks))
    expect(len(archive.webhooks) == 1, "one webhook should have arrived")
    (message,) = archive.webhooks
    note(str(message))
    expect(message["overview"]["details"] == {"success": 5, "skipped": 0, "failed": 1}, "its counts")
    expect(message["context"] == {"shelf": 12}, "its context should be what was sent")


def import_again(client: Client, archive: Archive) -> None:
    """The same batch a second time changes nothing."""
    heading("5. The same batch again: what is there is skipped")
    outcomes = [row.status for row in finished(client, _post(client, archive))]
    expect(outcomes == ["skipped"] * 5 + ["failed"], f"five should have been skipped: {outcomes}")
    note("5 skipped (already exists), 1 failed as before")


def import_details(client: Client, archive: Archive) -> None:
    """Many small pictures in one request, which takes long enough to be watched."""
    heading(f"6. {len(archive.details)} details of the Hubble photograph in one request")
    details = (
        Image(url=archive.url(f"/details/{name}"), id=name, file_name=f"Hubble {name}") for name in archive.details
    )
    began = time.monotonic()
    rows = finished(client, client.import_images(details, system_name="observatory"))
    seconds = time.monotonic() - began
    expect([row.status for row in rows] == ["success"] * len(archive.details), "all of them should have been imported")
    note(f"{len(rows)} images in {seconds:.1f} s, {len(rows) / seconds:.0f} a second")


# --- A video and a file ----------------------------------------------------------------------------------------------


def import_video_and_file(service: Service, client: Client, archive: Archive) -> list[str]:
    """Import both, show facts from the video's headers, request a range as a player does; the ids of the entries."""
    heading("8. A video and a file: POST import/videos and import/files")
    video = Video(url=archive.url("/videos/test-card.webm"), id="test-card.webm", file_name="Test card")
    file = File(url=archive.url("/files/shelves.pdf"), id="shelves.pdf", file_name="Shelves of the archive")
    jobs = client.import_videos([video], system_name=SYSTEM) + client.import_files([file], system_name=SYSTEM)
    ids = [str(row.media_id) for row in finished(client, jobs) if not row.failed]
    expect(len(ids) == 2, "both should have been imported")
    video_entry, file_entry = (client.entry(media_id) for media_id in ids)
    asset = video_entry.asset
    facts = f"{asset.width:.0f} x {asset.height:.0f}, {asset.duration} s, {asset.mime_type}"
    expect(facts == "192 x 108, 4.0 s, video/webm", f"size and duration should be the true ones: {facts}")
    part = service.http.get(asset.url, headers={"Range": "bytes=0-3"})
    expect((part.status_code, part.content) == (206, b"\x1a\x45\xdf\xa3"), "a player should get the part it asks for")
    expect(file_entry.asset.mime_type == "application/pdf", "the type of the file should be detected from its bytes")
    shelves = f"{file_entry.asset.size:,.0f} bytes, {file_entry.asset.mime_type}"
    table("file", "facts", rows=[(asset.filename, facts), (file_entry.asset.filename, shelves)])
    return ids
