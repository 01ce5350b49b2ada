"""What an operator can do about a document besides changing it: when it makes sense, and what is asked before."""

from collections.abc import Callable
from dataclasses import dataclass

from documents import services
from documents.models import Document


@dataclass(frozen=True)
class Deed:
    """Something an operator does to a document.

    `permission` is the model's own that it needs. `question` is asked first; "" when nothing can be lost by it.
    `fits` says for which documents it makes sense. `do` returns what happened, in words; it may raise Rejected.
    """

    name: str
    label: str
    permission: str
    question: str
    fits: Callable[[Document], bool]
    do: Callable[[Document, str], str]


def _publish(document: Document, by: str) -> str:
    return "is published" if services.publish(document, by=by) else "was published already"


def _unpublish(document: Document, by: str) -> str:
    return "is unpublished" if services.unpublish(document, by=by) else "was not published"


def _delete(document: Document, by: str) -> str:
    return "is deleted" if services.delete(document, by=by) else "was deleted already"


def _restore(document: Document, by: str) -> str:
    return "is restored" if services.restore(document) else "was not deleted"


DEEDS = {
    deed.name: deed
    for deed in (
        Deed("publish", "Publish", "change", "", services.can_be_published, _publish),
        Deed(
            "unpublish",
            "Unpublish",
            "change",
            "Readers and deliveries will not see it any more, until it is published again.",
            lambda document: document.live_publication_id is not None,
            _unpublish,
        ),
        Deed(
            "delete",
            "Delete",
            "delete",
            "It is unpublished and put away. Imports of it fail from then on. It can be restored.",
            lambda document: document.deleted_at is None,
            _delete,
        ),
        Deed("restore", "Restore", "change", "", lambda document: document.deleted_at is not None, _restore),
    )
}
