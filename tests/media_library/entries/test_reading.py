"""GET mediaLibrary and GET mediaLibrary/{id}."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from media_library.models import MediaEntry
from tests import images
from tests.api_client import Caller, image_item
from tests.origin import Origin, Reply

Run = Callable[[], None]


@pytest.fixture
def three(times: Caller, origin: Origin, run_workers: Run) -> list[str]:
    """Three imported images a, b and c; their media ids."""
    url = origin.reply("/a", Reply(images.png(images.picture(16, 9))))
    times.import_images(*[image_item(url, id=f"ext-{name}", fileName=name) for name in "abc"])
    run_workers()
    return list(MediaEntry.objects.order_by("external_id").values_list("media_id", flat=True))


def listed(caller: Caller, query: str, version: str = "v1") -> list[str]:
    answer = caller.get(f"mediaLibrary?{query}", version)
    assert answer.status_code == 200, answer.content
    (key,) = answer.json()
    assert key == ("results" if version >= "2026" and version != "v1" else "mediaLibraryEntries")
    return [entry["id"] for entry in answer.json()[key]]


def test_an_entry_has_the_documented_keys(times: Caller, three: list[str]) -> None:
    """MLG-01, MLG-05, GEN-05, IMG-25"""
    entry = times.get(f"mediaLibrary/{three[0]}").json()
    assert list(entry) == [
        "id", "version", "systemName", "externalId", "mediaType", "asset", "metadata", "createdAt", "updatedAt",
    ]  # fmt: skip
    assert (entry["id"], entry["version"], entry["mediaType"]) == (three[0], 1, "image")
    assert set(entry["asset"]) == {"key", "url", "size", "width", "height", "filename", "mimeType"}
    assert (entry["asset"]["width"], entry["asset"]["height"], entry["asset"]["mimeType"]) == (16, 9, "image/png")
    for name in ("createdAt", "updatedAt"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry[name])


def test_system_name_and_external_id_appear_only_when_set(times: Caller, three: list[str]) -> None:
    """MLG-02"""
    MediaEntry.objects.filter(media_id=three[0]).update(external_id=None)
    MediaEntry.objects.filter(media_id=three[1]).update(external_id=None, system_name=None)
    first, second = (times.get(f"mediaLibrary/{media_id}").json() for media_id in three[:2])
    assert "systemName" in first
    assert "externalId" not in first
    assert {"systemName", "externalId"}.isdisjoint(second)


@pytest.mark.parametrize("media_id", ["yLBGtTjWN4ba", "%00", "a%2Fb", "ü", "x" * 300])
def test_an_unknown_entry_is_not_found_in_the_documented_words(times: Caller, media_id: str) -> None:
    """MLG-03"""
    answer = times.get(f"mediaLibrary/{media_id}")
    assert answer.status_code == 404
    if media_id == "yLBGtTjWN4ba":
        assert answer.json() == {
            "status": 404,
            "error": "Not Found",
            "error_details": {"name": "NotFound", "message": "MediaLibrary Entry does not exist (id: 'yLBGtTjWN4ba')"},
        }


def test_another_projects_entry_is_not_found(times: Caller, herald: Caller, three: list[str]) -> None:
    """MLG-04, AUTH-14"""
    assert herald.get(f"mediaLibrary/{three[0]}").status_code == 404
    assert listed(herald, f"ids={','.join(three)}") == []


@pytest.mark.parametrize("field", ["archived", "revoked", "invalid"])
def test_an_entry_stays_readable_whatever_its_state(times: Caller, three: list[str], field: str) -> None:
    """MLG-06"""
    MediaEntry.objects.update(**{field: True})
    assert times.get(f"mediaLibrary/{three[0]}").status_code == 200
    assert listed(times, f"ids={three[0]}") == [three[0]]
    assert "state" not in times.get(f"mediaLibrary/{three[0]}").json()


def test_metadata_that_are_not_configured_any_more_are_left_out(times: Caller, three: list[str]) -> None:
    entry = MediaEntry.objects.get(media_id=three[0])
    MediaEntry.objects.filter(pk=entry.pk).update(metadata=entry.metadata | {"gone": 1})
    assert "gone" not in times.get(f"mediaLibrary/{three[0]}").json()["metadata"]


def test_entries_come_by_their_ids_in_the_order_of_the_request(times: Caller, three: list[str]) -> None:
    """MLL-01, MLL-03, MLL-08"""
    a, b, c = three
    assert listed(times, f"ids={c},{a},{b}") == [c, a, b]
    assert listed(times, f"ids={a},{a}, {c},") == [a, c]


def test_an_entry_comes_by_its_external_id(times: Caller, three: list[str]) -> None:
    """MLL-02"""
    assert listed(times, "externalId=ext-b&systemName=archive") == [three[1]]
    assert listed(times, "externalIds=ext-c,ext-a&systemName=archive") == [three[2], three[0]]
    assert listed(times, "externalId=ext-b&systemName=elsewhere") == []


def test_from_2026_01_on_the_list_is_called_results(times: Caller, three: list[str]) -> None:
    """VER-04"""
    assert listed(times, f"ids={three[0]}", "2026-01") == [three[0]]
    assert listed(times, f"ids={three[0]}", "2025-11") == [three[0]]


def test_unknown_ids_are_left_out(times: Caller, three: list[str]) -> None:
    """MLL-04"""
    assert listed(times, f"ids=nothing,{three[0]},nobody") == [three[0]]


def test_no_match_is_an_empty_list(times: Caller) -> None:
    """MLL-05"""
    assert times.get("mediaLibrary?ids=nothing").json() == {"mediaLibraryEntries": []}


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        ("externalId=x", {"systemName": "Missing required property: systemName"}),  # MLL-06
        ("systemName=x", {"externalId": "Missing required property: externalId"}),
        ("", {"ids": "Missing required property: ids"}),  # MLL-07
        ("ids=a&externalId=b&systemName=c", {"ids": "must NOT be combined with externalId and systemName"}),
        ("ids=a&limit=5", {"limit": "Additional properties not allowed"}),
        ("ids=" + ",".join(map(str, range(101))), {"ids": "must NOT have more than 100 items"}),
        ("ids=a&ids=b", {"ids": "must be given once"}),
        ("ids=a%00b", {"ids": "must NOT contain U+0000 or invalid UTF-8"}),
        ("ids=a%FFb", {"ids": "must NOT contain U+0000 or invalid UTF-8"}),
        ("%69ds=%ED%A0%80", {"ids": "must NOT contain U+0000 or invalid UTF-8"}),  # half of a surrogate pair
        ("externalId=%EF%BF%BD&systemName=%EF%BF", {"systemName": "must NOT contain U+0000 or invalid UTF-8"}),
    ],
)
def test_a_list_request_that_makes_no_sense_is_refused(times: Caller, query: str, problems: dict[str, Any]) -> None:
    """MLL-06, MLL-07"""
    answer = times.get(f"mediaLibrary?{query}")
    assert (answer.status_code, answer.json()["error_details"]) == (400, problems)


def test_bytes_that_are_not_utf_8_are_refused_without_percent_signs_as_well(times: Caller) -> None:
    answer = times.client.get(
        "/api/v1/mediaLibrary", headers={"Authorization": f"Bearer {times.token}"}, QUERY_STRING="ids=gr\xfcn"
    )
    assert answer.status_code == 400
    assert answer.json()["error_details"] == {"ids": "must NOT contain U+0000 or invalid UTF-8"}


def test_a_replacement_character_is_a_character_like_any_other(times: Caller, three: list[str]) -> None:
    """It is valid UTF-8, and so may be part of an imported id."""
    MediaEntry.objects.filter(media_id=three[0]).update(external_id="gr\ufffdn")
    assert listed(times, "systemName=archive&externalId=gr%EF%BF%BDn") == [three[0]]
    assert listed(times, "systemName=archive&externalId=gr\ufffdn") == [three[0]]


def test_a_list_of_25_is_two_queries(times: Caller, three: list[str], django_assert_num_queries: Any) -> None:
    times.get(f"mediaLibrary?ids={','.join(three)}")
    with django_assert_num_queries(2):  # the token with its project, the entries
        times.get(f"mediaLibrary?ids={','.join(three)}")
