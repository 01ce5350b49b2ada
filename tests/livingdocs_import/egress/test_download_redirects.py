"""Redirects: followed one by one, each checked, not for ever."""

from io import BytesIO
from typing import Any

import pytest

from livingdocs_import.egress.download import Fetcher
from livingdocs_import.egress.errors import AddressNotAllowed, NoAnswer, PermanentHTTPError
from livingdocs_import.egress.url import InvalidURL
from livingdocs_import.errors import PermanentFailure
from tests.origin import Canary, Origin, Reply

MB = 1024 * 1024


def fetch(fetcher: Fetcher, url: str) -> bytes:
    file = BytesIO()
    fetcher.fetch(url, file, max_bytes=MB)
    return file.getvalue()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(origin: Origin, fetcher: Fetcher, status: int) -> None:
    origin.reply("/new", Reply(b"new"))
    file = BytesIO()
    fetched = fetcher.fetch(origin.redirect("/old", "/new?x", status), file, max_bytes=MB)
    assert file.getvalue() == b"new"
    assert fetched.final_url == origin.url("/new?x")


def test_a_redirect_to_another_server_takes_nothing_along(origin: Origin, make_fetcher: Any) -> None:
    with Origin() as other:
        other.reply("/new", Reply(b"new"))
        origin.reply("/old", Reply(status=302, headers={"Location": other.url("/new"), "Set-Cookie": "a=b"}))
        assert fetch(make_fetcher(allowed=(other.address,)), origin.url("/old?token=secret")) == b"new"
        assert {"cookie", "referer", "authorization"}.isdisjoint(other.requests[0].headers)
        assert other.requests[0].headers["host"] == other.address


def test_validators_survive_a_redirect(origin: Origin, fetcher: Fetcher) -> None:
    origin.reply("/new", Reply(b"new", etag='"v1"'))
    fetched = fetcher.fetch(origin.redirect("/old", "/new"), BytesIO(), max_bytes=MB, etag='"v1"')
    assert (fetched.status, fetched.final_url) == (304, origin.url("/new"))


def test_an_unencoded_location_is_understood(origin: Origin, fetcher: Fetcher) -> None:
    origin.reply("/gr%C3%BC%C3%9Fe%20x.png", Reply(b"new"))
    assert fetch(fetcher, origin.redirect("/old", "/grüße x.png")) == b"new"


def test_a_location_in_latin_1_is_followed_somewhere_sensible(origin: Origin, fetcher: Fetcher) -> None:
    origin.reply("/gr%C3%BC", Reply(b"new"))
    origin.reply("/old", Reply(raw=b"HTTP/1.1 302 Found\r\nLocation: /gr\xfc\r\nContent-Length: 0\r\n\r\n"))
    assert fetch(fetcher, origin.url("/old")) == b"new"


def test_five_redirects_are_followed_and_six_are_not(origin: Origin, fetcher: Fetcher) -> None:
    origin.reply("/0", Reply(b"end"))
    for number in range(1, 7):
        origin.redirect(f"/{number}", f"/{number - 1}")
    assert fetch(fetcher, origin.url("/5")) == b"end"
    with pytest.raises(PermanentFailure, match="too many redirects"):
        fetch(fetcher, origin.url("/6"))
    assert len(origin.asked("/0")) == 1


def test_a_circle_ends(origin: Origin, fetcher: Fetcher) -> None:
    with pytest.raises(PermanentFailure, match="too many redirects"):
        fetch(fetcher, origin.redirect("/a", "/a"))
    assert len(origin.asked("/a")) == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{}/x",
        "http://localhost:{}/x",
        "http://[::1]:{}/x",
        "http://[::ffff:127.0.0.1]:{}/x",
        "http://2130706433:{}/x",
        "//127.0.0.1:{}/x",
        "https://127.0.0.1:{}/",
        " http://127.0.0.1:{}/",
    ],
)
@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_to_a_private_address_is_refused(
    origin: Origin, fetcher: Fetcher, canary: Canary, location: str, status: int
) -> None:
    """IMG-41"""
    origin.redirect("/a", location.format(canary.port), status)
    with pytest.raises(AddressNotAllowed):
        fetch(fetcher, origin.url("/a"))


@pytest.mark.parametrize(
    "location",
    [
        "http:\\\\127.0.0.1:{}\\x",
        "\\\\127.0.0.1:{}/x",
        "http://127.0.0.1@127.0.0.1:{}/",
        "file:///etc/passwd",
        "data:image/png;base64,iVBORw0KGgo=",
        "javascript:alert(1)",
        "ftp://127.0.0.1:{}/",
        "http://[",
    ],
)
def test_a_redirect_to_something_else_is_refused(
    origin: Origin, fetcher: Fetcher, canary: Canary, location: str
) -> None:
    """IMG-41"""
    with pytest.raises(InvalidURL):
        fetch(fetcher, origin.redirect("/a", location.format(canary.port)))
    assert len(origin.requests) == 1


def test_a_redirect_after_several_good_ones_is_checked_like_the_first(
    origin: Origin, fetcher: Fetcher, canary: Canary
) -> None:
    """IMG-41"""
    origin.redirect("/3", "/2")
    origin.redirect("/2", "/1")
    origin.redirect("/1", f"http://127.0.0.1:{canary.port}/")
    with pytest.raises(AddressNotAllowed):
        fetch(fetcher, origin.url("/3"))


@pytest.mark.parametrize("second", ["/b", "/c"])
def test_two_locations_are_refused(origin: Origin, fetcher: Fetcher, second: str) -> None:
    """IMG-41: programs follow the first or the last, so what one has checked another may not ask for."""
    head = f"HTTP/1.1 302 Found\r\nLocation: /b\r\nlocation: {second}\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(InvalidURL, match="the redirect is ambiguous"):
        fetch(fetcher, origin.reply("/a", Reply(raw=head.encode())))
    assert len(origin.requests) == 1


@pytest.mark.parametrize("name", ["bücher.test", "b%C3%BCcher.test", "xn--bcher-kva.test", "BÜCHER.test"])
def test_a_redirect_to_a_name_in_unicode_is_followed(origin: Origin, make_fetcher: Any, name: str) -> None:
    asked = []

    def resolve(host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    origin.reply("/new", Reply(b"new"))
    fetcher = make_fetcher(connector={"resolve": resolve})
    assert fetch(fetcher, origin.redirect("/a", f"http://{name}:{origin.port}/new")) == b"new"
    assert asked == ["xn--bcher-kva.test"]
    assert origin.asked("/new")[0].headers["host"] == f"xn--bcher-kva.test:{origin.port}"


def test_a_redirect_to_a_name_with_ipv6_addresses_only_is_followed(origin: Origin, make_fetcher: Any) -> None:
    with Origin("::1") as six:
        six.reply("/new", Reply(b"new"))
        fetcher = make_fetcher(allowed=(six.address,), connector={"resolve": lambda host: ["::1"]})
        assert fetch(fetcher, origin.redirect("/a", f"http://six.test:{six.port}/new")) == b"new"
        assert six.requests[0].headers["host"] == f"six.test:{six.port}"


@pytest.mark.parametrize("headers", [{}, {"Location": ""}])
def test_a_redirect_to_nowhere_is_a_refusal(origin: Origin, fetcher: Fetcher, headers: dict[str, str]) -> None:
    with pytest.raises(PermanentHTTPError, match="HTTP 302"):
        fetch(fetcher, origin.reply("/a", Reply(status=302, headers=headers)))


def test_headers_that_only_mention_an_address_are_not_followed(
    origin: Origin, fetcher: Fetcher, canary: Canary
) -> None:
    there = f"127.0.0.1:{canary.port}"
    hints = {"Content-Location": f"http://{there}/", "Alt-Svc": f'h2="{there}"', "Refresh": f"0; url=http://{there}/"}
    assert fetch(fetcher, origin.reply("/a", Reply(b"a", headers=hints))) == b"a"


def test_the_total_time_includes_redirects(origin: Origin, make_fetcher: Any) -> None:
    origin.reply("/a", Reply(status=302, headers={"Location": "/a"}, wait=0.25))
    with pytest.raises(NoAnswer):
        fetch(make_fetcher(total_seconds=0.6), origin.url("/a"))
    assert 1 <= len(origin.asked("/a")) <= 3
