"""Crops are as large as the picture allows, with the focal point as near to their middle as its edges allow."""

from typing import Any

import pytest

from media_library.admin.crops import crops


def boxes(width: int, height: int, point: dict[str, Any] | None) -> dict[str, tuple[int, int, int, int]]:
    return {crop.label: (crop.x, crop.y, crop.width, crop.height) for crop in crops(width, height, point)}


@pytest.mark.parametrize(
    ("point", "square"),
    [
        (None, (100, 0, 200, 200)),
        ({"x": 0.5, "y": 0.5}, (100, 0, 200, 200)),
        ({"x": 0.3, "y": 0.9}, (20, 0, 200, 200)),
        ({"x": 0.0, "y": 0.0}, (0, 0, 200, 200)),
        ({"x": 1, "y": 1}, (200, 0, 200, 200)),
        ({"x": 700, "y": "left"}, (100, 0, 200, 200)),  # no fractions: the middle
    ],
)
def test_the_focal_point_is_in_the_middle_or_at_an_edge(point: dict[str, Any] | None, square: Any) -> None:
    assert boxes(400, 200, point)["1:1"] == square


def test_every_crop_lies_within_the_picture() -> None:
    for width, height in ((1, 1), (3, 4000), (640, 427)):
        for x, y, across, down in boxes(width, height, {"x": 0.9, "y": 0.1}).values():
            assert 0 <= x <= x + across <= width
            assert 0 <= y <= y + down <= height
