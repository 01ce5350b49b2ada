"""One request and its response, between gunicorn's parser and the WSGI application. Runs in threads."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import Enum, auto
from functools import partial
from typing import Any

from gunicorn.http import wsgi

from livingdocs_import.server.connection import ClientConnection

PIECE = 1 << 17  # bytes of a file per read


class Next(Enum):
    """What happens next with a connection that a thread hands back."""

    REQUEST = auto()  # all is sent, and the connection stays open
    CLOSE = auto()  # all is sent, and the connection closes
    SEND = auto()  # the client has to read first
    BODY = auto()  # the application needs the body
    DROP = auto()  # the client is gone, or the response cannot be continued


class FilePieces:
    """An open file as a response, sent in pieces as the client reads."""

    def __init__(self, file: Any, size: int = 0) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        return iter(partial(self._file.read, PIECE), b"")

    def close(self) -> None:
        self._file.close()


class Exchange:
    """A run of the application for one request. Any thread calls `run` again when the client has read more."""

    def __init__(self, worker: Any, connection: ClientConnection) -> None:
        self._worker = worker
        self._connection = connection
        self._request = connection.request
        self._began = datetime.now()
        self._answer: Any = None
        self._environ: dict[str, Any] = {}
        self._content: Iterable[bytes] = ()
        self._pieces: Iterator[bytes] = iter(())
        self._ended = False

    @property
    def has_begun_to_answer(self) -> bool:
        return self._answer is not None and self._answer.headers_sent

    def begin(self, application: Callable[..., Iterable[bytes]], *, stay: bool) -> None:
        """Call the application. Raises BodyMissing if it reads a body that has not arrived."""
        connection, cfg = self._connection, self._worker.cfg
        body = connection.body
        assert body is not None
        cfg.pre_request(self._worker, self._request)
        body.rewind()
        self._answer, environ = wsgi.create(self._request, connection.out, connection.client, connection.server, cfg)
        environ["wsgi.input"] = body
        environ["wsgi.multithread"] = True
        environ["wsgi.file_wrapper"] = FilePieces
        if "HTTP_TRANSFER_ENCODING" in environ and (body.complete or body.is_too_long):
            environ["CONTENT_LENGTH"] = str(body.size)
        self._environ = environ
        # The rest of a refused body could not be distinguished from the next request.
        if not (stay and body.complete):
            self._answer.force_close()
        self._content = application(environ, self._answer.start_response)
        self._pieces = iter(self._content)

    def run(self) -> Next:
        """Send as much as the client takes. Raises ClientGone, and any exception of the application."""
        out = self._connection.out
        while not self._ended:
            if out.is_full and not out.flush():
                return Next.SEND
            piece = next(self._pieces, None)
            if piece is None:
                self._answer.close()
                self.end()
            else:
                self._answer.write(piece)
        return self.done() if out.flush() else Next.SEND

    def done(self) -> Next:
        """What follows when everything is sent."""
        return Next.CLOSE if self._answer.should_close() else Next.REQUEST

    @property
    def ended(self) -> bool:
        """Whether the application has finished its response; some of it may be unsent."""
        return self._ended

    def end(self) -> None:
        """Let the application clean up, also after a failure. Calling it twice changes nothing."""
        if self._ended:
            return
        self._ended = True
        try:
            close = getattr(self._content, "close", None)
            if close is not None:
                close()
        finally:
            if self._answer is not None and self._answer.status is not None:
                self._worker.log.access(
                    self._answer,
                    self._request,
                    self._environ,
                    datetime.now() - self._began,
                )
            self._worker.cfg.post_request(self._worker, self._request, self._environ, self._answer)
