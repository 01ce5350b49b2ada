"""The question about revoking more entries than one request takes says in how many publications readers miss them."""

from typing import Any

import pytest

from livingdocs_import.models import Operation
from livingdocs_import.operations.steps import MAX_AT_ONCE
from media_library.models import MediaEntry
from tests.media_library.admin.test_library import make_entry
from tests.newsroom import PICTURE, PUBLISH, Newsroom, image
from tests.operators import operator

LIST = "/admin/media_library/mediaentry/"


def make_entries(newsroom: Newsroom, number: int) -> None:
    rows = [
        MediaEntry(
            project=newsroom.caller.project, media_id=f"m{n}", media_type="image", base_type="mediaImage", asset={}
        )
        for n in range(number)
    ]
    MediaEntry.objects.bulk_create(rows)


def question(action: str) -> str:
    client = operator()
    chosen = {"action": action, "select_across": "1", "index": "0"}
    given: dict[str, Any] = {**chosen, "_selected_action": [MediaEntry.objects.first().pk]}  # type: ignore[union-attr]
    page = client.post(LIST, given, follow=True)
    assert Operation.objects.get().total == MediaEntry.objects.count()
    return str(page.content.decode())


@pytest.fixture
def published(newsroom: Newsroom) -> Newsroom:
    make_entry(newsroom.caller, "bridge", media_id=PICTURE["mediaId"])
    for number in (1, 2):
        newsroom.fine(id=f"article-{number}", content=[image(), image()], flags=PUBLISH)
    return newsroom


def test_it_counts_the_publications(published: Newsroom) -> None:
    make_entries(published, MAX_AT_ONCE)
    assert "Readers see them now in 2 publications; there they will be gaps." in question("revoke")


def test_of_a_larger_selection_a_part_is_looked_at_and_it_says_so(published: Newsroom) -> None:
    make_entries(published, 1_100)
    assert "Readers see them now in more than 2 publications" in question("revoke")


def test_unused_entries_are_said_to_be_unused(newsroom: Newsroom) -> None:
    make_entries(newsroom, MAX_AT_ONCE + 1)
    assert "None of them is used in a publication." in question("revoke")


def test_it_is_not_asked_where_readers_miss_nothing(published: Newsroom) -> None:
    make_entries(published, MAX_AT_ONCE)
    assert "Readers see them" not in question("archive")
