"""Tell workers about new rows once these are committed; that this fails is never an error of whoever stored them."""

import logging
from collections.abc import Callable

from django.db import transaction

log = logging.getLogger(__name__)


def after_commit(notify: Callable[..., None], *arguments: object) -> None:
    """Call `notify(*arguments)` after the commit of the present transaction, at once if there is none.

    Whatever it raises is logged and goes no further: the rows are stored, a client that is told of an error sends them
    again, and the sweep notifies the workers a little later. Django's `robust=True` is not enough: it logs the callback
    by its `__qualname__`, and fails itself when there is none, as with a `functools.partial`.
    """

    def notify_or_log() -> None:
        try:
            notify(*arguments)
        except Exception:
            log.exception("workers could not be notified; the next sweep does it")

    transaction.on_commit(notify_or_log)
