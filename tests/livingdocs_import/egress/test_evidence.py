"""What is kept of an origin's answer to a failed download, and that no secret of the request is in it."""

import html
import json
import re
import time
from email.message import Message
from io import BytesIO
from urllib.parse import quote, unquote

import pytest

from livingdocs_import.egress.download import Fetcher
from livingdocs_import.egress.evidence import MAX_BODY, Exchange
from livingdocs_import.egress.url import parse
from livingdocs_import.errors import Evidence, Failure
from livingdocs_import.security.masking import MASK
from tests.origin import Origin, Reply

SECRET = "hunter2/+=& <swordfish>"
QUERY = f"user=press&X-Amz-Signature={quote(SECRET, safe='')}&w=1"


def evidence(fetcher: Fetcher, url: str) -> Evidence:
    with pytest.raises(Failure) as caught:
        fetcher.fetch(url, BytesIO(), max_bytes=1024)
    assert caught.value.evidence is not None
    return caught.value.evidence


def test_status_chosen_headers_and_the_beginning_are_kept(origin: Origin, fetcher: Fetcher) -> None:
    headers = {"Server": "archive/1", "Set-Cookie": "session=abc", "X-Deny-Reason": "ip-not-listed"}
    page = b"<title>Denied</title>\r\n" + b"x" * 5000
    url = origin.reply("/a.jpg", Reply(page, 403, headers, content_type="text/html"))
    kept = evidence(fetcher, f"{url}?{QUERY}")
    assert kept.request == f"GET {url}"
    assert kept.status == 403
    assert dict(kept.headers).items() >= {"X-Deny-Reason": "ip-not-listed", "Content-Type": "text/html"}.items()
    assert "Set-Cookie" not in dict(kept.headers)
    assert kept.body == ("<title>Denied</title>\n" + "x" * 5000)[:MAX_BODY]


def test_connections_are_used_again_after_an_answer_of_which_something_was_kept(
    origin: Origin, fetcher: Fetcher
) -> None:
    url = origin.reply("/a.jpg", Reply(b"gone" * 5000, 404))
    for _ in range(3):
        evidence(fetcher, url)
    assert origin.connections == 1


def test_the_request_is_kept_where_no_answer_came(origin: Origin, fetcher: Fetcher) -> None:
    url = origin.reply("/a.jpg", Reply(raw=b""))
    assert evidence(fetcher, f"{url}?{QUERY}") == Evidence(f"GET {url}")


def test_the_last_of_several_servers_is_kept_and_the_secrets_of_all_are_removed(
    origin: Origin, fetcher: Fetcher
) -> None:
    origin.reply("/second", Reply(f"you came from ?{QUERY} to token=otherSecret".encode(), 403))
    url = origin.redirect("/first", "/second?token=otherSecret")
    kept = evidence(fetcher, f"{url}?{QUERY}")
    assert kept.request == f"GET {origin.url('/second')}"
    assert kept.body == f"you came from ?user={MASK}&X-Amz-Signature={MASK}&{MASK} to token={MASK}"


@pytest.mark.parametrize(
    "spelling",
    [
        QUERY,
        unquote(QUERY),
        SECRET,
        quote(SECRET),
        quote(SECRET, safe="").lower(),
        html.escape(SECRET),
        html.escape(QUERY),
        json.dumps(SECRET),
        SECRET.upper(),
        QUERY[:40],
        SECRET[:12],
    ],
)
@pytest.mark.parametrize("before", ["", "x" * (MAX_BODY - 5)])
def test_an_echo_of_the_query_is_removed_however_it_is_spelled_or_cut(spelling: str, before: str) -> None:
    exchange = Exchange()
    exchange.begin(parse(f"https://a.example/a.jpg?{QUERY}"))
    exchange.answered(403, _headers(WWW_Authenticate=f'x="{spelling}"', Location=f"/login?from={spelling}"))
    kept = exchange.evidence(f"{before} {spelling} ".encode())
    assert kept is not None
    said = f"{kept.headers} {kept.body}".lower()
    for secret in ("hunter2", "swordfish", "press"):
        assert secret not in said


SIGNATURE = "aB+Cd/eF=Gh+Ij/kL"


def lower_escapes(text: str) -> str:
    return re.sub("%..", lambda escape: escape[0].lower(), quote(text, safe=""))


def in_json(text: str) -> str:
    return "".join(sign if sign.isalnum() else f"\\u{ord(sign):04X}" for sign in text)


def in_html(text: str) -> str:
    return "".join(sign if sign.isalnum() else f"&#{ord(sign)};" for sign in text)


@pytest.mark.parametrize(
    "spelling",
    [
        lower_escapes(SIGNATURE),
        in_json(SIGNATURE),
        in_html(SIGNATURE),
        SIGNATURE.replace("/", "\\/"),
        html.escape(in_html(SIGNATURE)),
        in_json(lower_escapes(SIGNATURE)),
        quote(quote(SIGNATURE, safe=""), safe=""),
        in_html(SIGNATURE)[5:],
    ],
)
@pytest.mark.parametrize("before", ["", "x" * (MAX_BODY - 12)])
def test_a_signature_is_removed_whatever_escapes_it_is_repeated_with(spelling: str, before: str) -> None:
    exchange = Exchange()
    exchange.begin(parse(f"https://a.example/a.jpg?sig={quote(SIGNATURE, safe='')}"))
    exchange.answered(403, _headers(Server=spelling))
    kept = exchange.evidence(f"{before}&{spelling}; SignatureDoesNotMatch".encode())
    assert kept is not None
    assert before or "SignatureDoesNotMatch" in kept.body
    for text in (kept.body, dict(kept.headers)["Server"]):
        plain = unquote(
            unquote(html.unescape(html.unescape(re.sub(r"\\u(....)", r"&#x\1;", text.replace("\\/", "/")))))
        )
        assert not [part for part in ("aB+", "Cd/", "eF=", "Gh+", "/kL") if part in plain], plain


def test_letters_beyond_ascii_are_found_in_each_spelling() -> None:
    exchange = Exchange()
    exchange.begin(parse(f"https://a.example/a.jpg?sig={quote('schlüssel😀')}"))
    exchange.answered(403, _headers())
    kept = exchange.evidence("schl\\u00fcssel\\ud83d\\ude00, schl&uuml;ssel&#128512; schlüssel😀".encode())
    assert kept is not None
    assert kept.body == f"{MASK}, {MASK} {MASK}"


def test_the_evidence_of_a_redirect_has_no_credentials() -> None:
    exchange = Exchange()
    exchange.begin(parse("https://a.example/a.jpg"))
    exchange.answered(302, _headers(Location="https://user:pass@b.example/login?token=1"))
    kept = exchange.evidence(b"")
    assert kept is not None
    assert dict(kept.headers)["Location"] == "https://b.example/login"


@pytest.mark.parametrize("body", ["a" * 30_000, "%25" * 10_000, "&amp;" * 6_000, "\\" * 30_000])
def test_evidence_takes_a_bounded_time(body: str) -> None:
    exchange = Exchange()
    exchange.begin(parse("https://a.example/a.jpg?" + "&".join(f"s{n}={'a%2B' * 17}" for n in range(99))))
    exchange.answered(403, _headers())
    began = time.process_time()
    exchange.evidence(body.encode())
    assert time.process_time() - began < 1


def _headers(**fields: str) -> Message:
    message = Message()
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    return message


def test_what_is_no_text_is_reported_by_its_first_bytes() -> None:
    exchange = Exchange()
    exchange.begin(parse("https://a.example/a.jpg?token=abcdefgh"))
    exchange.answered(200, _headers())
    kept = exchange.evidence("token=abcdefgh".encode("utf-16"))
    assert kept is not None
    assert kept.body == "(no text; it begins with ff fe 74 00)"


def test_of_an_answer_to_a_query_with_very_many_parts_only_the_status_is_kept() -> None:
    exchange = Exchange()
    exchange.begin(parse("https://a.example/a.jpg?" + "&".join(f"a{n}=secret{n}" for n in range(101))))
    exchange.answered(403, _headers(Server="secret5"))
    assert exchange.evidence(b"secret7") == Evidence("GET https://a.example/a.jpg", 403)
