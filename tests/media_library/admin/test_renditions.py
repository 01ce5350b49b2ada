"""The stored renditions of an image are listed on its entry's page, and removed from there."""

import html
import io
import re
from typing import Any

import pytest
from PIL import Image

from livingdocs_import.models import Project
from media_library.delivery import rendition_cache
from media_library.models import MediaEntry
from tests import images
from tests.api_client import Caller
from tests.media_library.faulty_s3 import faulty_s3
from tests.media_library.stored_entries import claimed, fetch, imported, put, url_of
from tests.operators import member, operator
from tests.s3 import use_endpoint

LIST = "/admin/media_library/mediaentry/"
PHOTO = images.jpeg(images.picture(640, 427))
REMOVE = f"{LIST}act/remove_renditions/"


@pytest.fixture(params=["folder", "s3"])
def photo(times: Caller, request: pytest.FixtureRequest) -> MediaEntry:
    if request.param == "s3":
        request.getfixturevalue("s3")
    return imported(times.project, PHOTO)


def panel(entry: MediaEntry, client: Any = None) -> str:
    shown = (client or operator()).get(f"{LIST}{entry.pk}/change/").content.decode()
    return str(shown.partition('id="renditions"')[2].partition("</section>")[0])


def ask_for(entry: MediaEntry, *queries: str) -> None:
    for query in queries:
        assert fetch(url_of(entry), f"&{query}").getvalue()


def test_each_is_listed_with_its_size_and_a_link_that_opens_it(photo: MediaEntry) -> None:
    assert "None is stored" in panel(photo)
    ask_for(photo, "w=320&format=webp", "w=200&h=200&fit=crop", "w=64&h=64")
    shown = panel(photo)
    assert "3 of at most 100" in shown
    rows = re.findall(r'<a href="([^"]*)">([^<]*)</a></td><td>([^<]*)</td><td class="num">([^<]*)<', shown)
    assert [(measures, form) for _, measures, form, _ in rows] == [
        ("at most 64 \N{MULTIPLICATION SIGN} 64", "as the original"),
        ("200 \N{MULTIPLICATION SIGN} 200, cropped", "as the original"),
        ("320 wide", "WebP"),
    ]
    kept = rendition_cache.keys_of(photo.asset_key)
    sizes = [Image.open(fetch_file(html.unescape(address))).size for address, *_ in rows]
    assert sizes == [(64, 43), (200, 200), (320, 214)]
    assert rendition_cache.keys_of(photo.asset_key) == kept  # the links lead to what is stored


def fetch_file(url: str) -> Any:
    return io.BytesIO(fetch(url).getvalue())


def test_a_mark_for_the_original_is_named_as_such(photo: MediaEntry) -> None:
    put(b"", f"v/{photo.asset_key}/w640-max-q75-webp")
    put(b"x", f"v/{photo.asset_key}/something-else")
    assert "the original is served" in panel(photo)
    assert "1 of at most 100" in panel(photo)


def test_all_are_removed_after_a_question_and_made_anew(photo: MediaEntry) -> None:
    ask_for(photo, "w=320", "w=64")
    client = operator()
    assert "made anew when they are next requested" in client.post(REMOVE, {"object": photo.pk}).content.decode()
    assert len(rendition_cache.keys_of(photo.asset_key)) == 2
    answer = client.post(REMOVE, {"object": photo.pk, "yes": "1"}, follow=True).content.decode()
    assert "has no renditions now" in answer
    assert rendition_cache.keys_of(photo.asset_key) == []
    ask_for(photo, "w=64")
    assert len(rendition_cache.keys_of(photo.asset_key)) == 1


def test_a_viewer_sees_them_and_cannot_remove_them(photo: MediaEntry) -> None:
    ask_for(photo, "w=64")
    viewer = member(times="viewer")
    assert "64 wide" in panel(photo, viewer)
    assert "Remove all" not in panel(photo, viewer)
    assert viewer.post(REMOVE, {"object": photo.pk, "yes": "1"}).status_code == 403
    assert rendition_cache.keys_of(photo.asset_key)


def test_those_of_another_project_s_file_are_neither_listed_nor_removed(photo: MediaEntry, herald: Caller) -> None:
    ask_for(photo, "w=64")
    project: Project = herald.project
    for entry in (claimed(project, photo.asset_key), naming(project, photo.asset_key)):
        client = member(herald="operator")
        assert panel(entry, client) == ""
        client.post(REMOVE, {"object": entry.pk, "yes": "1"})
    assert rendition_cache.keys_of(photo.asset_key)


def naming(project: Project, key: str) -> MediaEntry:
    """An entry that has a key without an address, which names a file of another project."""
    entry = claimed(project, key)
    entry.asset = {name: value for name, value in entry.asset.items() if name != "url"}
    entry.save()
    return entry


@pytest.mark.parametrize("fields", [{"revoked": True}, {"base_type": "mediaFile"}])
def test_where_none_are_served_none_are_listed(times: Caller, fields: dict[str, Any]) -> None:
    assert panel(imported(times.project, PHOTO, **fields)) == ""


def test_a_storage_that_does_not_answer_leaves_the_rest_of_the_page(
    times: Caller, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = imported(times.project, PHOTO)
    with faulty_s3() as server:
        use_endpoint(monkeypatch, server.endpoint)
        settings.ASSET_STORAGE = server.url
        server.faults["GET"] = [500] * 20
        assert "They are not known now: the storage did not answer." in panel(photo)
        answer = operator().post(REMOVE, {"object": photo.pk, "yes": "1"}, follow=True).content.decode()
    assert "the storage did not answer" in answer
