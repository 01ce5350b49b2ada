"""Many clients on the same entries: nothing is lost, nothing is there twice."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from media_library.models import EntryChange, MediaEntry
from tests.api_client import Caller, make_project
from tests.media_library.entries.test_create import create, image

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SideBySide = Callable[[Sequence[Callable[[], Any]]], list[Any]]


@pytest.fixture
def caller(transactional_db: None) -> Caller:
    return Caller(make_project("races"))


def caption(text: str) -> dict[str, Any]:
    return {"operation": "setMetadataProperty", "propertyName": "caption", "value": text}


def test_two_hundred_patches_with_versions_each_saw_the_version_they_named(
    caller: Caller, side_by_side: SideBySide
) -> None:
    """GOAL-7: of eight at a time with the same version exactly one succeeds; no update is lost."""
    create(caller, image(id="it"))
    for round_ in range(1, 26):
        body = {"version": round_, "patches": [caption(f"round {round_}")]}
        statuses = side_by_side([lambda body=body: caller.patch("mediaLibrary/it", body).status_code] * 8)
        assert sorted(statuses) == [200] + [409] * 7
    entry = MediaEntry.objects.get()
    assert (entry.version, entry.metadata["caption"]) == (26, "round 25")
    assert EntryChange.objects.count() == 26


def test_patches_without_a_version_are_all_kept(caller: Caller, side_by_side: SideBySide) -> None:
    create(caller, image(id="it"))
    names = ["title", "caption", "source", "description"]
    calls = [
        lambda name=name: (
            caller.patch(
                "mediaLibrary/it",
                {"patches": [{"operation": "setMetadataProperty", "propertyName": name, "value": name}]},
            ).status_code
        )
        for name in names
    ]
    for _ in range(5):
        assert side_by_side(calls) == [200] * 4
    entry = MediaEntry.objects.get()
    assert entry.version == 21
    assert entry.metadata == {name: name for name in names}


def test_parallel_creation_of_one_id_succeeds_once(caller: Caller, side_by_side: SideBySide) -> None:
    """GOAL-7: one ok, seven conflicts."""
    for round_ in range(5):
        entry = image(id=f"it-{round_}", systemName="s", externalId=str(round_))
        others = [image(id=f"{round_}-{n}") for n in range(5)]
        elements = side_by_side([lambda entry=entry: create(caller, entry)[0]] * 8)
        assert sorted(element["status"] for element in elements) == [200] + [409] * 7
        assert all(element["ok"] for element in create(caller, *others))
    assert MediaEntry.objects.count() == 30
