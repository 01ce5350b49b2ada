"""`make demo`: an import from beginning to end, each step checked; afterwards the service stays up.

With `--exit` it ends by itself: 0 if every step was right, 1 and a sentence otherwise.
"""

import signal
import sys
from contextlib import suppress
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from demo.archive import Archive
from demo.patience import GIVE_UP_SECONDS, out, wait_for
from demo.service import LOGIN, Service

CAPTIONS = {
    "astronaut.png": "Eileen Collins, astronaut",
    "chelsea.png": "A cat called Chelsea",
    "coffee.png": "A cup of coffee",
    "hubble_deep_field.jpg": "Hubble eXtreme Deep Field",
    "rocket.jpg": "Falcon 9 launches DSCOVR",
}

SMALLEST_BATCH = (
    '{"systemName": "me", "images": [{"url": "https://example.org/a.jpg", "id": "1", "fileName": "a", "metadata": {}}]}'
)


def expect(truth: bool, sentence: str) -> None:
    """The demo is a check as well: it fails if a step is wrong."""
    if not truth:
        out.print(f"[bold red]Not as it should be:[/] {sentence}")
        raise SystemExit(1)


def say(title: str) -> None:
    out.print(f"\n[bold]{title}[/]")


def main() -> None:
    stay = "--exit" not in sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # stop everything that was started
    with Archive() as archive, Service(archive.address) as service:
        say("1. A bare machine becomes a service")
        token = service.set_up()
        service.start()
        out.print(f"   up on {service.url}: SQLite, local files, one worker, no broker; data in var/demo")
        images = import_images(service, archive)
        import_again(service, archive)
        linked = media_library(service, images)
        video_and_file(service, archive)
        articles(service, images)
        if stay:
            keep_serving(service, token, images, linked)
    out.print("\n[green]Everything shown was as it should be.[/]")


def batch(archive: Archive) -> dict[str, Any]:
    """The photographs, and one address that does not exist."""
    items = [
        {"url": archive.url(f"/photos/{name}"), "id": name, "fileName": name, "metadata": {"caption": caption}}
        for name, caption in CAPTIONS.items()
    ]
    lost = {"url": archive.url("/photos/burnt-in-1973.jpg"), "id": "lost", "fileName": "Lost", "metadata": {}}
    return {
        "systemName": "picture-archive",
        "webhook": archive.url("/webhook"),
        "context": {"shelf": 12},
        "images": [*items, lost],
    }


def finished(service: Service, kind: str, job: str) -> dict[str, Any]:
    """Poll the status as a client would, with a progress bar; returns the final response."""
    columns = (TextColumn("  "), BarColumn(40), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=out, transient=not out.is_terminal) as progress:
        bar = progress.add_task(f"job {job}", total=None)
        status: dict[str, Any] = {}

        def ended() -> bool:
            status.update(service.ask("GET", f"import/{kind}/status?id={job}&expand=progress"))
            progress.update(bar, total=status["progress"]["total"], completed=status["progress"]["done"])
            return bool(status["finished"])

        wait_for(f"the worker is doing job {job}", ended)
    return status


def import_images(service: Service, archive: Archive) -> dict[str, Any]:
    """Post the batch, show its progress, its results and the webhook; returns the images by file name."""
    say("2. A batch of photographs is posted: POST /api/v1/import/images")
    job = service.ask("POST", "import/images", batch(archive))["id"]
    status = finished(service, "images", job)
    expect(status["state"] == "success", f"the job should have ended well: {status['state']}")
    say("3. GET /api/v1/import/images/status tells what became of each")
    for row in status["images"]:
        image = row.get("image")
        result = f"{image['width']} x {image['height']} {image['mimeType']}" if image else row["reason"]
        out.print(f"   {row['externalId']:<24}{row['status']:<10}{result}")
        if detail := row.get("error_details", {}).get("message"):
            out.print(f"   {'':<34}{detail}")
    images = {row["externalId"]: row["image"] for row in status["images"] if "image" in row}
    expect(set(images) == set(CAPTIONS), "all five photographs should have been imported")
    (lost,) = [row for row in status["images"] if row["status"] == "failed"]
    expect(lost["reason"] == "Could not upload image", "the missing one should have failed with its reason")
    expect("HTTP 404" in lost["error_details"]["message"], "its details should name the 404")
    rocket = images["rocket.jpg"]
    expect((rocket["width"], rocket["height"]) == (640, 427), "the rocket's size should be the true one")
    original = service.session.get(rocket["originalUrl"], timeout=GIVE_UP_SECONDS)
    expect(original.headers["Content-Type"] == "image/jpeg", "the original should be served as it came")
    thumbnail = service.session.get(f"{rocket['originalUrl']}&w=200", timeout=GIVE_UP_SECONDS)
    expect(thumbnail.ok and len(thumbnail.content) < len(original.content), "a thumbnail should be smaller")
    out.print(f"   the rocket:  {rocket['originalUrl']}", soft_wrap=True)
    out.print(f"   a thumbnail: {rocket['originalUrl']}&w=200  ({len(thumbnail.content):,} bytes)", soft_wrap=True)
    say("4. The archive is notified: its webhook was called")
    wait_for("the webhook is on its way", lambda: bool(archive.webhooks))
    expect(len(archive.webhooks) == 1, "one webhook should have arrived")
    out.print(f"   {archive.webhooks[0]}", soft_wrap=True)
    expect(archive.webhooks[0]["overview"]["details"] == {"success": 5, "skipped": 0, "failed": 1}, "its counts")
    expect(archive.webhooks[0]["context"] == {"shelf": 12}, "its context should be what was sent")
    return images


def import_again(service: Service, archive: Archive) -> None:
    """The same batch a second time changes nothing."""
    say("5. The same batch again: what is there is skipped")
    status = finished(service, "images", service.ask("POST", "import/images", batch(archive))["id"])
    outcomes = [row["status"] for row in status["images"]]
    expect(outcomes == ["skipped"] * 5 + ["failed"], f"five should have been skipped: {outcomes}")
    out.print("   5 skipped (already exists), 1 failed as before")


def media_library(service: Service, images: dict[str, Any]) -> str:
    """Create an entry that links to a photograph, patch it, list the photograph's incoming links; returns the new
    entry's id."""
    say("6. A ready-made entry: POST /api/v1/import/mediaLibrary, PATCH, GET")
    cat = images["chelsea.png"]
    entry = {
        "id": "poster-1",
        "systemName": "poster-shop",
        "externalId": "p-1",
        "mediaType": "image",
        "asset": {
            "key": "posters/2026/chelsea.png",
            "url": "https://posters.example.org/2026/chelsea.png",
            "size": 240512,
            "width": 451,
            "height": 300,
            "filename": "chelsea.png",
            "mimeType": "image/png",
        },
        "metadata": {"title": "Poster", "imageLink": cat},
    }
    (created,) = service.ask("POST", "import/mediaLibrary", {"mediaLibraryEntries": [entry]})["mediaLibraryEntries"]
    expect(created["ok"] and created["id"] == "poster-1", "the entry should have its own id")
    patch = {"operation": "setMetadataProperty", "propertyName": "caption", "value": "A cat for your wall"}
    service.ask("PATCH", "mediaLibrary/poster-1", {"version": "1", "patches": [patch]})
    poster = service.ask("GET", "mediaLibrary/poster-1")
    expect(poster["version"] == 2 and poster["metadata"]["caption"] == "A cat for your wall", "the patch should hold")
    out.print(f"   {poster['id']}: version {poster['version']}, {poster['metadata']['caption']!r}")
    links = service.ask("GET", f"mediaLibrary/{cat['mediaId']}/incomingMediaReferences")
    expect([link["id"] for link in links] == ["poster-1"], "the poster should link to the cat")
    out.print(f"   who links to the cat: {links}", soft_wrap=True)
    return "poster-1"


def video_and_file(service: Service, archive: Archive) -> None:
    """Import a video and a file, show the facts from the video's headers, and request a range as a player does."""
    say("7. A video and a file: POST /api/v1/import/videos and import/files")
    video = import_one(service, "videos", archive.url("/videos/test-card.webm"), "Test card")["video"]
    expect(set(video) == {"mediaId", "originalUrl", "mimeType"}, "the row of a video should have three keys")
    asset = service.ask("GET", f"mediaLibrary/{video['mediaId']}")["asset"]
    facts = f"{asset['width']} x {asset['height']}, {asset['duration']} s, {asset['mimeType']}"
    expect(facts == "192 x 108, 4.0 s, video/webm", f"size and duration should be the true ones: {facts}")
    out.print(f"   {asset['filename']:<28}{facts}")
    part = service.session.get(video["originalUrl"], headers={"Range": "bytes=0-3"}, timeout=GIVE_UP_SECONDS)
    expect((part.status_code, part.content) == (206, b"\x1a\x45\xdf\xa3"), "a player should get the part it asks for")
    row = import_one(service, "files", archive.url("/files/shelves.pdf"), "Shelves of the archive")
    asset = service.ask("GET", f"mediaLibrary/{row['mediaId']}")["asset"]
    expect(asset["mimeType"] == "application/pdf", "the type of the file should be detected from its bytes")
    out.print(f"   {asset['filename']:<28}{asset['size']:,} bytes, {asset['mimeType']}")


def import_one(service: Service, kind: str, url: str, title: str) -> dict[str, Any]:
    """Post one item and wait; returns its row."""
    item = {"url": url, "id": url.rpartition("/")[2], "fileName": title, "metadata": {}}
    job = service.ask("POST", f"import/{kind}", {"systemName": "picture-archive", kind: [item]})["id"]
    (row,) = finished(service, kind, job)[kind]
    expect(row["status"] == "success", f"it should have been imported: {row}")
    return dict(row)


def article(number: int, checksum: str, photo: dict[str, Any]) -> dict[str, Any]:
    """An article with a header, a paragraph and a photograph, published on its first publication date."""
    return {
        "id": f"article-{number}",
        "title": f"From the archive, part {number}",
        "contentType": "article",
        "checksum": checksum,
        "publishControl": {"lastPublicationDate": f"2011-05-0{number}T06:00:00.000Z"},
        "content": [
            {
                "identifier": "header",
                "content": {"title": f"From the archive, part {number}", "author": "The archivist"},
            },
            {"identifier": "paragraph", "content": {"text": "It was found in a box, <b>undated</b>."}},
            {"identifier": "image", "id": f"doc-photo{number}", "content": {"image": photo, "caption": "On shelf 12"}},
        ],
        "metadata": {"description": "Found in a box", "teaserImage": photo},
        "flags": {"autoPublish": True},
    }


def import_articles(service: Service, *documents: dict[str, Any]) -> list[dict[str, Any]]:
    """Post documents and wait; returns the log rows."""
    job = service.ask("POST", "import/documents", {"systemName": "text-archive", "documents": documents})["id"]
    logs: list[dict[str, Any]] = finished(service, "documents", job)["logs"]
    return logs


def articles(service: Service, images: dict[str, Any]) -> None:
    """Import and publish articles that use the photographs, list the uses of one, import them again."""
    say("8. Articles that use the photographs: POST /api/v1/import/documents")
    cat, rocket = images["chelsea.png"], images["rocket.jpg"]
    logs = import_articles(service, article(1, "a", cat), article(2, "a", rocket), article(3, "a", cat))
    for row in logs:
        out.print(f"   {row['external_id']:<24}{row['state']:<12}document {row.get('document_id')}")
    expect([row["state"] for row in logs] == ["published"] * 3, f"three articles should be published: {logs}")
    first = logs[0]["document_id"]
    published = service.ask("GET", f"documents/{first}/latestPublication")
    expect(
        published["systemdata"]["lastPublicationDate"] == "2011-05-01T06:00:00.000Z", "its date should be the old one"
    )

    say("9. Where is the cat used? GET /api/v1/mediaLibrary/{id}/incomingDocumentReferences")
    used = service.ask("GET", f"mediaLibrary/{cat['mediaId']}/incomingDocumentReferences")
    for row in used:
        places = ", ".join(link.get("directiveName") or link["propertyName"] for link in row["references"])
        out.print(f"   document {row['id']}: {places}")
    expect({row["id"] for row in used} == {logs[0]["document_id"], logs[2]["document_id"]}, "in two of the articles")

    say("10. The same articles again: an unchanged checksum is skipped, a new one updates")
    again = import_articles(service, article(1, "a", cat), article(2, "b", rocket))
    for row in again:
        out.print(f"   {row['external_id']:<24}{row['state']:<12}version {row['version']}")
    states = [(row["state"], row["version"]) for row in again]
    expect(states == [("skipped", 1), ("published", 2)], f"one skipped, one updated: {states}")


def keep_serving(service: Service, token: str, images: dict[str, Any], linked: str) -> None:
    """Print where to look and what to type, and keep running."""
    bearer = f"-H 'Authorization: Bearer {token}'"
    rocket = images["rocket.jpg"]["mediaId"]
    say("It is yours now. Ctrl-C ends it.")
    out.print(f"   admin   {service.url}/admin/   login {LOGIN[0]}, password {LOGIN[1]}")
    for line in (
        f"curl {bearer} {service.url}/api/v1/mediaLibrary/{rocket}",
        f"curl {bearer} '{service.url}/api/v1/mediaLibrary?ids={rocket},{linked}'",
        f"curl {bearer} -H 'Content-Type: application/json' {service.url}/api/v1/import/images -d '{SMALLEST_BATCH}'",
    ):
        out.print(f"   {line}", soft_wrap=True, markup=False)
    with suppress(KeyboardInterrupt):
        service.wait()


if __name__ == "__main__":
    main()
