"""Charts that the server draws: columns over a scale of round numbers, and lines."""

import pytest

from livingdocs_import.admin.charts import scale, spark, stacked


@pytest.mark.parametrize(
    ("most", "top", "step"),
    [
        (0, 3, 1),
        (1, 3, 1),
        (4, 4, 1),
        (5, 6, 2),
        (9, 15, 5),
        (12, 15, 5),
        (96, 100, 25),
        (100, 100, 25),
        (101, 150, 50),
        (1286, 1500, 500),
        (9_999_999, 10_000_000, 2_500_000),
    ],
)
def test_a_scale_has_three_or_four_round_steps_and_ends_above_the_highest_number(
    most: int, top: int, step: int
) -> None:
    assert scale(most) == (top, step)


def test_every_number_fits_its_scale() -> None:
    for most in range(1, 20_000, 7):
        top, step = scale(most)
        assert top >= most
        assert 3 <= top // step <= 4
        assert top % step == 0


def test_columns_are_stacked_from_below() -> None:
    chart = stacked([("15:00", {"success": 3, "skipped": 0, "failed": 1}), ("16:00", {"success": 0})])
    first, second = chart.columns
    assert [(part.name, part.y, part.height) for part in first.segments] == [
        ("success", "25.00", "75.00"),
        ("failed", "0.00", "25.00"),
    ]
    assert second.segments == []
    assert (first.x, second.x, first.width) == ("6.00", "56.00", "38.00")
    assert [(line.y, line.number) for line in chart.lines] == [
        ("0.00", 4),
        ("25.00", 3),
        ("50.00", 2),
        ("75.00", 1),
        ("100.00", 0),
    ]


def test_a_line_goes_from_left_to_right_and_is_high_where_the_numbers_are() -> None:
    assert spark([0, 5, 10]) == "0.00,20.00 50.00,11.00 100.00,2.00"
    assert spark([0, 0]) == "0.00,20.00 100.00,20.00"
    assert spark([7]) == ""
