"""Call a client's webhook: one POST, never redirected, never repeated, bounded in time.

`requests` builds the message and spells the address by RFC 3986; receivers are stricter about that than browsers. Our
own client sends it: a Session would add redirects, proxies, netrc and cookies.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import requests

from livingdocs_import.egress import evidence
from livingdocs_import.egress.client import HTTPClient
from livingdocs_import.egress.connection import Connector
from livingdocs_import.egress.errors import Incomplete, NotHTTP, NoUsableAnswer
from livingdocs_import.egress.retry_after import retry_after
from livingdocs_import.egress.url import parse

MAX_ANSWER = 1024  # characters of the answer's body that are kept
BEYOND = 1_000  # bytes read after them: a secret that begins in the kept part ends there


@dataclass(frozen=True)
class Posted:
    """The receiver's response, whatever its HTTP status.

    `milliseconds` run from the lookup of the host to the last byte read. `answer` is the first kilobyte of the body,
    with replacement characters where it is not text, and without secrets. `retry_after` (seconds) is the delay that the
    receiver asked for. `headers`: those of the response that may be kept (evidence.py), as pairs of name and value.
    """

    status: int
    milliseconds: int
    answer: str
    retry_after: float | None
    headers: Sequence[tuple[str, str]] = ()


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout: float,
    connector: Connector | None = None,
    secrets: Sequence[str] = (),
) -> Posted:
    """Post a body and return the response, whatever its status.

    `timeout` (seconds) bounds everything from the lookup to the last byte read. Without `connector` the settings decide
    which addresses may be reached. `secrets`: values of the headers that are masked where the response repeats them,
    as is the query of the URL. Raises PermanentFailure or TransientFailure when there was no response.
    """
    started = time.monotonic()
    target = parse(url)
    message = requests.Request("POST", target.url, headers=headers, data=body).prepare()
    target = replace(target, path=message.path_url)  # url.py and requests must agree on the server
    client = HTTPClient(connector or Connector.from_settings())
    limits = client.limits(read_seconds=timeout, total_seconds=timeout)
    try:
        with client.post(target, message.headers, body, limits) as response:
            beginning = response.beginning(MAX_ANSWER + BEYOND).decode(errors="replace")
    except (Incomplete, NotHTTP) as error:
        raise NoUsableAnswer from error
    milliseconds, parts = round((time.monotonic() - started) * 1000), evidence.secret_parts([target], secrets)
    return Posted(
        status=response.status,
        milliseconds=milliseconds,
        answer=_kept(beginning, parts),
        retry_after=retry_after(response.headers["Retry-After"], datetime.now(UTC)),
        headers=() if parts is None else tuple(evidence.kept_headers(response.headers, parts)),
    )


def _kept(beginning: str, parts: frozenset[str] | None) -> str:
    """What is kept of a body: nothing if the request has too many secrets to look for. PostgreSQL cannot store NUL."""
    if parts is None:
        return ""
    return evidence.without(parts, beginning.replace("\x00", "\N{REPLACEMENT CHARACTER}"), length=MAX_ANSWER)
