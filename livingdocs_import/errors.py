"""The error family of the service, with the facts as attributes. It is independent of HTTP.

`api/error_responses.py` turns them into responses, with the texts in `api/error_texts.py`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Details = Mapping[str, Any]


class ImportServiceError(Exception):
    """The root of the family."""


# --- One item or one delivery failed ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """The exact answer of an origin, for operators; no secret of the request is in it (egress/evidence.py).

    `status`: None when no answer came. `headers`: pairs of name and value. `body`: what it begins with.
    """

    request: str
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""


class Failure(ImportServiceError):
    """One piece of work failed.

    `detail` may be shown to API clients: no stack trace, no internal address, no query string of a URL. `errors` lists
    single problems with their paths, if there are several. `cause` is one of the codes of docs/specification/causes.md,
    `parameter` its parameter on that page: a host, a limit, a type. `evidence`: the answer of the
    origin, if one was asked.
    """

    transient = False
    cause = "other"
    parameter = ""
    endpoint = ""  # `host:port` of a server that did not answer
    evidence: Evidence | None = None

    def __init__(self, detail: str, *, errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors or []


class PermanentFailure(Failure):
    """A retry would not help."""


class Rejected(PermanentFailure):
    """An item that cannot be stored; `reason` is the documented text for it (spec 5.7)."""

    def __init__(
        self, reason: str, detail: str, *, cause: str, parameter: str = "", errors: Sequence[Details] = ()
    ) -> None:
        super().__init__(detail, errors=[{**error} for error in errors])
        self.reason, self.cause, self.parameter = reason, cause, parameter


class TransientFailure(Failure):
    """A retry may help; `retry_after` (seconds) is the delay that the other side asked for, if any."""

    transient = True

    def __init__(self, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class NotConfigured(TransientFailure):
    """Our own configuration prevents it: retried until that is fixed, and not counted against the other side."""


# --- A request is refused --------------------------------------------------------------------------------------------


class ApiError(ImportServiceError):
    """A request that cannot be served; `details` becomes the envelope's `error_details` (spec 2.4)."""

    def __init__(self, details: Details) -> None:
        super().__init__(str(details))
        self.details = dict(details)


class Invalid(ApiError):
    """The request's shape or content is wrong; details are keyed by dotted path, or hold a `message`."""


class NotJSON(Invalid):
    """The request body is not JSON."""

    def __init__(self, why: str) -> None:
        super().__init__({"message": f"The request body is not valid JSON: {why}"})
        self.why = why


class NotFound(ApiError):
    """The named object does not exist for this caller (it may exist in another project)."""

    def __init__(self, message: str) -> None:
        super().__init__({"name": "NotFound", "message": message})


class Conflict(ApiError):
    """The request contradicts the present state; `facts` give details."""

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__({"name": "Conflict", "message": message} | facts)


class AssetRevoked(ApiError):
    """The binary exists but must not be served: revoked or invalid (SRV-02)."""

    def __init__(self) -> None:
        super().__init__({"message": "The requested image is revoked or marked as invalid"})


class PayloadTooLarge(ApiError):
    """The request body is larger than allowed."""

    def __init__(self, limit: int) -> None:
        super().__init__({"message": f"The request body is larger than {limit} bytes"})


class TooCompressed(ApiError):
    """The request body is a decompression bomb: it inflates to very many times its size."""

    def __init__(self, times: int) -> None:
        super().__init__({"message": f"The request body inflates to more than {times} times its size"})


class TooManyValues(ApiError):
    """The request body holds more arrays, objects and scalars than allowed."""

    def __init__(self, limit: int) -> None:
        super().__init__({"message": f"The request body has more than {limit} values"})


class UnsupportedEncoding(ApiError):
    """The request body has an unsupported content coding."""

    def __init__(self, encoding: str) -> None:
        super().__init__({"message": f'Unsupported content encoding "{encoding[:100]}" in request.'})


class UnsupportedMediaType(ApiError):
    """The request body has an unsupported media type, and matches it."""

    def __init__(self, media_type: str, why: str) -> None:
        message = f'Unsupported media type "{media_type[:100]}" in request, and the body is not valid JSON: {why}'
        super().__init__({"message": message})


class QuotaExceeded(ImportServiceError):
    """The project's daily limit would be exceeded; nothing is stored (spec 8).

    `message`: the documented text of the 429. `retry_after`: seconds until the same request would fit.
    """

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooManyGuesses(ImportServiceError):
    """The caller's address sent too many wrong access tokens; further ones are refused for a while.

    `retry_after`: seconds, whole.
    """

    def __init__(self, seconds: float) -> None:
        self.retry_after = max(1, math.ceil(seconds))
        super().__init__(f"too many invalid access tokens, ask again in {self.retry_after} s")


class Busy(ImportServiceError):
    """Too many parallel requests for the same expensive operation; retry in a few seconds (`retry_after`)."""

    def __init__(self, *, retry_after: int = 5) -> None:
        super().__init__(f"busy, ask again in {retry_after} s")
        self.retry_after = retry_after


class Unavailable(ImportServiceError):
    """A dependency (database, storage) does not answer now."""


class UnreadableSecret(ImportServiceError):
    """A stored secret that none of the configured keys can decrypt; the message contains nothing of it."""
