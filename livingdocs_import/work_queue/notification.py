"""Notify workers of new rows after the commit; failures are logged and never raised."""

import logging
from collections.abc import Callable

from django.db import transaction

log = logging.getLogger(__name__)


def after_commit(notify: Callable[..., None], *arguments: object) -> None:
    """Call `notify(*arguments)` after the commit of the present transaction, at once if there is none.

    Errors are logged and not raised: the rows are stored, a client that got an error would send them again, and the
    next sweep notifies the workers. Django's `robust=True` is not enough: it logs the callback by its `__qualname__`,
    and raises when there is none, as with a `functools.partial`.
    """

    def notify_or_log() -> None:
        try:
            notify(*arguments)
        except Exception:
            log.exception("workers could not be notified; the next sweep does it")

    transaction.on_commit(notify_or_log)
