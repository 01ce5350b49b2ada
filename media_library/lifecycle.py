"""Whether an entry is valid now, flipped on time (spec 6.4)."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from livingdocs_import import configurations
from livingdocs_import.project_config import InvalidConfig, MediaType
from media_library.models import MediaEntry

log = logging.getLogger(__name__)
TRY_AGAIN = timedelta(hours=1)  # with a project whose configuration cannot be used


def judge_validity(entry: MediaEntry, media_type: MediaType) -> None:
    """Set `invalid` and the moment at which time alone will change it, from the metadata; nothing is saved."""
    now = timezone.now()
    entry.invalid = not media_type.metadata.validity(entry.metadata, now)
    entry.validity_changes_at = media_type.metadata.next_change(entry.metadata, now)


def flip_due(limit: int = 200) -> int:
    """Judge the entries again whose moment has come; how many there were."""
    due = MediaEntry.objects.filter(validity_changes_at__lte=timezone.now()).order_by("validity_changes_at")
    flipped = 0
    for pk in due.values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            locked = MediaEntry.objects.select_for_update(of=("self",)).select_related("project")
            if (entry := locked.filter(pk=pk).first()) is None:  # deleted meanwhile
                continue
            try:
                media_type = configurations.current(entry.project).media_type(entry.media_type)
            except InvalidConfig:  # must hold up neither other projects nor the rest of the sweep
                log.exception("entry %s: the project's configuration cannot be used", entry.media_id)
                MediaEntry.objects.filter(pk=pk).update(validity_changes_at=timezone.now() + TRY_AGAIN)
                continue
            if media_type is None:  # taken out of the configuration: time decides nothing any more
                entry.validity_changes_at = None
            else:
                judge_validity(entry, media_type)
            entry.save(update_fields=["invalid", "validity_changes_at"])
            flipped += 1
    return flipped
