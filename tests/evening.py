"""An evening at three newspapers: rows for each page of the admin, of which some need a person and others do not.

The photographs are those of the demo, the imports are real ones. Texts are invented.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from devtools.checkout import ROOT
from documents.models import Document
from imports import services
from imports.models import ImportJob, LastSweep, QueueSample, Throughput
from livingdocs_import.models import AccessToken, Project, WebhookAttempt, WebhookDelivery, WorkerProcess
from livingdocs_import.project_config import store
from livingdocs_import.webhooks import outbox
from media_library.housekeeping import follow_entries
from media_library.models import MediaEntry
from tests.api_client import CONFIG, Caller, document_item, image_item, make_project
from tests.newsroom import PUBLISH, image, paragraph
from tests.origin import Origin, Reply
from tests.subscribers import with_webhooks

PHOTOS = (
    ("rocket.jpg", "TB-0318", "Falcon 9 lifts DSCOVR into orbit", "SpaceX"),
    ("astronaut.png", "TB-0319", "Eileen Collins before her flight", "NASA"),
    ("coffee.png", "TB-0320", "A cup of coffee at the counter", "Rachel Michetti"),
    ("chelsea.png", "TB-0321", "Chelsea, the cat of the newsroom", "Stéfan van der Walt"),
    ("hubble_deep_field.jpg", "TB-0322", "The deepest picture of the night sky", "NASA, HubbleSite"),
)
RECEIVER = "https://cms.example/hooks"
STORY = "A rocket for the weather"
USED, UNUSED = PHOTOS[0][1], PHOTOS[3][1]  # external ids
LOGIN_PAGE = b"<!doctype html><title>Please log in</title><p>The archive is for subscribers.</p>"


@dataclass(frozen=True)
class Evening:
    """What was filled in, for links and for clicks."""

    times: Caller
    photos: ImportJob
    running: ImportJob
    planned: ImportJob
    used: MediaEntry
    unused: MediaEntry
    story: Document
    given_up: WebhookDelivery
    token: AccessToken


def fill(origin: Origin, run: Callable[[], None]) -> Evening:
    """Fill an empty installation; `run` carries out what is due."""
    times, herald, post = (
        Caller(make_project(handle, label=label))
        for handle, label in (("times", "Living Times"), ("herald", "The Herald"), ("post", "Evening Post"))
    )
    photos = _import_photographs(times, origin)
    failing = [_import_with_failures(caller, origin) for caller in (times, herald)]
    planned = _plan(times, origin)
    run()
    used, unused = (MediaEntry.objects.get(external_id=name) for name in (USED, UNUSED))
    story = _write_story(times, used, run)
    follow_entries()
    given_up = _give_deliveries_up(times.project)
    _configure(times.project)
    running = _begin(post)
    _measure(times.project, herald.project, running)
    return Evening(
        times, photos, running, planned, used, unused, story, given_up, _issue_tokens(times.project, failing[0])
    )


def _job(public_id: str) -> ImportJob:
    return ImportJob.objects.get(public_id=public_id)


def _import_photographs(caller: Caller, origin: Origin) -> ImportJob:
    folder = origin.serve_folder("/photos", ROOT / "demo" / "photos")
    items = [
        image_item(f"{folder}/{name}", id=external_id, fileName=title, metadata={"title": title, "source": credit})
        for name, external_id, title, credit in PHOTOS
    ]
    return _job(caller.import_images(*items, context={"desk": "pictures"}))


def _import_with_failures(caller: Caller, origin: Origin) -> ImportJob:
    """One more cause than the overview shows."""
    name = caller.project.handle
    broken = (ROOT / "demo" / "photos" / "rocket.jpg").read_bytes()[:5_000]
    urls = [
        *(origin.url(f"/{name}/archive/{number}.jpg") for number in range(6)),
        *(origin.reply(f"/{name}/closed/{number}.jpg", Reply(b"forbidden", 403)) for number in range(3)),
        *(
            origin.reply(f"/{name}/login/{number}.jpg", Reply(LOGIN_PAGE, content_type="text/html"))
            for number in range(2)
        ),
        origin.reply(f"/{name}/broken.jpg", Reply(broken, content_type="image/jpeg")),
    ]
    items = [
        image_item(url, id=f"{name.upper()}-{number:04}", fileName=f"Market square, plate {number}")
        for number, url in enumerate(urls)
    ]
    return _job(caller.import_images(*items, systemName="city-archive"))


def _plan(caller: Caller, origin: Origin) -> ImportJob:
    folder = origin.url("/photos")
    items = [
        image_item(f"{folder}/{name}", id=external_id, fileName=title, metadata={"title": f"{title}, revised"})
        for name, external_id, title, _ in PHOTOS[:3]
    ]
    return _job(caller.import_images(*items, options={"dryRun": True}))


def _write_story(caller: Caller, picture: MediaEntry, run: Callable[[], None]) -> Document:
    """A published document with two revisions, and one that uses the same picture."""
    shown = image()
    shown["content"]["image"] |= {"mediaId": picture.media_id}
    first = [paragraph("The launch was planned for Sunday evening."), shown]
    second = [paragraph("The launch, planned for Sunday evening, was put off by two days."), shown]
    for checksum, content in (("1", first), ("2", second)):
        caller.import_documents(
            document_item(
                id="story-1", title="A rocket for the weather", checksum=checksum, content=content, flags=PUBLISH
            )
        )
        run()
    caller.import_documents(document_item(id="story-2", title="Pictures of the week", content=[shown], flags=PUBLISH))
    run()
    return Document.objects.get(title=STORY)


def _give_deliveries_up(project: Project) -> WebhookDelivery:
    now = timezone.now()
    for number in range(3):
        delivery = outbox.notify(
            project, url=RECEIVER, subject=f"document.publish {number}", body={"documentId": number}
        )
        WebhookDelivery.objects.filter(pk=delivery.pk).update(
            state="given up",
            due_at=None,
            attempts=3,
            created_at=now - timedelta(hours=6),
            ended_at=now - timedelta(hours=number),
        )
        for attempt in range(3):
            WebhookAttempt.objects.create(
                delivery=delivery, at=now - timedelta(hours=5 - attempt), status=503, milliseconds=210, answer="busy"
            )
    return delivery


def _configure(project: Project) -> None:
    """A second revision: with a webhook."""
    hook = {"handle": "cms", "url": RECEIVER, "events": ["document.publish", "document.update"]}
    store.store(project, with_webhooks(hook, config=CONFIG), by="anna")


def _begin(caller: Caller) -> ImportJob:
    """A job that is under way."""
    items = [image_item(f"https://pictures.example/{number}.jpg") for number in range(400)]
    job = services.start_job(caller.project, token=None, kind="images", system_name="agency", items=items)
    ended = job.items.filter(position__lt=260)
    ended.update(outcome="success", due_at=None, attempts=1)
    ImportJob.objects.filter(pk=job.pk).update(success=260, last_claimed_at=timezone.now())
    return job


def _measure(times: Project, herald: Project, running: ImportJob) -> None:
    """Signs of life, and the last hours."""
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    for kind in LastSweep.NOTIFYING, LastSweep.TIDYING, LastSweep.MEASURING:
        LastSweep.objects.update_or_create(pk=kind, defaults={"at": now})
    for pid, imports in ((4117, True), (4118, False)):
        WorkerProcess.objects.create(
            host="import-1", pid=pid, imports=imports, webhooks=not imports, started_at=hour, seen_at=now,
            doing="downloads 8 images from pictures.example" if imports else "",
            job=running.public_id if imports else "",
            pace=3.2 if imports else 0, memory=180 * 2**20,
        )  # fmt: skip
    for ago in range(1, 24):
        for project, share in ((times, 420), (herald, 160)):
            number = share * (24 - abs(12 - ago)) // 24
            Throughput.objects.create(
                project=project, kind="images", hour=hour - timedelta(hours=ago), success=number,
                skipped=number // 9, failed=number // 14, bytes=number * 400_000,
            )  # fmt: skip
    for minute in range(60):
        for queue, depth in (("imports", 40 + abs(30 - minute)), ("webhooks", abs(minute % 12 - 6))):
            at = (now - timedelta(minutes=minute)).replace(second=0, microsecond=0)
            QueueSample.objects.create(queue=queue, at=at, depth=depth, oldest=3)


def _issue_tokens(project: Project, job: ImportJob) -> AccessToken:
    now = timezone.now()
    scopes = ["public-api:read", "public-api:write"]
    token, _ = AccessToken.objects.issue(
        project, name="Picture feed", scopes=scopes, expires_at=now + timedelta(days=5)
    )
    AccessToken.objects.issue(project, name="Archive", scopes=scopes[:1], description="Reads only")
    old, _ = AccessToken.objects.issue(project, name="Old feed", scopes=scopes)
    AccessToken.objects.suspend(old)
    ImportJob.objects.filter(pk=job.pk).update(token=token)
    return token
