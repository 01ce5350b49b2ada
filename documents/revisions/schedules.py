"""When documents are to be published and unpublished: planned, planned anew, and called off."""

from datetime import datetime

from django.utils import timezone

from documents.models import PublicationSchedule


def plan(document_id: int, action: str, due_at: datetime, *, by: str) -> None:
    """From now on the document's schedule of this kind is this one; inside the transaction that has locked it."""
    PublicationSchedule.objects.update_or_create(
        document_id=document_id,
        action=action,
        defaults={
            "due_at": due_at, "created_at": timezone.now(), "created_by": by, "refused_at": None, "refusal": None,
        },
    )  # fmt: skip


def cancel(document_id: int, *actions: str) -> bool:
    """Call off the schedules of these kinds, also one that was refused; of all kinds if none is named."""
    schedules = PublicationSchedule.objects.filter(document=document_id)
    return bool((schedules.filter(action__in=actions) if actions else schedules).delete()[0])
