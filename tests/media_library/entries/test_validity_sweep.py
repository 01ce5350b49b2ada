"""Validity is refreshed on time, whatever one project's configuration looks like."""

from datetime import timedelta

from django.utils import timezone

from livingdocs_import.models import ProjectConfigRevision
from media_library.entries import validity
from media_library.models import MediaEntry
from tests.api_client import Caller


def due_entry(caller: Caller, *, minutes_ago: int) -> MediaEntry:
    moment = timezone.now() - timedelta(minutes=minutes_ago)
    return MediaEntry.objects.create(
        project=caller.project, media_type="image", base_type="mediaImage", asset={}, asset_key="k",
        validity_changes_at=moment,
    )  # fmt: skip


def test_an_unusable_configuration_delays_no_other(times: Caller, herald: Caller) -> None:
    """A configuration may become unusable with an upgrade; the sweep went no further than its first entry."""
    first, second = due_entry(times, minutes_ago=2), due_entry(herald, minutes_ago=1)
    ProjectConfigRevision.objects.filter(project=times.project).update(config={"v": 2, "mediaTypes": "none"})
    assert validity.refresh_expired() == 2, "one was validated, one put off"
    first.refresh_from_db()
    second.refresh_from_db()
    assert second.validity_changes_at is None
    assert first.validity_changes_at is not None
    assert first.validity_changes_at > timezone.now(), "it is looked at again later"
