"""Downloading a URL: what is sent, what comes back, and how refusals read."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from livingdocs_import.egress.download import Fetched, Fetcher
from livingdocs_import.egress.errors import AddressNotAllowed, PermanentHTTPError, TransientHTTPError
from livingdocs_import.egress.url import InvalidURL
from livingdocs_import.errors import PermanentFailure
from tests.origin import Canary, Origin, Reply

JPEG = bytes(range(256)) * 1300
MB = 1024 * 1024


def test_a_download_is_written_and_described(origin: Origin, fetcher: Fetcher) -> None:
    url = origin.reply(
        "/a.jpg",
        Reply(JPEG, content_type="Image/JPEG; q=1", etag='"v1"', last_modified="Sun, 01 Mar 2026 12:00:00 GMT"),
    )
    file = BytesIO()
    assert fetcher.fetch(url, file, max_bytes=MB) == Fetched(
        status=200,
        size=len(JPEG),
        sha256=hashlib.sha256(JPEG).hexdigest(),
        etag='"v1"',
        last_modified="Sun, 01 Mar 2026 12:00:00 GMT",
        content_type="image/jpeg",
        final_url=url,
    )
    assert file.getvalue() == JPEG


def test_we_introduce_ourselves_and_bring_nothing_else(
    origin: Origin, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, canary: Canary
) -> None:
    """No proxies, no netrc, no cookies of an earlier answer."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login u password netrc-secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    url = origin.reply("/a", Reply(b"a", headers={"Set-Cookie": "id=7; Path=/"}))
    for _ in range(2):
        fetcher.fetch(url, BytesIO(), max_bytes=MB)
    assert [request.headers for request in origin.asked("/a")] == 2 * [
        {
            "host": origin.address,
            "user-agent": "livingdocs-import/0.1.0",
            "accept": "*/*",
            "accept-encoding": "identity",
        }
    ]


def test_the_version_we_introduce_ourselves_with_is_the_projects() -> None:
    project = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    assert 'version = "0.1.0"' in project


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        ("/grüße x.png?q=ü#top", "/gr%C3%BC%C3%9Fe%20x.png?q=%C3%BC"),
        ("/a/../gr%C3%BC.png?a=1&b=%20x", "/gr%C3%BC.png?a=1&b=%20x"),
        ("?x", "/?x"),
    ],
)
def test_urls_are_sent_as_browsers_send_them(origin: Origin, fetcher: Fetcher, sent: str, target: str) -> None:
    with pytest.raises(PermanentHTTPError):
        fetcher.fetch(f"http://{origin.address}{sent}", BytesIO(), max_bytes=MB)
    assert [request.target for request in origin.requests] == [target]


def test_the_host_header_carries_the_name_of_the_url(origin: Origin, make_fetcher: Any) -> None:
    fetcher = make_fetcher(connector={"resolve": lambda host: ["127.0.0.1"]})
    origin.reply("/", Reply(b"x"))
    for host in ("public.test", "wrocław.test", "public.test."):
        fetcher.fetch(f"http://{host}:{origin.port}/", BytesIO(), max_bytes=MB)
    assert [request.headers["host"] for request in origin.asked("/")] == [
        f"public.test:{origin.port}",
        f"xn--wrocaw-6db.test:{origin.port}",
        f"public.test.:{origin.port}",
    ]


# --- Conditional downloads


def test_an_unchanged_file_is_not_sent_again(origin: Origin, fetcher: Fetcher) -> None:
    url, file = origin.reply("/a", Reply(JPEG, etag='W/"v1"')), BytesIO()
    fetched = fetcher.fetch(url, file, max_bytes=MB, etag='W/"v1"')
    assert (fetched.status, fetched.size, fetched.sha256, fetched.etag) == (304, 0, "", 'W/"v1"')
    assert file.getvalue() == b""


def test_both_validators_are_sent_and_a_changed_file_comes_back(origin: Origin, fetcher: Fetcher) -> None:
    url = origin.reply("/a", Reply(JPEG, etag='"v2"'))
    fetched = fetcher.fetch(url, BytesIO(), max_bytes=MB, etag='"v1"', last_modified="Sun, 01 Mar 2026 12:00:00 GMT")
    assert (fetched.status, fetched.etag) == (200, '"v2"')
    headers = origin.requests[0].headers
    assert headers["if-none-match"] == '"v1"'
    assert headers["if-modified-since"] == "Sun, 01 Mar 2026 12:00:00 GMT"


def test_304_counts_only_when_asked_for(origin: Origin, fetcher: Fetcher) -> None:
    with pytest.raises(PermanentHTTPError, match="HTTP 304"):
        fetcher.fetch(origin.reply("/a", Reply(status=304)), BytesIO(), max_bytes=MB)


def test_a_validator_that_could_not_be_kept_is_dropped(origin: Origin, fetcher: Fetcher) -> None:
    url = origin.reply("/a", Reply(b"a", etag='"\N{SNOWMAN}"', last_modified="x" * 300))
    fetched = fetcher.fetch(url, BytesIO(), max_bytes=MB, etag='"a"\r\nX-Injected: 1')
    assert (fetched.etag, fetched.last_modified) == ("", "")
    assert {"if-none-match", "x-injected"}.isdisjoint(origin.requests[0].headers)


# --- Refusals


@pytest.mark.parametrize("status", [204, 206, 300, 305, 400, 401, 403, 404, 410, 451])
def test_a_refusal_is_final(origin: Origin, fetcher: Fetcher, status: int) -> None:
    """IMG-19"""
    url = origin.reply("/a/b.jpg", Reply(b"no", status, {"Location": "/elsewhere"}))
    with pytest.raises(PermanentFailure) as failure:
        fetcher.fetch(url + "?token=secret", BytesIO(), max_bytes=MB)
    assert failure.value.detail == f"HTTP {status} from {url}"
    assert len(origin.requests) == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_refusal_that_may_pass_says_when(origin: Origin, fetcher: Fetcher, status: int) -> None:
    url = origin.reply("/a", Reply(b"later", status, {"Retry-After": "17"}), Reply(b"later", status))
    with pytest.raises(TransientHTTPError) as failure:
        fetcher.fetch(url, BytesIO(), max_bytes=MB)
    assert (failure.value.detail, failure.value.retry_after) == (f"HTTP {status} from {url}", 17.0)
    with pytest.raises(TransientHTTPError) as failure:
        fetcher.fetch(url, BytesIO(), max_bytes=MB)
    assert failure.value.retry_after is None


def test_a_request_for_a_password_is_not_answered(origin: Origin, fetcher: Fetcher) -> None:
    url = origin.reply("/a", Reply(status=401, headers={"WWW-Authenticate": "Basic"}))
    with pytest.raises(PermanentHTTPError):
        fetcher.fetch(url, BytesIO(), max_bytes=MB)
    assert len(origin.requests) == 1


@pytest.mark.parametrize("url", ["data:image/png;base64,iVBORw0KGgo=", "file:///etc/passwd", "http://u:p@127.0.0.1/"])
def test_other_urls_are_refused(fetcher: Fetcher, url: str) -> None:
    """IMG-11"""
    with pytest.raises(InvalidURL):
        fetcher.fetch(url, BytesIO(), max_bytes=MB)


def test_private_addresses_are_refused(fetcher: Fetcher, canary: Canary) -> None:
    """IMG-41"""
    with pytest.raises(AddressNotAllowed, match="the address is not allowed"):
        fetcher.fetch(f"http://127.0.0.1:{canary.port}/", BytesIO(), max_bytes=MB)


def test_settings_become_limits(settings: Any, origin: Origin) -> None:
    settings.FETCH_ALLOWED_NETWORKS = [origin.address]
    settings.FETCH_CONNECT_SECONDS, settings.FETCH_READ_SECONDS, settings.FETCH_TOTAL_SECONDS = 1.0, 2.0, 3.0
    settings.FETCH_MAX_REDIRECTS = 4
    fetcher = Fetcher.from_settings()
    assert fetcher.fetch(origin.reply("/a", Reply(b"a")), BytesIO(), max_bytes=MB).size == 1
    assert (fetcher.client.connector.connect_seconds, fetcher.read_seconds, fetcher.total_seconds) == (1.0, 2.0, 3.0)
    assert fetcher.max_redirects == 4
    fetcher.close()
