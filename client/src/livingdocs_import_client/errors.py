"""Everything that this library raises: one family, `ImportClientError`, with paths where there are any."""

from collections.abc import Mapping

from livingdocs_import_client.jobs import Job
from livingdocs_import_client.problems import Problem

SHOWN = 3  # problems in the text of an error; all of them are in `problems`


class ImportClientError(Exception):
    """The base of all errors of this library.

    When an import of many batches ends with an error, `accepted` has the jobs that the service had accepted before, and
    `key` is the Idempotency-Key of the batch in hand, `offset` the place of its first item in the whole input.
    """

    accepted: tuple[Job, ...] = ()
    key: str | None = None
    offset: int | None = None


# --- The service has refused something -------------------------------------------------------------------------------


class ApiError(ImportClientError):
    """The service has answered with an error.

    `status` is that of HTTP, `problems` all that is wrong, `retry_after` the seconds after which the service would like
    to be asked again.
    """

    def __init__(
        self, status: int, title: str, problems: tuple[Problem, ...] = (), *, retry_after: float | None = None
    ) -> None:
        self.status = status
        self.title = title
        self.problems = problems
        self.retry_after = retry_after
        super().__init__(status, title, problems)

    def __str__(self) -> str:
        shown = "; ".join(map(str, self.problems[:SHOWN]))
        more = len(self.problems) - SHOWN
        rest = f"; and {more} more" if more > 0 else ""
        return f"{self.status} {self.title}: {shown}{rest}" if shown else f"{self.status} {self.title}"


class InvalidRequest(ApiError):
    """400: `problems` have the path of each value that is wrong."""


class Unauthorized(ApiError):
    """401: the token is missing, wrong, suspended or at its end."""


class Forbidden(ApiError):
    """403: the token has not the scope, or the asset was revoked."""


class NotFound(ApiError):
    """404: there is no such thing in the token's project, or no such path in this version of the API."""


class Conflict(ApiError):
    """409: another client was faster, the state does not fit, or an Idempotency-Key was used with another body."""


class VersionRetired(ApiError):
    """410: this version of the API has ended."""


class RequestTooLarge(ApiError):
    """413: more bytes or values than a request may have."""


class TooManyRequests(ApiError):
    """429: the project's quota of the day is used up, or too many wrong tokens came from this address."""


class ServiceFailed(ApiError):
    """5xx: the service or a proxy in front of it has failed."""


_CLASSES: Mapping[int, type[ApiError]] = {
    400: InvalidRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: VersionRetired,
    413: RequestTooLarge,
    429: TooManyRequests,
}


def api_error(
    status: int, title: str, problems: tuple[Problem, ...] = (), *, retry_after: float | None = None
) -> ApiError:
    """The error of the class that belongs to this status."""
    kind = ServiceFailed if status >= 500 else _CLASSES.get(status, ApiError)
    return kind(status, title, problems, retry_after=retry_after)


# --- There is no answer, or none that makes sense --------------------------------------------------------------------


class ConnectionFailed(ImportClientError):
    """No answer came. `sent` is False when the service cannot have seen the request: no connection was made."""

    def __init__(self, message: str, *, sent: bool) -> None:
        self.sent = sent
        super().__init__(message)


class UnexpectedAnswer(ImportClientError):
    """The answer does not match this API: perhaps the URL belongs to another service."""


# --- Imports ---------------------------------------------------------------------------------------------------------


class SourceFailed(ImportClientError):
    """The iterator of items has raised an error, which is the cause (`__cause__`) of this one."""


class ItemNotJSON(ImportClientError):
    """An item that cannot be sent: it is no object, or holds something that JSON has no word for."""

    def __init__(self, place: int, problem: Problem) -> None:
        self.place = place
        self.problems = (problem,)
        super().__init__(place, problem)

    def __str__(self) -> str:
        return str(self.problems[0])


class JobLost(ImportClientError):
    """The service knows no such job of this kind: it belongs to another project, or its results have been removed."""


class JobFailed(ImportClientError):
    """The job could not be done at all; it has no rows."""


class WaitTimeout(ImportClientError, TimeoutError):
    """The jobs have not ended within the time that the caller gave them. They go on."""


# --- Webhooks --------------------------------------------------------------------------------------------------------


class InvalidSignature(ImportClientError):
    """A webhook that was not signed with the secret, was changed on its way, or is too old: answer it with 401."""
