"""Queue webhooks: one row per message; dispatcher.py sends them."""

from collections.abc import Mapping
from datetime import timedelta

import orjson

from livingdocs_import.db.clock import from_now
from livingdocs_import.models import Project, WebhookDelivery
from livingdocs_import.webhooks.tasks import notify_webhook_workers
from livingdocs_import.work_queue import notification

# The receiver may request the job's status at once: that must not happen before the POST is answered (spec 7.1).
HEAD_START = timedelta(seconds=1)


def notify(project: Project, *, url: str, subject: str, body: Mapping[str, object]) -> WebhookDelivery:
    """Queue one message to one address; inside the transaction that makes it true. It leaves a second later."""
    delivery = WebhookDelivery.objects.create(
        project=project,
        url=url,
        subject=subject,
        body=orjson.dumps(body).decode(),
        created_at=from_now(),
        due_at=from_now(HEAD_START),
    )
    notification.after_commit(notify_webhook_workers)
    return delivery


def send_again(delivery: WebhookDelivery) -> None:
    """Queue the same message once more, under the same id, whatever became of it; also for the operator's button."""
    WebhookDelivery.objects.filter(pk=delivery.pk, claimed=False).update(
        state=WebhookDelivery.State.PENDING,
        due_at=from_now(),
        attempts=0,
        losses=0,
        ended_at=None,
        created_at=from_now(),
    )
    notification.after_commit(notify_webhook_workers)
