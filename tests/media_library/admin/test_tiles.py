"""What stands for an entry where entries are shown small: its picture, or a sign for a video or a file."""

from typing import Any

import pytest

from media_library.admin import pictures
from media_library.models import MediaEntry
from tests.api_client import Caller
from tests.media_library.admin.test_library import LIST, make_entry
from tests.operators import operator

FILM, FILE = 'viewBox="0 0 72 56"', 'viewBox="0 0 56 72"'


def frame(shown: str) -> str:
    return shown.partition('<span class="frame')[2].partition("</a>")[0]


@pytest.mark.parametrize("view", ["", "?view=list"])
@pytest.mark.parametrize(
    ("base_type", "mime_type", "sign"), [("mediaVideo", "video/mp4", FILM), ("mediaFile", "application/pdf", FILE)]
)
def test_a_video_and_a_file_have_signs_of_their_own(
    times: Caller, base_type: str, mime_type: str, sign: str, view: str
) -> None:
    media_type = base_type.removeprefix("media").lower()
    make_entry(times, "snow", base_type=base_type, media_type=media_type, asset={"key": "k", "mimeType": mime_type})
    tile = frame(operator().get(LIST + view).content.decode())
    assert [each in tile for each in (FILM, FILE, "<img")] == [each == sign for each in (FILM, FILE, "<img")]
    assert 'aria-hidden="true"' in tile, "the title stands beside it"


@pytest.mark.parametrize(("base_type", "mark"), [("mediaVideo", "video"), ("mediaFile", "file"), ("mediaImage", "")])
def test_a_video_and_a_file_are_marked_as_such(times: Caller, base_type: str, mark: str) -> None:
    make_entry(times, "snow", base_type=base_type)
    shown = operator().get(LIST).content.decode()
    assert [word for word in ("video", "file") if f'<span class="mark">{word}</span>' in shown] == [mark] * bool(mark)


@pytest.mark.parametrize(
    ("fields", "word"),
    [({"revoked": True}, "withdrawn"), ({"asset": {"url": "https://a.example"}}, "stored elsewhere")],
)
def test_a_video_that_cannot_be_played_has_a_word_and_no_sign(times: Caller, fields: dict[str, Any], word: str) -> None:
    make_entry(times, "snow", base_type="mediaVideo", **fields)
    tile = frame(operator().get(LIST).content.decode())
    assert (word in tile, FILM in tile) == (True, False)


def test_the_picture_of_a_tile_has_an_empty_alt_text_and_that_of_the_page_names_the_entry(times: Caller) -> None:
    """Beside the tile stands the title, which is read out."""
    entry = make_entry(times, "A <bridge>")
    assert ' alt="">' in frame(operator().get(LIST).content.decode())
    page = operator().get(f"{LIST}{entry.pk}/change/").content.decode()
    picture = page.partition('<img class="picture"')[2].partition("loading")[2].partition("</div>")[0]
    assert 'alt="Preview of A &lt;bridge&gt;"' in picture
    assert pictures.asset(MediaEntry(title="Snow", base_type="mediaVideo", asset={"key": "k"}, project=times.project)) \
        .partition("aria-label")[2].startswith('="Snow"')  # fmt: skip
