"""The library in the admin knows in how many publications an entry is used, and which are unused."""

import pytest

from tests.media_library.admin.test_library import counts, make_entry, page, titles
from tests.newsroom import PICTURE, PUBLISH, Newsroom, image


@pytest.fixture
def library(newsroom: Newsroom) -> None:
    make_entry(newsroom.caller, "bridge", media_id=PICTURE["mediaId"])
    make_entry(newsroom.caller, "river")
    make_entry(newsroom.caller, "draft", media_id="of-a-draft-only")
    for number in (1, 2):
        newsroom.fine(id=f"article-{number}", content=[image(), image()], flags=PUBLISH)
    draft = image(content={"image": PICTURE | {"mediaId": "of-a-draft-only"}})
    newsroom.fine(id="a-draft", content=[draft])


def test_publications_are_counted_and_drafts_are_not(library: None) -> None:
    shown = page()
    assert "used 2 times" in shown.partition('class="title">bridge<')[2].partition("</li>")[0]
    assert "unused" in shown.partition('class="title">draft<')[2].partition("</li>")[0]
    assert (counts(shown)["Used in publications"], counts(shown)["Unused"]) == ("1", "2")


@pytest.mark.parametrize(("query", "found"), [("?use=used", ["bridge"]), ("?use=unused", ["draft", "river"])])
def test_entries_are_narrowed_down_by_their_use(library: None, query: str, found: list[str]) -> None:
    assert titles(page(query)) == found
