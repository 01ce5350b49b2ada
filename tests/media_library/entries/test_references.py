"""GET mediaLibrary/{id}/incomingMediaReferences and …/keys."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from media_library.entries import references
from media_library.models import MediaEntry, MediaReference
from tests import images
from tests.api_client import Caller, image_item, make_project
from tests.media_library.entries.test_create import JPEG, asset, create, image
from tests.media_library.entries.test_patch import NEW
from tests.origin import Origin, Reply

TARGET = "9fKagDCiN6sb"
LINK = {"mediaId": TARGET, "originalUrl": "https://x.example/a.png", "url": "https://x.example/a.png", "width": 1,
        "height": 1, "mimeType": "image/png", "imageService": "imgix"}  # fmt: skip
REFERENCE = {"id": TARGET, "type": "image", "location": "metadata", "propertyName": "imageLink"}


def linking(number: int) -> dict[str, Any]:
    return image(id=f"from-{number}", metadata={"imageLink": LINK})


def incoming(caller: Caller, query: str = "", version: str | None = None, target: str = TARGET) -> Any:
    answer = caller.get(f"mediaLibrary/{target}/incomingMediaReferences{query}", version)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_an_entry_that_links_is_listed_with_its_references(times: Caller) -> None:
    """REF-01, REF-03, REF-05, REF-11, REF-13, REF-26: the target does not even exist."""
    create(times, image(id="B1LPgANhJFpo", metadata={"imageLink": LINK}))
    assert incoming(times) == [{"id": "B1LPgANhJFpo", "references": [REFERENCE]}]


def test_an_unknown_media_id_has_no_links(times: Caller) -> None:
    """REF-18"""
    assert incoming(times, target="nobody") == []


def test_links_of_another_project_are_not_reported(times: Caller, herald: Caller) -> None:
    create(times, linking(1))
    assert incoming(herald) == []


def test_an_archived_entry_still_links_and_a_revoked_one_does_not(times: Caller) -> None:
    create(times, linking(1), linking(2), linking(3))
    MediaEntry.objects.filter(media_id="from-1").update(archived=True)
    MediaEntry.objects.filter(media_id="from-2").update(revoked=True)
    assert {row["id"] for row in incoming(times)} == {"from-1", "from-3"}


def test_pages_of_a_hundred_newest_first(times: Caller) -> None:
    """REF-14, REF-16"""
    for number in range(105):
        create(times, linking(number))
    first = incoming(times)
    assert [row["id"] for row in first] == [f"from-{n}" for n in range(104, 4, -1)]
    assert [row["id"] for row in incoming(times, "?offset=100")] == [f"from-{n}" for n in range(4, -1, -1)]
    assert [row["id"] for row in incoming(times, "?limit=2&offset=1")] == ["from-103", "from-102"]
    assert incoming(times, "?offset=105") == []


@pytest.mark.parametrize(
    ("query", "name"),
    [("limit=101", "limit"), ("limit=0", "limit"), ("limit=-1", "limit"), ("limit=x", "limit"), ("limit=1.5", "limit"),
     ("limit=", "limit"), ("offset=-1", "offset"), ("offset=99999999999999", "offset"), ("offset=\u0661", "offset"),
     ("after=x", "after"), ("more=1", "more")],
)  # fmt: skip
def test_a_page_that_makes_no_sense_is_refused(times: Caller, query: str, name: str) -> None:
    """REF-15"""
    answer = times.get(f"mediaLibrary/{TARGET}/incomingMediaReferences?{query}")
    assert (answer.status_code, list(answer.json()["error_details"])) == (400, [name])


def test_from_2026_01_on_there_are_total_and_cursor(times: Caller) -> None:
    """VER-05, VER-06"""
    for number in range(5):
        create(times, linking(number))
    page = incoming(times, "?limit=2", "2026-01")
    assert (page["total"], [row["id"] for row in page["results"]]) == (5, ["from-4", "from-3"])
    seen = [row["id"] for row in page["results"]]
    while page["results"]:
        page = incoming(times, f"?limit=2&after={page['cursor']}", "2026-01")
        seen += [row["id"] for row in page["results"]]
    assert seen == [f"from-{n}" for n in (4, 3, 2, 1, 0)]
    assert page == {"total": 5, "cursor": "", "results": []}
    assert isinstance(incoming(times, version="2025-11"), list)


def test_the_total_counts_linking_entries_once_each(times: Caller, herald: Caller) -> None:
    """VER-05: as the list does, without the revoked ones and those of others."""
    create(times, *(linking(number) for number in range(4)))
    create(times, image(systemName="dam", externalId="of-another-kind"))
    create(times, *(image(id=f"more-{number}") for number in range(references.FEW_REVOKED)))
    create(herald, linking(9))
    twice = MediaEntry.objects.get(project=times.project, media_id="from-0")
    link = MediaReference.objects.get(entry=twice)
    link.pk, link.property_name = None, "another"
    link.save()
    link.pk, link.target_type, link.entry = None, "document", MediaEntry.objects.get(external_id="of-another-kind")
    link.save()
    MediaEntry.objects.filter(media_id="from-3").update(revoked=True)
    page = incoming(times, version="2026-01")
    assert page["total"] == len(page["results"]) == 3
    # Too many to be left out one by one: each linking entry is looked at.
    several = MediaEntry.objects.of(times.project).exclude(media_id__in=["from-0", "from-1", "from-2"])
    several.update(revoked=True)
    assert several.count() > references.FEW_REVOKED
    assert incoming(times, version="2026-01") == page
    assert incoming(times, version="2026-01", target="nobody")["total"] == 0
    assert incoming(times, version="2026-01", target="%00")["total"] == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_links_are_counted_by_an_index_alone() -> None:
    """A logo that a hundred thousand entries show: no row of theirs is read."""
    project = make_project("times")
    create(Caller(project), *(linking(number) for number in range(30)))
    thresholds = []

    def note_plan(execute: Any, *query: Any) -> Any:
        thresholds.append(connection.connection.prepare_threshold)
        return execute(*query)

    with connection.cursor() as cursor:
        cursor.execute("VACUUM media_library_mediareference")
        cursor.execute("SET enable_seqscan = off")  # such small tables are read whole
    try:
        with CaptureQueriesContext(connection) as asked, connection.execute_wrapper(note_plan):
            assert references.LinkingEntries(project, ["image"], TARGET).total() == 30
        assert thresholds == [None, None]  # each is planned for its own target
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {asked[-1]['sql']}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
    finally:
        connection.close()
    assert "Index Only Scan using media_reference_links_to" in plan


@pytest.mark.parametrize("cursor", ["nonsense", "e30=", "eyJhIjpbIngiXX0=", "%00", "eyJhIjpbXX0="])
def test_a_cursor_that_is_not_ours_is_refused(times: Caller, cursor: str) -> None:
    """VER-06"""
    answer = times.get(f"mediaLibrary/{TARGET}/incomingMediaReferences?after={cursor}", "2026-01")
    assert (answer.status_code, list(answer.json()["error_details"])) == (400, ["after"])


def test_a_cursor_and_an_offset_do_not_go_together(times: Caller) -> None:
    create(times, linking(1))
    cursor = incoming(times, "", "2026-01")["cursor"]
    answer = times.get(f"mediaLibrary/{TARGET}/incomingMediaReferences?after={cursor}&offset=1", "2026-01")
    assert answer.status_code == 400


def test_keys_list_everything_a_cache_may_hold(times: Caller, origin: Origin, run_workers: Callable[[], None]) -> None:
    """KEY-01: current, former, translated, renditions; from 2026-03 on."""
    times.import_images(image_item(origin.reply("/a.png", Reply(images.png(images.picture(300, 200))))))
    run_workers()
    entry = MediaEntry.objects.get()
    own = entry.asset_key
    url = times.get(f"mediaLibrary/{entry.media_id}").json()["asset"]["url"]
    assert times.client.get(f"{url}&w=128").status_code == 200
    french = asset("2022/08/25/fr.png", **JPEG)
    patches = [
        {"operation": "replaceAsset", "value": french, "locale": "fr"},
        {"operation": "replaceAsset", "value": NEW},
    ]
    assert times.patch(f"mediaLibrary/{entry.media_id}", {"patches": patches}).status_code == 200
    keys = times.get(f"mediaLibrary/{entry.media_id}/keys", "2026-03").json()["results"]
    assert keys[:3] == [NEW["key"], own, french["key"]]
    assert all(key.startswith(f"v/{own}/") for key in keys[3:])
    assert len(keys) > 3
    assert times.get(f"mediaLibrary/{entry.media_id}/keys").status_code == 404
    assert times.get("mediaLibrary/nobody/keys", "2026-03").status_code == 404
