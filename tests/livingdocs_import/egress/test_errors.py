"""The errors for clients when a request to their servers fails, and whether it is retried."""

import pytest

from livingdocs_import.egress.errors import (
    AddressNotAllowed,
    CertificateNotAccepted,
    Incomplete,
    LargerThanAllowed,
    LongerThanAnnounced,
    NoAnswer,
    NoConnection,
    NotHTTP,
    NoUsableAnswer,
    TooManyRedirects,
    Undecodable,
)
from livingdocs_import.errors import Failure


@pytest.mark.parametrize(
    ("failure", "detail", "transient"),
    [
        (AddressNotAllowed(), "the address is not allowed", False),
        (CertificateNotAccepted(), "the certificate of the server was not accepted", False),
        (NoConnection(), "could not connect", True),
        (NoAnswer(), "the server did not answer in time", True),
        (NotHTTP(), "the server did not answer in HTTP", False),
        (Incomplete(), "the download was incomplete", True),
        (LongerThanAnnounced(), "the download was longer than announced", False),
        (Undecodable(), "the content encoding of the answer could not be read", False),
        (LargerThanAllowed(5 * 1024 * 1024), "larger than 5 MB", False),
        (LargerThanAllowed(1000), "larger than 1000 bytes", False),
        (NoUsableAnswer(), "the server gave no usable answer", True),
        (TooManyRedirects(), "too many redirects", False),
    ],
)
def test_a_failure_says_what_happened(failure: Failure, detail: str, transient: bool) -> None:
    assert (failure.detail, failure.transient) == (detail, transient)
