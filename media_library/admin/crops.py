"""Crops of a picture around its focal point, as they are shown below it: a pure decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PROPORTIONS = ((16, 9), (5, 4), (1, 1), (9, 16))


@dataclass(frozen=True)
class Crop:
    """A part of a picture, in its pixels."""

    label: str
    x: int
    y: int
    width: int
    height: int


def crops(width: int, height: int, point: Mapping[str, Any] | None) -> list[Crop]:
    """The largest part of each proportion, with the point as near to its middle as the edges allow."""
    point = point or {}
    x, y = _fraction(point.get("x")), _fraction(point.get("y"))
    return [_crop(width, height, x, y, proportion) for proportion in PROPORTIONS]


def _crop(width: int, height: int, x: float, y: float, proportion: tuple[int, int]) -> Crop:
    across, down = proportion
    part_width = min(width, height * across // down)
    part_height = min(height, width * down // across)
    left = min(max(0, round(x * width - part_width / 2)), width - part_width)
    top = min(max(0, round(y * height - part_height / 2)), height - part_height)
    return Crop(f"{across}:{down}", left, top, part_width, part_height)


def _fraction(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else 0.5
