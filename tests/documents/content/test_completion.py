"""Which media entries are looked up before content is checked: Q-16."""

from typing import Any

import pytest

from documents.content.walk import media_ids_to_complete
from tests.documents.content.living_times import IMAGE, design


def wanted(component: str, directive: str, value: Any) -> set[str]:
    content = [{"component": "box", "containers": {"main": [{"component": component, "content": {directive: value}}]}}]
    return set(media_ids_to_complete(content, design))


@pytest.mark.parametrize("key", ["originalUrl", "mimeType", "width", "height"])
def test_an_image_that_lacks_something_wants_its_entry(key: str) -> None:
    assert wanted("image", "image", {**IMAGE, "mediaId": "m1", key: None}) == {"m1"}


def test_an_image_that_lacks_nothing_wants_none() -> None:
    assert wanted("image", "image", {**IMAGE, "mediaId": "m1"}) == set()


def test_a_video_does_not_need_a_size() -> None:
    video = {"originalUrl": "https://a.example/a.mp4", "mimeType": "video/mp4", "mediaId": "m1"}
    assert wanted("media", "video", video) == set()
    assert wanted("media", "video", {"mediaId": "m1"}) == {"m1"}


@pytest.mark.parametrize(
    ("component", "directive", "value"),
    [
        ("image", "image", {"url": "https://a.example/a.png"}),
        ("image", "image", {"mediaId": 5}),
        ("image", "image", "m1"),
        ("image", "image", None),
        ("image", "caption", {"mediaId": "m1"}),
        ("image", "gone", {"mediaId": "m1"}),
        ("gone", "image", {"mediaId": "m1"}),
        ("button", "link", {"mediaId": "m1"}),
    ],
)
def test_nothing_else_wants_an_entry(component: str, directive: str, value: Any) -> None:
    assert wanted(component, directive, value) == set()


@pytest.mark.parametrize(
    "content",
    [None, "x", 5, {}, [None], [[]], [{"component": 5}], [{"component": "image", "content": []}], [{"containers": 5}]],
)
def test_content_that_is_none_wants_nothing(content: Any) -> None:
    assert media_ids_to_complete(content, design) == frozenset()
