"""The error family: what can go wrong, with its facts as attributes. It knows nothing of HTTP.

`api/error_responses.py` makes answers of them, with the texts in `api/error_texts.py`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

Details = Mapping[str, Any]


class ImportServiceError(Exception):
    """The root of the family."""


# --- One item or one delivery did not work ---------------------------------------------------------------------------


class Failure(ImportServiceError):
    """One piece of work did not succeed.

    `detail` may be shown to API clients: no stack trace, no internal address, no query string of a URL.
    `errors` lists single problems with their paths, where there are several. `cause` is one of the codes of
    docs/specification/causes.md, `parameter` what that page says about it: a host, a limit, a type.
    """

    transient = False
    cause = "other"
    parameter = ""
    endpoint = ""  # `host:port` of the server that did not answer, where that is what happened

    def __init__(self, detail: str, *, errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors or []


class PermanentFailure(Failure):
    """Trying again would not help."""


class Rejected(PermanentFailure):
    """An item that cannot be stored as it came; `reason` is the documented text for it (spec 5.7)."""

    def __init__(
        self, reason: str, detail: str, *, cause: str, parameter: str = "", errors: Sequence[Details] = ()
    ) -> None:
        super().__init__(detail, errors=[{**error} for error in errors])
        self.reason, self.cause, self.parameter = reason, cause, parameter


class TransientFailure(Failure):
    """Trying again may help; `retry_after` (seconds) is what the other side asked for, if it did."""

    transient = True

    def __init__(self, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class NotConfigured(TransientFailure):
    """Something of ours has to be mended first, however long that takes: not what the other side can be blamed for."""


# --- A request is refused --------------------------------------------------------------------------------------------


class ApiError(ImportServiceError):
    """A request that cannot be served; `details` becomes the envelope's `error_details` (spec 2.4)."""

    def __init__(self, details: Details) -> None:
        super().__init__(str(details))
        self.details = dict(details)


class Invalid(ApiError):
    """The request's shape or content is wrong; details are keyed by dotted path, or hold a `message`."""


class NotJSON(Invalid):
    """The request body is no JSON text."""

    def __init__(self, why: str) -> None:
        super().__init__({"message": f"The request body is not valid JSON: {why}"})
        self.why = why


class NotFound(ApiError):
    """The named thing does not exist for this caller (strangers' ids included)."""

    def __init__(self, message: str) -> None:
        super().__init__({"name": "NotFound", "message": message})


class Conflict(ApiError):
    """The request does not fit the present state; `facts` say more about that."""

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__({"name": "Conflict", "message": message} | facts)


class AssetRevoked(ApiError):
    """The binary exists but must not be handed out: revoked or invalid (SRV-02)."""

    def __init__(self) -> None:
        super().__init__({"message": "The requested image is revoked or marked as invalid"})


class PayloadTooLarge(ApiError):
    """The request body is larger than the service takes."""

    def __init__(self, limit: int) -> None:
        super().__init__({"message": f"The request body is larger than {limit} bytes"})


class TooCompressed(ApiError):
    """The request body is that of a bomb rather than of anybody's data: it inflates to very many times its size."""

    def __init__(self, times: int) -> None:
        super().__init__({"message": f"The request body inflates to more than {times} times its size"})


class TooManyValues(ApiError):
    """The request body holds more arrays, objects and scalars than the service takes."""

    def __init__(self, limit: int) -> None:
        super().__init__({"message": f"The request body has more than {limit} values"})


class UnsupportedEncoding(ApiError):
    """The request body was sent in a content coding that the service does not take."""

    def __init__(self, encoding: str) -> None:
        super().__init__({"message": f'Unsupported content encoding "{encoding[:100]}" in request.'})


class UnsupportedMediaType(ApiError):
    """The request body is what its type says, and that is nothing that the service takes."""

    def __init__(self, media_type: str, why: str) -> None:
        message = f'Unsupported media type "{media_type[:100]}" in request, and the body is not valid JSON: {why}'
        super().__init__({"message": message})


class QuotaExceeded(ImportServiceError):
    """The project's daily limit would be exceeded; nothing is stored (spec 8).

    `retry_after`: seconds until so much of it may be free that the same request fits.
    """

    def __init__(self, *, limit: int, used: int, requested: int, retry_after: int) -> None:
        super().__init__(f"{used} of {limit} are used, {requested} more were asked for")
        self.limit, self.used, self.requested, self.retry_after = limit, used, requested, retry_after


class TooManyGuesses(ImportServiceError):
    """So many wrong access tokens came from the caller's address that no more are looked at for a while.

    `retry_after`: seconds, whole.
    """

    def __init__(self, seconds: float) -> None:
        self.retry_after = max(1, math.ceil(seconds))
        super().__init__(f"too many invalid access tokens, ask again in {self.retry_after} s")


class Busy(ImportServiceError):
    """Too many ask for the same costly thing at once; in a few seconds (`retry_after`) there is room again."""

    def __init__(self, *, retry_after: int = 5) -> None:
        super().__init__(f"busy, ask again in {retry_after} s")
        self.retry_after = retry_after


class Unavailable(ImportServiceError):
    """A part we depend on (database, storage) does not answer now."""


class UnreadableSecret(ImportServiceError):
    """A stored secret that none of the configured keys can decrypt; the message holds nothing of it."""
