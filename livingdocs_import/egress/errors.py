"""What can go wrong with a request to a server that a client names: one family for downloads and webhooks.

Details come from a fixed vocabulary. A refused address reads the same whether anything listens there or not (THR-1,
THR-3, THR-14).
"""

from http import HTTPStatus
from typing import Any

from livingdocs_import.egress.url import Target
from livingdocs_import.errors import Failure, PermanentFailure, TransientFailure

_STATUSES = frozenset(status.value for status in HTTPStatus)


class _InFixedWords(Failure):
    """`text` is all that is returned to clients."""

    text = ""

    def __init__(self) -> None:
        super().__init__(self.text)


# --- No answer -------------------------------------------------------------------------------------------------------


class AddressNotAllowed(_InFixedWords, PermanentFailure):
    """The host has an address, or the URL a port, that may not be connected to. No connection was opened."""

    cause, text = "address-refused", "the address is not allowed"


class CertificateNotAccepted(_InFixedWords, PermanentFailure):
    """The server could not prove that it is the host of the URL."""

    cause, text = "certificate", "the certificate of the server was not accepted"


class NoConnection(_InFixedWords, TransientFailure):
    """The name did not resolve, the connection was refused, or the handshake failed.

    `reached`: a server answered, so our network works. This is not returned to clients (THR-14).
    """

    cause, text = "no-connection", "could not connect"

    def __init__(self, *, reached: bool = False) -> None:
        super().__init__()
        self.reached = reached


class NoAnswer(_InFixedWords, TransientFailure):
    """The server sent nothing for too long, or did not finish in time."""

    cause, text = "timed-out", "the server did not answer in time"
    reached = True


# --- An answer that cannot be used -----------------------------------------------------------------------------------


class NotHTTP(_InFixedWords, PermanentFailure):
    """The server's answer is not HTTP."""

    cause, text = "not-http", "the server did not answer in HTTP"


class Incomplete(_InFixedWords, TransientFailure):
    """The response ended early."""

    cause, text = "incomplete", "the download was incomplete"


class LongerThanAnnounced(_InFixedWords, PermanentFailure):
    """The server sent more bytes than its Content-Length: the end of the file is unknown."""

    cause, text = "wrong-length", "the download was longer than announced"


class Undecodable(_InFixedWords, PermanentFailure):
    """The body does not match its Content-Encoding, or the encoding is unknown."""

    cause, text = "content-encoding", "the content encoding of the answer could not be read"


class LargerThanAllowed(PermanentFailure):
    """The file is larger than `limit` bytes; it was not downloaded to the end."""

    cause = "too-large"

    def __init__(self, limit: int) -> None:
        self.parameter = str(limit)
        megabytes, rest = divmod(limit, 1024 * 1024)
        super().__init__(f"larger than {limit} bytes" if rest else f"larger than {megabytes} MB")


class NoUsableAnswer(_InFixedWords, TransientFailure):
    """For a webhook: the connection broke before a status arrived, or the answer was not HTTP."""

    text = "the server gave no usable answer"


# --- An answer that is not the file ----------------------------------------------------------------------------------


class TooManyRedirects(_InFixedWords, PermanentFailure):
    """The limit of redirects was exceeded."""

    cause, text = "redirects", "too many redirects"


class _HTTPError(Failure):
    """`status` is the server's HTTP status."""

    def __init__(self, status: int, target: Target, **options: Any) -> None:
        self.status = status
        self.cause, self.parameter = http_cause(status), target.endpoint
        super().__init__(f"HTTP {status} from {target.redacted}", **options)


class PermanentHTTPError(_HTTPError, PermanentFailure):
    """The server refused the request permanently."""


class TransientHTTPError(_HTTPError, TransientFailure):
    """The server refused the request for now; `retry_after` is the delay that it asked for."""


def http_cause(status: int) -> str:
    """`http-404`; non-standard statuses become `http-other`."""
    return f"http-{status}" if status in _STATUSES else "http-other"
