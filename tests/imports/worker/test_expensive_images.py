"""Images made to be expensive fail by themselves, at once; their neighbours are imported."""

from collections.abc import Callable

from imports.models import ImportItem
from tests import images
from tests.api_client import Caller, image_item
from tests.origin import Origin, Reply


def test_an_image_over_its_budget_takes_no_neighbour_along(
    times: Caller, origin: Origin, run_workers: Callable[[], None]
) -> None:
    """IMG-16, IMG-32"""
    bodies = {
        "before": images.jpeg(),
        "poison": images.svg(f'xmlns:a="{"u" * 1_000_000}"', inside="<a:b/>" * 150_000),
        "after": images.svg(),
    }
    job = times.import_images(
        *[image_item(origin.reply(f"/{name}", Reply(body)), id=name) for name, body in bodies.items()]
    )
    run_workers()
    rows = {row["externalId"]: row for row in times.status(job)["images"]}
    assert {name: row["state"] for name, row in rows.items()} == {
        "before": "success",
        "poison": "failed",
        "after": "success",
    }
    assert rows["poison"]["error_details"] == {
        "message": "SVG with a namespace of more than 256 bytes",
        "cause": "over-budget",
    }
    assert ImportItem.objects.get(external_id="poison").losses == 0
