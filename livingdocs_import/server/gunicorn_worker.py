"""gunicorn's worker process: slow clients occupy no thread, and all of its own errors use the envelope (spec 2.4)."""

import os
import queue
import resource
import threading
import time
from typing import Any

from gunicorn.http import errors
from gunicorn.workers.base import Worker

from livingdocs_import.server.bare_errors import error_page
from livingdocs_import.server.connection import ClientConnection
from livingdocs_import.server.exchange import Exchange, Next
from livingdocs_import.server.limits import ConnectionLimits
from livingdocs_import.server.poller import Poller
from livingdocs_import.server.request_bodies import BodyMissing
from livingdocs_import.server.send_buffer import ClientGone

STATUS_OF = {errors.LimitRequestLine: 414, errors.LimitRequestHeaders: 431, errors.ExpectationFailed: 417}
# Parse errors by class that the client did not cause.
OURS = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName, errors.ConfigurationProblem)
STAY_WHEN_STOPPING = 2.0  # seconds for a request already in transit on a kept-alive connection
OTHER_DESCRIPTORS = 256  # besides connections, each of which may also have a file open


class JSONWorker(Worker):  # type: ignore[misc]
    """A poller receives and sends, threads run the application.

    The poller reads heads and bodies as they arrive, and passes a connection to a thread when its request is complete.
    It also sends the part of a response that the client does not read at once. A long body is not read before the
    application, called with the head alone, has requested it: unauthorised requests are refused before that.

    `limits` may be set until the process begins to serve.
    """

    alive: bool
    limits = ConnectionLimits()
    poller: Poller

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:  # noqa: ARG003 gunicorn's
        """Refuse TLS options: TLS is for a proxy in front."""
        if cfg.is_ssl:
            raise RuntimeError("certfile, keyfile: TLS is spoken by a proxy in front (docs/operations.md)")

    def run(self) -> None:
        """Serve until stopped; then finish the requests under way, within gunicorn's `graceful_timeout`."""
        _allow_descriptors(2 * self.cfg.worker_connections + OTHER_DESCRIPTORS)
        work: queue.SimpleQueue[ClientConnection] = queue.SimpleQueue()
        self.poller = Poller(self.cfg, self.limits, self.log, wakeup=self.PIPE, submit=work.put, refuse=self._refuse)
        for _ in range(self.cfg.threads):
            threading.Thread(target=self._work, args=[work], daemon=True).start()
        self.notify()
        self.poller.listen(self.sockets)
        while self.alive and self.ppid == os.getppid():
            if self.poller.run_once():
                self.notify()
                self.poller.listen(self.sockets)  # again, if there were too many connections
        self.alive = False  # also when gunicorn's main process has exited
        self.poller.listen(())
        until = time.monotonic() + self.cfg.graceful_timeout
        self.poller.stop(stay=STAY_WHEN_STOPPING)
        while self.poller.connections and time.monotonic() < until:
            if self.poller.run_once():
                self.notify()
        for listener in self.sockets:
            listener.close()

    def _work(self, work: "queue.SimpleQueue[ClientConnection]") -> None:
        """The loop of a thread."""
        while True:
            connection = work.get()
            try:
                then = self._answer(connection)
            except BaseException:
                self.log.exception("a connection was given up")
                then = Next.DROP
            self.poller.worked(connection, then)

    def _answer(self, connection: ClientConnection) -> Next:
        """Begin a response, or continue it after the client has read what was sent."""
        try:
            if connection.exchange is None:
                self._count()
                connection.exchange = Exchange(self, connection)
                connection.exchange.begin(self.wsgi, stay=self.alive and bool(self.cfg.keepalive))
            then: Next = connection.exchange.run()
        except BodyMissing:
            connection.exchange = None
            return Next.BODY
        except ClientGone:
            return Next.DROP
        except Exception as error:
            return self._failed(connection, error)
        return then

    def _failed(self, connection: ClientConnection, error: Exception) -> Next:
        exchange: Exchange = connection.exchange
        try:
            exchange.end()
        except Exception:
            self.log.exception("an application did not clean up")
        if exchange.has_begun_to_answer:
            # The client can see from the announced length that the response is incomplete.
            self.log.exception("broke off the answer to %s", connection.request.path)
            return Next.DROP
        self._refuse(connection, error)
        connection.out.flush()
        return Next.CLOSE

    def _count(self) -> None:
        """Count a request for gunicorn's `max_requests`."""
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("Autorestarting worker after current request.")
            self.alive = False

    def _refuse(self, connection: ClientConnection, error: Exception) -> None:
        self.handle_error(connection.request, connection.out, connection.client, error)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer a request that is not HTTP, or for which the application's own error handling has failed.

        gunicorn's own error pages would be HTML, while official clients parse every body as JSON. The request is not
        logged, as it may contain a token.
        """
        if isinstance(exc, errors.ParseException) and not isinstance(exc, OURS):
            status = STATUS_OF.get(type(exc), 400)
            self.log.warning("answered %s to what is no request: %s", status, type(exc).__name__)
        else:
            status = 500
            self.log.error("answered 500 to %s", getattr(req, "path", "a request that was not read"), exc_info=exc)
        client.sendall(error_page(status, str(exc)))


def _allow_descriptors(wanted: int) -> None:
    """Raise the limit of open files to the possible need, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
