"""Invalid entries: computed from their metadata, refreshed on time (spec 6.4)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from media_library.entries import validity
from media_library.models import MediaEntry
from tests.api_client import CONFIG, Caller, make_project
from tests.media_library.entries.test_create import create, image

RIGHTS = [
    {"handle": "withdrawn", "type": "li-invalid"},
    {"handle": "rights", "type": "li-datetime-validity"},
]


@pytest.fixture
def caller(db: None) -> Caller:
    """A project whose images have rights that run out."""
    types = [
        t | ({"metadata": [*t["metadata"], *RIGHTS]} if t["handle"] == "image" else {}) for t in CONFIG["mediaTypes"]
    ]
    return Caller(make_project("rights", CONFIG | {"mediaTypes": types}))


def made(caller: Caller, **metadata: Any) -> MediaEntry:
    create(caller, image(id="it", metadata=metadata))
    return MediaEntry.objects.get()


def test_an_entry_marked_invalid_is_not_served_and_stays_readable(caller: Caller) -> None:
    entry = made(caller, withdrawn=True)
    assert (entry.invalid, entry.state, entry.servable) == (True, "invalid", False)
    assert caller.get("mediaLibrary/it").status_code == 200


def test_rights_that_have_not_begun_take_effect_on_time(caller: Caller) -> None:
    now = timezone.now()
    begins, ends = now + timedelta(hours=1), now + timedelta(hours=2)
    entry = made(caller, rights={"from": begins.isoformat(), "to": ends.isoformat()})
    assert (entry.invalid, entry.validity_changes_at) == (True, begins)
    assert validity.refresh_expired() == 0
    with time_machine.travel(begins + timedelta(seconds=1), tick=False):
        assert validity.refresh_expired() == 1
        entry.refresh_from_db()
        assert (entry.invalid, entry.validity_changes_at) == (False, ends)
    with time_machine.travel(ends, tick=False):
        assert validity.refresh_expired() == 1
        entry.refresh_from_db()
        assert (entry.invalid, entry.validity_changes_at) == (True, None)
        assert validity.refresh_expired() == 0


def test_a_patch_validates_anew(caller: Caller) -> None:
    made(caller, withdrawn=True)
    patch = {"operation": "setMetadataProperty", "propertyName": "withdrawn", "value": False}
    assert caller.patch("mediaLibrary/it", {"patches": [patch]}).status_code == 200
    assert MediaEntry.objects.get().servable
