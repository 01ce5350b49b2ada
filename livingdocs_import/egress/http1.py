"""One request over an open connection, and the reading of its response within bounds."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import Self

from livingdocs_import.egress.connection import DeadlineSocket, Limits, NoAnswer, ResponseTooLarge
from livingdocs_import.egress.content_encoding import Incomplete
from livingdocs_import.egress.url import Target
from livingdocs_import.errors import PermanentFailure

_SMALL = 64 * 1024  # bytes of an unwanted answer that are read so that its connection can be used again


class NotHTTP(PermanentFailure):
    """What the server said is not an answer in HTTP."""

    cause = "not-http"

    def __init__(self) -> None:
        super().__init__("the server did not answer in HTTP")


class LongerThanAnnounced(PermanentFailure):
    """The server sent more bytes than its Content-Length: where the file ends is unknown."""

    cause = "wrong-length"

    def __init__(self) -> None:
        super().__init__("the download was longer than announced")


class Connection(HTTPConnection):
    """Speaks HTTP over a socket that the connector has opened, and never opens one itself."""

    sock: DeadlineSocket
    auto_open = 0


@dataclass(frozen=True)
class Response:
    """Status and headers of an answer, and the connection that still holds its body."""

    connection: Connection
    socket: DeadlineSocket  # http.client lets go of it when the server announces to hang up
    response: HTTPResponse

    @classmethod
    def to(cls, connection: Connection, target: Target, headers: Mapping[str, str]) -> Self:
        """Send a GET and read the answer's head. Closes the connection when that does not work."""
        socket = connection.sock
        try:
            connection.request("GET", target.path, headers={"Host": target.authority, **headers})
            return cls(connection, socket, connection.getresponse())
        except BaseException:
            connection.close()
            raise

    def blocks(self, buffer: memoryview) -> Iterator[memoryview]:
        """The body as it was sent, and exactly as long as announced. A block is valid until the next one."""
        response, read = self.response, 0
        announced = None if response.chunked else response.length
        while announced is None or read < announced:
            with network_errors():
                if announced is None:
                    length = response.readinto(buffer)
                else:  # http.client's own readinto takes the end of the connection for the end of the body
                    length = response.fp.readinto(buffer[: announced - read])
            if not length:
                break
            read += length
            yield buffer[:length]
        if announced is None:
            if not read and not response.chunked:  # the end of the connection came first, even before any byte
                raise Incomplete
        elif read < announced:
            raise Incomplete
        elif self._more_follows():
            raise LongerThanAnnounced
        response.close()

    def drain(self) -> None:
        """Read a short body that is not needed, within a second, so that the connection can be used again."""
        if not self.response.will_close:
            deadline = min(self.socket.limits.cutoff, time.monotonic() + 1.0)
            self.socket.limits = Limits(read_timeout=1.0, deadline=deadline)
            with suppress(OSError, HTTPException):
                self.response.read(_SMALL)

    def _more_follows(self) -> bool:
        """Whether bytes have arrived behind the end of the body, without waiting for any."""
        self.socket.limits = Limits(read_timeout=0.0)
        try:
            return bool(self.response.fp.peek(1))
        except OSError:
            return False


@contextmanager
def network_errors() -> Iterator[None]:
    """What sockets and http.client raise, as Failures.

    Not around anything that writes files: a full disk is an OSError, too.
    """
    try:
        yield
    except TimeoutError as error:
        raise NoAnswer from error
    except ResponseTooLarge as error:
        raise NotHTTP from error
    except (OSError, IncompleteRead) as error:
        raise Incomplete from error
    except HTTPException as error:
        raise NotHTTP from error
