"""The listening sockets of a web process: accept connections while there is room for them."""

import errno
import selectors
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

NO_MORE_DESCRIPTORS = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
NOBODY_THERE = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED, errno.EPROTO)
UNSENT = 1 << 17  # bytes of a response that the system buffers, besides those in transit


class Listeners:
    """Calls `accepted` with the socket, the client's address and the listener's address of each new connection.

    `make_room(full)` closes a connection if it is `full`, or there are too many; False if none can be closed.
    """

    def __init__(
        self, selector: selectors.BaseSelector, log: Any, *,
        make_room: Callable[..., bool], accepted: Callable[[socket.socket, Any, Any], None],
    ) -> None:  # fmt: skip
        self._selector = selector
        self._log = log
        self._make_room = make_room
        self._accepted = accepted
        self._addresses: dict[Any, Any] = {}  # by listener

    def listen(self, listeners: Sequence[Any]) -> None:
        """Accept from these listeners only. Without any, clients wait in the system's queue."""
        for listener in self._addresses.keys() - set(listeners):
            self._selector.unregister(listener)
            del self._addresses[listener]
        for listener in listeners:
            if listener not in self._addresses:
                listener.setblocking(False)
                _limit_unsent(listener)
                self._addresses[listener] = listener.getsockname()
                self._selector.register(listener, selectors.EVENT_READ, partial(self._accept, listener))

    def _accept(self, listener: Any) -> None:
        """Accept one connection. If there is no room for it, stop listening; the caller listens again later."""
        if not self._make_room(full=False):
            self.listen(())
            return
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in NO_MORE_DESCRIPTORS:
                self._log.warning("no connection could be accepted: %s", error.strerror)
                if not self._make_room(full=True):
                    self.listen(())
            elif error.errno not in NOBODY_THERE:
                raise
            return
        sock.setblocking(False)
        self._accepted(sock, client, self._addresses[listener])


def _limit_unsent(listener: Any) -> None:
    """Keep the system from buffering megabytes of a response that the client does not read.

    Accepted sockets inherit the option.
    """
    if hasattr(socket, "TCP_NOTSENT_LOWAT") and listener.family in (socket.AF_INET, socket.AF_INET6):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)
