"""gunicorn's worker process; what it refuses before any application sees it leaves in the envelope, too (spec 2.4)."""

import json
import ssl
from http import HTTPStatus
from typing import Any

from gunicorn.http import errors
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

LONGEST_MESSAGE = 200  # characters: it may quote what was sent
STATUS_OF = {errors.LimitRequestLine: 414, errors.LimitRequestHeaders: 431, errors.ExpectationFailed: 417}
# These are called parse errors as well, but the client has no part in them.
OURS = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName, errors.ConfigurationProblem)


class JSONWorker(ThreadWorker):  # type: ignore[misc]
    """Threads as gunicorn has them. Its own error pages would be HTML, and official clients parse every body."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer a request that is no HTTP, or that broke the application's own last resort; gunicorn then closes.

        What was sent is not logged: it may hold a token.
        """
        if isinstance(exc, errors.ParseException | ssl.SSLError) and not isinstance(exc, OURS):
            status = STATUS_OF.get(type(exc), 400)
            self.log.warning("answered %s to what is no request: %s", status, type(exc).__name__)
        else:
            status = 500
            self.log.exception("answered 500 to %s", getattr(req, "path", "a request that was not read"))
        try:
            write_nonblock(client, error_page(status, str(exc)))
        except OSError:
            self.log.debug("nobody waits for the answer any more")


def error_page(status: int, message: str) -> bytes:
    """A whole HTTP answer. Written by hand, for this process may have no Django to ask."""
    phrase = HTTPStatus(status).phrase
    body: dict[str, Any] = {"status": status, "error": phrase}
    if status < 500:
        body["error_details"] = {"message": message[:LONGEST_MESSAGE]}
    content = json.dumps(body).encode()
    head = (
        f"HTTP/1.1 {status} {phrase}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content
