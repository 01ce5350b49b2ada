"""Actions of an operator on a document besides editing it: their conditions and confirmation pages."""

from documents import services
from documents.admin.forms import in_words
from documents.models import Document
from livingdocs_import.admin.actions import Action, ActionFailed, by_name
from livingdocs_import.errors import Rejected


def _publish(document: Document, by: str) -> str:
    try:
        return "is published" if services.publish(document, by=by) else "was published already"
    except Rejected as rejected:
        raise ActionFailed(*in_words(rejected)) from rejected


def _unpublish(document: Document, by: str) -> str:
    return "is unpublished" if services.unpublish(document, by=by) else "was not published"


def _delete(document: Document, by: str) -> str:
    return "is deleted" if services.delete(document, by=by) else "was deleted already"


def _restore(document: Document, by: str) -> str:
    return "is restored" if services.restore(document, by=by) else "was not deleted"


def _cancel_schedules(document: Document, by: str) -> str:
    return "is no longer scheduled" if services.cancel_schedules(document) else "was not scheduled"


ACTIONS = by_name(
    Action("publish", "Publish", "change", "", services.can_be_published, _publish),
    Action(
        "unpublish",
        "Unpublish",
        "change",
        "Readers and deliveries will not see it any more, until it is published again.",
        lambda document: document.live_publication_id is not None,
        _unpublish,
    ),
    Action(
        "cancel_schedules",
        "Cancel schedules",
        "change",
        "What was scheduled will not happen. Refused schedules are cleared.",
        lambda document: document.schedules.exists(),
        _cancel_schedules,
    ),
    Action(
        "delete",
        "Delete",
        "delete",
        "It is unpublished and put away. Imports of it fail from then on. It can be restored.",
        lambda document: document.deleted_at is None,
        _delete,
        destructive=True,
    ),
    Action("restore", "Restore", "change", "", lambda document: document.deleted_at is not None, _restore),
)
