"""What a URL points at, and how it is shown."""

import pytest

from livingdocs_import.egress.url import InvalidURL, Target, parse, redacted_url


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://example.com", Target("http", "example.com", 80, "/")),
        ("HTTPS://Example.COM:8443/A?B", Target("https", "example.com", 8443, "/A?B")),
        ("http://example.com:/x", Target("http", "example.com", 80, "/x")),
        ("http://example.com?x#y", Target("http", "example.com", 80, "/?x")),
        ("http://a.test/a/./b/../c/..", Target("http", "a.test", 80, "/a/")),
        ("http://a.test/../../x.png", Target("http", "a.test", 80, "/x.png")),
        ("http://a.test//x//y", Target("http", "a.test", 80, "//x//y")),
        ("http://a.test/grüße x.png?q=ü ö", Target("http", "a.test", 80, "/gr%C3%BC%C3%9Fe%20x.png?q=%C3%BC%20%C3%B6")),
        ("http://a.test/gr%C3%BC%20x.png", Target("http", "a.test", 80, "/gr%C3%BC%20x.png")),
        ("http://a.test/100%%20[x]|y.png", Target("http", "a.test", 80, "/100%%20[x]|y.png")),
        ('http://a.test/<"{`}>', Target("http", "a.test", 80, "/%3C%22%7B%60%7D%3E")),
        ("http://a.test/?u=http://b@c/&x=\\", Target("http", "a.test", 80, "/?u=http://b@c/&x=\\")),
        ("  http://a.test/x  ", Target("http", "a.test", 80, "/x")),
        ("http://Wrocław.test/", Target("http", "xn--wrocaw-6db.test", 80, "/")),
        ("http://bücher.example.:8080/", Target("http", "xn--bcher-kva.example.", 8080, "/")),
        ("http://my_bucket.example/", Target("http", "my_bucket.example", 80, "/")),
        ("http://b%C3%BCcher.example/", Target("http", "xn--bcher-kva.example", 80, "/")),
        ("http://my_bücher.example/", Target("http", "xn--my_bcher-95a.example", 80, "/")),
        ("http://i❤.example/", Target("http", "xn--i-7iq.example", 80, "/")),
        ("http://127.1/", Target("http", "127.0.0.1", 80, "/")),
        ("http://0x7f000001/", Target("http", "127.0.0.1", 80, "/")),
        ("http://①②⑦.0.0.1/", Target("http", "127.0.0.1", 80, "/")),
        ("http://127.0.0.1./", Target("http", "127.0.0.1", 80, "/")),
        ("http://[2606:4700::0:1111]/", Target("http", "2606:4700::1111", 80, "/")),
    ],
)
def test_a_url_is_read_as_browsers_read_it(url: str, target: Target) -> None:
    assert parse(url) == target


@pytest.mark.parametrize(
    "url",
    [
        "",
        "0",
        "//a.test/",
        "http:",
        "http://",
        "http:///a",
        "http:/a.test/",
        "http:a.test",
        "http://:80/",
        "http://?x",
        "http://..",
        "http://a..test/",
        "http://-a.test/",
        "http://a b.test/",
        "http://a,b/",
        "http://a%2eb/",
        "http://%61.test/",
        "http://b%FCcher.test/",
        "http://a%E2%84%80.test/",
        "http://a%EF%BC%8Fb.test/",
        "http://[::1",
        "http://[::1%25lo]/",
        "http://[v1.a]/",
        "http://[127.0.0.1]/",
        "http://a.test:0/",
        "http://a.test:65536/",
        "http://a.test:+80/",
        "http://a.test:8_0/",
        "http://a.test:\uff18\uff10/",
        "http://a.test:80:80/",
        "http://1.1.1.1.1/",
        "http://256.1.1.1/",
        "http://a.0x/",
        "http://xn--/",
        "http://a.test\\@b.test/",
        "http://a.test/\\b",
        "\thttp://a/",
        "http://a.test/\r\nX: y",
        "http://a.test/\x00",
        "http://\ud800.test/",
        "http://a.test/\udc80",
        "\u00a0http://a.test/",
        "http://" + "a" * 64 + ".test/",
        "http://" + "a." * 127 + "aa/",
        "http://a.test/" + "a" * 8192,
    ],
)
def test_what_is_not_a_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidURL, match="the URL is not valid") as error:
        parse(url)
    assert not error.value.transient


@pytest.mark.parametrize("url", ["data:image/png;base64,iVBORw0KGgo=", "file:///etc/passwd", "ftp://a/b", "httpx://a/"])
def test_other_schemes_are_refused(url: str) -> None:
    """IMG-11"""
    with pytest.raises(InvalidURL, match="only http and https URLs are supported"):
        parse(url)


@pytest.mark.parametrize(
    "url", ["http://u:p@a.test/", "http://@a.test/", "http://a.test:80@b.test/", "http://a%40b@c/"]
)
def test_credentials_are_refused(url: str) -> None:
    with pytest.raises(InvalidURL, match="URLs with credentials are not supported"):
        parse(url)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/b?c", "http://a.test:8080/b?c"),
        ("d", "http://a.test:8080/x/d"),
        ("../d", "http://a.test:8080/d"),
        ("?q", "http://a.test:8080/x/y?q"),
        ("//b.test/ü", "http://b.test/%C3%BC"),
        ("https://b.test", "https://b.test/"),
        ("#c", "http://a.test:8080/x/y?z"),
        ("./", "http://a.test:8080/x/"),
        ("//BÜCHER.test/", "http://xn--bcher-kva.test/"),
    ],
)
def test_a_location_is_read_against_the_url_that_sent_it(location: str, url: str) -> None:
    assert parse("http://a.test:8080/x/y?z").redirected(location).url == url


@pytest.mark.parametrize(
    "location",
    ["http:b.test/", "http:/b.test/", "http:///b.test/", "///b.test/", "////b.test/", "\thttp://b.test/", "//b\t.test/",
     "/b\r\n/c", "/b\x85", "//b.test\\@c.test/", "http://c.test@b.test/", "//c.test:80@b.test/", "/\\b.test/"],
)  # fmt: skip
def test_a_location_that_other_programs_read_differently_is_refused(location: str) -> None:
    """IMG-41"""
    with pytest.raises(InvalidURL):
        parse("http://a.test/x/y").redirected(location)


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://u:p@b.test/", "\\\\b.test/", "http://[", "data:,x"])
def test_a_location_is_held_to_the_same_rules(location: str) -> None:
    with pytest.raises(InvalidURL):
        parse("http://a.test/").redirected(location)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.test/x.jpg?signature=secret#top", "https://a.test/x.jpg"),
        ("https://user:secret@a.test/x.jpg", "https://a.test/x.jpg"),
        ("https://user:sec/ret@a.test/x.jpg", "https://a.test/x.jpg"),
        ("http://u:secret@h/x://y", "http://h/x://y"),
        ("//u:secret@h/x", "//h/x"),
        ("u:secret@h", "u:h"),
        ("ftp://u:sec\nret@h/\x1b[31m?secret", "ftp://h/\N{REPLACEMENT CHARACTER}[31m"),
        ("http://a.test/a@b", "http://a.test/a@b"),
        ("nonsense\ud800", "nonsense\N{REPLACEMENT CHARACTER}"),
        ("", ""),
    ],
)
def test_what_is_shown_of_a_url_holds_no_secret(url: str, shown: str) -> None:
    assert redacted_url(url) == shown


def test_what_is_shown_of_nonsense_is_short() -> None:
    assert len(redacted_url("x" * 100_000)) == 500
