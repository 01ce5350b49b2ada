"""Plan, replace and cancel the publication and unpublication of documents at a time."""

from datetime import datetime

from django.utils import timezone

from documents.models import PublicationSchedule


def plan(document_id: int, action: str, due_at: datetime, *, by: str) -> None:
    """Set the document's schedule of this kind; inside the transaction that has locked it."""
    PublicationSchedule.objects.update_or_create(
        document_id=document_id,
        action=action,
        defaults={
            "due_at": due_at, "created_at": timezone.now(), "created_by": by, "refused_at": None, "refusal": None,
        },
    )  # fmt: skip


def cancel(document_id: int, *actions: str) -> bool:
    """Cancel the schedules of these kinds, including refused ones; by default of all kinds."""
    schedules = PublicationSchedule.objects.filter(document=document_id)
    return bool((schedules.filter(action__in=actions) if actions else schedules).delete()[0])
