"""The client and the service understand each other: imports, rows, entries, references, documents, errors."""

import uuid
from collections.abc import Iterator

import pytest

from devtools.checkout import ROOT
from livingdocs_import_client import (
    Asset,
    Client,
    Conflict,
    Document,
    Entry,
    File,
    Flags,
    Image,
    InvalidRequest,
    Job,
    JobLost,
    Kind,
    NewEntry,
    NotFound,
    Patch,
    Progress,
    RefusedItem,
    Unauthorized,
    Video,
    WaitTimeout,
    batches,
    set_metadata,
)
from running_service import Service
from tests.origin import Origin, Reply


def unique() -> str:
    return uuid.uuid4().hex[:12]


def cats(origin: Origin, number: int, prefix: str = "") -> Iterator[Image]:
    prefix = prefix or unique()
    return (
        Image(url=origin.url("/cat.jpg"), id=f"{prefix}-{n}", file_name=f"Cat {n}", metadata={"caption": "A cat"})
        for n in range(number)
    )


def new_entry(**fields: object) -> NewEntry:
    name = unique()
    asset = Asset(
        key=f"cats/{name}.jpg", url=f"https://cdn.example.org/cats/{name}.jpg", filename="1.jpg",
        mime_type="image/jpeg", size=52428, width=1200, height=800,
    )  # fmt: skip
    return NewEntry(media_type="image", asset=asset, id=name, metadata={"title": "A cat", **fields})  # type: ignore[dict-item]


def test_an_import_is_cut_into_jobs_waited_for_and_read_in_the_order_of_the_input(
    client: Client, origin: Origin
) -> None:
    seen: list[Progress] = []
    jobs = client.import_images(cats(origin, 7, prefix := unique()), system_name="archive", max_items=3)
    progress = client.wait(jobs, on_progress=seen.append, timeout=100)
    rows = list(client.results(jobs))
    assert [(job.offset, job.count) for job in jobs] == [(0, 3), (3, 3), (6, 1)]
    assert progress == Progress(total=7, done=7, success=7)
    assert {each.total for each in seen} == {7}
    assert [row.external_id for row in rows] == [f"{prefix}-{n}" for n in range(7)]
    assert [row.status for row in rows] == ["success"] * 7
    assert rows[0].image is not None
    assert rows[0].image["mediaId"] == rows[0].media_id


def test_a_row_says_why_its_item_has_failed(client: Client, origin: Origin) -> None:
    items = [Image(url=origin.url("/burnt.jpg"), id=unique(), file_name="Burnt")]
    (row,) = client.results(client.import_images(items, system_name="archive"), timeout=100)
    assert row.failed
    assert row.reason == "Could not upload image"
    assert "HTTP 404" in str(row.problems[0])


def test_videos_files_and_documents_have_rows_of_the_same_shape(client: Client, origin: Origin) -> None:
    video = next((ROOT / "demo" / "videos").iterdir()).name
    file = next((ROOT / "demo" / "files").iterdir()).name
    videos = client.import_videos(
        [Video(url=origin.url(f"/videos/{video}"), id=unique(), file_name=video)], system_name="tv"
    )
    files = client.import_files([File(url=origin.url(f"/files/{file}"), id=unique(), file_name=file)], system_name="x")
    document = Document(
        id=unique(), checksum="a", title="A cat was seen", content_type="article",
        content=[{"identifier": "header", "content": {"title": "A cat was seen"}}], flags=Flags(auto_publish=True),
    )  # fmt: skip
    documents = client.import_documents([document], system_name="cms")
    rows = list(client.results([*videos, *files, *documents], timeout=100))
    assert [row.status for row in rows] == ["success"] * 3
    assert [row.media_id is not None for row in rows] == [True, True, False]
    assert rows[2].state == "published"
    number = rows[2].document_id
    assert number is not None
    assert client.publication(number).content_type == "article"
    assert client.draft(number).publication_id is None
    assert number in [edition.document_id for edition in client.publications({"contentTypes": "article"})]
    assert [event.event_type for event in client.publication_events() if event.document_id == number] == ["publish"]
    client.command_document(number, [{"operation": "setTitle", "value": "Two cats"}, {"operation": "unpublish"}])
    with pytest.raises(NotFound, match="not published"):
        client.publication(number)


def test_the_same_input_under_the_same_key_is_the_same_jobs(client: Client, origin: Origin) -> None:
    prefix, key = unique(), unique()
    first = client.import_images(cats(origin, 4, prefix), system_name="archive", key=key, max_items=2)
    assert client.import_images(cats(origin, 4, prefix), system_name="archive", key=key, max_items=2) == first
    with pytest.raises(Conflict, match="Idempotency-Key"):
        client.import_images(cats(origin, 4, unique()), system_name="archive", key=key, max_items=2)


def test_batches_are_posted_one_by_one_by_a_program_that_notes_them(client: Client, origin: Origin) -> None:
    jobs: list[Job] = []
    for batch in batches(Kind.IMAGES, cats(origin, 3), system_name="archive", key=unique(), max_items=2):
        jobs += client.post(batch)
    assert [(job.offset, job.count) for job in jobs] == [(0, 2), (2, 1)]


def test_a_refusal_names_the_place_in_the_whole_input_and_what_was_accepted_before(
    client: Client, origin: Origin
) -> None:
    items = [*cats(origin, 3), {"url": "nonsense", "id": "1", "metadata": {}}]
    with pytest.raises(InvalidRequest) as caught:
        client.import_images(items, system_name="archive", max_items=2)
    assert {problem.path for problem in caught.value.problems} == {"images.3.url", "images.3.fileName"}
    assert [job.offset for job in caught.value.accepted] == [0]
    assert caught.value.offset == 2


def test_single_items_that_are_refused_are_reported_and_the_others_imported(client: Client, origin: Origin) -> None:
    refused: list[RefusedItem] = []
    good = list(cats(origin, 4))
    items = [good[0], {"url": "nonsense"}, good[1], {"x": float("nan")}, good[2], {"id": 7}, good[3]]
    jobs = client.import_images(items, system_name="archive", on_refused=refused.append)
    assert [item.place for item in sorted(refused, key=lambda item: item.place)] == [1, 3, 5]
    assert {problem.path for item in refused if item.place == 1 for problem in item.problems} >= {"url", "id"}
    assert [row.external_id for row in client.results(jobs, timeout=100)] == [item.id for item in good]


def test_waiting_ends_with_the_time_and_an_unknown_job_with_an_error(client: Client, origin: Origin) -> None:
    slow = origin.reply("/slow.jpg", Reply(wait=3, status=404))
    jobs = client.import_images([Image(url=slow, id=unique(), file_name="Slow")], system_name="archive")
    with pytest.raises(WaitTimeout, match="is at 0 of 1"):
        client.wait(jobs, timeout=0.2)
    with pytest.raises(JobLost, match="no import job found"):
        client.status(Job(Kind.IMAGES, "0000000000"))


def test_ready_made_entries_are_answered_each_for_itself(client: Client) -> None:
    good, bad = new_entry(), new_entry(nonsense=1)
    created = list(client.create_entries([good, bad, good], max_items=2))
    assert [each.ok for each in created] == [True, False, False]
    assert [each.place for each in created] == [0, 1, 2]
    assert created[1].problems[0].path == "nonsense"
    assert created[2].error == "UniqueIdViolation"
    assert created[0].entry is not None
    assert created[0].entry.asset == good.asset


def test_entries_are_read_one_by_one_and_in_any_number(client: Client, origin: Origin) -> None:
    entries = [new_entry() for _ in range(150)]
    created = [each.entry.id for each in client.create_entries(entries) if each.entry]
    assert [entry.id for entry in client.entries([*created, "unknown"])] == created
    assert client.entry(created[0]).metadata["title"] == "A cat"
    assert client.entry_keys(created[0])
    assert client.usage_log(created[0]) == []
    jobs = client.import_images(cats(origin, 1, prefix := unique()), system_name="a,b")
    client.wait(jobs, timeout=100)
    assert [entry.external_id for entry in client.entries_by_external_id("a,b", [f"{prefix}-0"])] == [f"{prefix}-0"]
    with pytest.raises(NotFound):
        client.entry("unknown")


def test_a_patch_of_an_old_version_is_a_conflict_and_an_update_begins_anew(client: Client) -> None:
    (created,) = client.create_entries([new_entry()])
    assert created.entry is not None
    media_id = created.entry.id
    client.patch_entry(media_id, [set_metadata("caption", "one")], version=1)
    with pytest.raises(Conflict, match="Version: Expected 2"):
        client.patch_entry(media_id, [set_metadata("caption", "two")], version=1)
    seen: list[int] = []

    def change(entry: Entry) -> list[Patch]:
        seen.append(entry.version)
        if len(seen) == 1:  # another client is faster
            client.patch_entry(media_id, [set_metadata("source", "another")])
        return [set_metadata("caption", f"{entry.metadata['caption']} and more")]

    changed = client.update_entry(media_id, change)
    assert seen == [2, 3]
    assert (changed.version, changed.metadata["caption"]) == (4, "one and more")
    assert client.update_entry(media_id, lambda entry: []).version == 4


def test_a_refused_patch_names_the_path(client: Client) -> None:
    (created,) = client.create_entries([new_entry()])
    assert created.entry is not None
    with pytest.raises(InvalidRequest) as caught:
        client.patch_entry(created.entry.id, [{"operation": "setMetadataProperty"}])
    assert caught.value.problems[0].path == "patches.0.propertyName"


@pytest.mark.parametrize("version", ["v1", "2026-01", "2026-09"])
def test_what_links_to_an_entry_is_read_page_after_page(service: Service, version: str) -> None:
    target = new_entry()
    link = {"mediaId": target.id, "originalUrl": "https://cdn.example.org/1.jpg", "width": 1, "height": 1}
    linking = [new_entry(imageLink=link) for _ in range(101)]
    with Client(service.url, service.token, version=version) as client:
        assert all(each.ok for each in client.create_entries([target, *linking]))
        found = list(client.linking_entries(str(target.id)))
        assert {each.media_id for each in found} == {each.id for each in linking}
        assert len(found) == 101
        assert found[0].links[0].property_name == "imageLink"
        assert list(client.linking_documents(str(target.id))) == []
        assert list(client.linking_documents(1)) == []


def test_a_wrong_token_is_an_error_at_once(service: Service) -> None:
    with Client(service.url, "ld_wrong") as client, pytest.raises(Unauthorized) as caught:
        client.entry("x")
    assert caught.value.problems[0].path == "access_token"
    assert "ld_wrong" not in f"{client!r} {caught.value}"
