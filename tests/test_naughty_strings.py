"""Strings that are known to be trouble come back exactly as they were sent, or are refused with a 400: never changed.

GOAL-11. Names are compared code point by code point: no case, no normal form, no trimming.
"""

import json
from typing import Any
from urllib.parse import quote

import pytest

from imports.models import ImportJob
from media_library.models import MediaEntry
from tests import images
from tests.api_client import Caller, document_item, image_item
from tests.endpoints import ENDPOINTS
from tests.media_library.entries.test_create import JPEG, asset, create, image
from tests.newsroom import Newsroom
from tests.origin import Origin, Reply

CONTROLS = "".join(map(chr, [*range(1, 32), 127, *range(128, 160)]))
STRINGS = [
    # words of languages and formats
    "null", "NULL", "None", "undefined", "true", "NaN", "Infinity", "__proto__", "constructor", "hasOwnProperty",
    "[object Object]", "{}", "[]", '{"a": 1}', '"', "\\", "\\\\", "\\u0000", "\\x00", "%00",
    # numbers as text
    "0", "-0", "007", "1.0", "1e400", "0x1F", "1_000", "9" * 100, "٣", "½", "Ⅷ",
    # what other programs would carry out
    "' OR '1'='1", '"; DROP TABLE media_entry; --', "<script>alert(1)</script>", "<b>&lt;&amp;</b>", "]]>", "<!--",
    "$(reboot)", "`reboot`", "; reboot", "| reboot", "%s%n%d", "{0}", "{{7*7}}", "${jndi:ldap://x}", "<%= 1 %>", "=1+1",
    "../../etc/passwd", "C:\\CON", "file:///etc/passwd", "\\\\host\\share", "~root", "-rf", "*", "?", "a\tb", "@",
    # what is taken apart in URLs, queries and lists
    "a,b", ",", "a;b", "a&b=c", "#", "a/b", "a?b", "a+b", "a b", "%20", "%2F", "%zz", "%C3%BC", "%ED%A0%80", "http://[::1",
    # spaces and controls
    " before", "after ", "a\nb", "a\r\nb", "\ttab", "a\u00a0b", "a\u3000b", "a\u2028b\u2029c", "a\u0085b", CONTROLS,
    "\x1b[31mred\x1b[0m", "a\u200bb", "a\u2060b", "\ufeffmark", "so\u00adft",
    # directions, combinations, beyond the first plane
    "\u202eevil\u202c", "\u2066isolated", "עברית abc العربية", "Z" + "\u0300\u0316\u0489" * 40, "क्षि", "ﷺ", "田中さん",
    "👩\u200d👩\u200d👧\u200d👦", "🏳\ufe0f\u200d🌈", "👍🏿", "🇨🇭",
    "\U0001d54f", "\U0002f80f", "\U000e0041", "\U0010ffff", "\ufdd0", "\ufffe", "\uffff",
    # two spellings of what looks the same: each is a string of its own
    "\u00e9", "e\u0301", "\u212b", "\u00c5", "A\u030a", "\ufb01", "fi", "\u1e9b\u0323", "K", "\u212a", "ﬃ",
    "I", "i", "İ", "\u0131", "i\u0307", "ß", "ẞ", "ss", "SS", "\u03c3", "\u03c2", "\u03a3", "\uff41", "\u0430", "a",
    # long
    "x" * 400, "😀" * 400, "e\u0301" * 200,
]  # fmt: skip
# As escapes, for UTF-8 has no lone surrogates.
REFUSED = ["\\u0000", "a\\u0000b", "\\ud800", "a\\udfff", "\\ude00\\ud83d", "\\ud83dx"]


def by_external_id(caller: Caller, external_id: str) -> list[dict[str, Any]]:
    answer = caller.get(f"mediaLibrary?systemName=archive&externalId={quote(external_id, safe='')}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["mediaLibraryEntries"]
    return found


def entries(caller: Caller, *sent: dict[str, Any]) -> list[dict[str, Any]]:
    """Create entries that must all be fine; each as it is read afterwards."""
    elements = create(caller, *sent)
    assert [element for element in elements if not element["ok"]] == []
    read = [caller.get(f"mediaLibrary/{element['id']}").json() for element in elements]
    assert read == [element["record"] for element in elements]
    return read


def test_the_strings_are_all_different() -> None:
    assert len(set(STRINGS)) == len(STRINGS)


def test_an_external_id_comes_back_and_finds_its_entry_and_no_other(times: Caller) -> None:
    """MLI-01, MLL-02"""
    read = entries(times, *(image(systemName="archive", externalId=text) for text in STRINGS))
    assert [entry["externalId"] for entry in read] == STRINGS
    for text, entry in zip(STRINGS, read, strict=True):
        assert by_external_id(times, text) == [entry], ascii(text)


def test_a_system_name_comes_back_and_finds_its_entry_and_no_other(times: Caller) -> None:
    """MLL-02"""
    names = [text for text in STRINGS if len(text) <= 200]
    for name, entry in zip(names, entries(times, *(image(systemName=n, externalId="a") for n in names)), strict=True):
        assert entry["systemName"] == name
        answer = times.get(f"mediaLibrary?externalId=a&systemName={quote(name, safe='')}")
        assert answer.json()["mediaLibraryEntries"] == [entry], ascii(name)


def test_several_external_ids_are_separated_by_commas(times: Caller) -> None:
    texts = [text for text in STRINGS if "," not in text and text.strip() == text][:100]
    read = entries(times, *(image(systemName="archive", externalId=text) for text in texts))
    for start in range(0, len(texts), 50):
        names = ",".join(quote(text, safe="") for text in texts[start : start + 50])
        answer = times.get(f"mediaLibrary?systemName=archive&externalIds={names}")
        assert answer.json()["mediaLibraryEntries"] == read[start : start + 50]


def test_metadata_of_an_entry_come_back(times: Caller) -> None:
    """MLI-03, MLI-24"""
    texts = [*STRINGS, "", " ", "ü" * 100_000]
    read = entries(
        times,
        *(
            image(
                metadata={"title": text, "caption": text}, translations=[{"locale": "fr", "metadata": {"title": text}}]
            )
            for text in texts
        ),
    )
    for text, entry in zip(texts, read, strict=True):
        assert entry["metadata"] == {"title": text, "caption": text}
        assert entry["translations"] == [{"locale": "fr", "metadata": {"title": text}}]


def test_the_url_of_an_asset_comes_back(times: Caller) -> None:
    """In a query as it is, without control characters; anywhere else percent-encoded."""
    encoded = [f"https://example.com/{quote(text, safe='')}/a.jpeg?q={quote(text)}" for text in STRINGS]
    raw = [f"https://example.com/a.jpeg?q={text}" for text in STRINGS if text.isprintable() and text.strip() == text]
    urls = [url for url in (*encoded, *raw) if len(url) <= 8192]
    read = entries(times, *(image(asset=asset("2022/08/25/a.jpeg", **JPEG) | {"url": url}) for url in urls))
    assert [entry["asset"]["url"] for entry in read] == urls


def test_a_patched_property_comes_back(times: Caller) -> None:
    """PAT-02"""
    create(times, image(id="it"))
    for text in STRINGS:
        patch = {"operation": "setMetadataProperty", "propertyName": "title", "value": text}
        assert times.patch("mediaLibrary/it", {"patches": [patch]}).status_code == 200, ascii(text)
        assert times.get("mediaLibrary/it").json()["metadata"] == {"title": text}


def test_a_property_name_is_never_more_than_a_name(times: Caller) -> None:
    """PAT-05"""
    create(times, image(id="it"))
    for text in STRINGS:
        patch = {"operation": "setMetadataProperty", "propertyName": text, "value": "x"}
        assert times.patch("mediaLibrary/it", {"patches": [patch]}).status_code == 400, ascii(text)
    assert MediaEntry.objects.get().version == 1


def test_an_imported_image_keeps_id_name_and_metadata(times: Caller, origin: Origin, run_workers: Any) -> None:
    """IMG-01, IMG-02: in the status and in the entry; and its server was asked for exactly this URL."""
    url = origin.reply("/a", Reply(images.png(images.picture(2, 1))))
    items = [
        image_item(f"{url}?q={quote(text, safe='')}", id=text, fileName=text, metadata={"caption": text})
        for text in STRINGS
    ]
    job = times.import_images(*items)
    run_workers()
    rows = times.status(job)["images"]
    assert [row["status"] for row in rows] == ["success"] * len(STRINGS)
    for text, row in zip(STRINGS, rows, strict=True):
        assert (row["externalId"], row["title"]) == (text, text)
        (entry,) = by_external_id(times, text)
        assert entry["id"] == row["image"]["mediaId"]
        assert entry["metadata"] == {"title": text, "caption": text}
        assert times.client.get(row["image"]["url"]).status_code == 200, "whatever its name is made of"
    asked = {request.target for request in origin.requests}
    assert asked == {f"/a?q={quote(text, safe='')}" for text in STRINGS}


def test_an_imported_document_keeps_id_title_checksum_and_metadata(newsroom: Newsroom) -> None:
    """DOC-01, DST-01: a title is trimmed, as documented."""
    texts = [text for text in STRINGS if text.strip() == text]
    items = [document_item(id=t, title=t, checksum=t, metadata={"title": t, "description": t}) for t in texts]
    for text, row in zip(texts, newsroom.bring(*items), strict=True):
        assert (row["external_id"], row["checksum"]) == (text, text), ascii(text)
        assert newsroom.draft(row["document_id"])["metadata"] == {"title": text, "description": text}


@pytest.mark.parametrize("text", REFUSED)
def test_what_no_database_could_store_is_refused_wherever_it_stands(times: Caller, text: str) -> None:
    """GEN-06, JOB-25"""
    place = "\u2603"  # stands for the string until the body is written
    bodies = {
        "import/images": [
            {"systemName": place, "images": []},
            *({"systemName": "a", "images": [image_item("https://a.example/") | part]}
              for part in ({"id": place}, {"fileName": place}, {"url": f"https://a.example/{place}"},
                           {"metadata": {"title": place}}, {"metadata": {place: 1}}, {"mediaType": place})),
            {"systemName": "a", "images": [], "context": {place: {"a": [place]}}},
            {"systemName": "a", "images": [], "webhook": f"https://a.example/{place}"},
        ],
        "import/documents": [
            {"systemName": "a", "documents": [document_item() | part]}
            for part in ({"id": place}, {"title": place}, {"checksum": place}, {"metadata": {"title": place}},
                         {"content": [{"component": place}]}, {"translations": [{"locale": place}]})
        ],
        "import/mediaLibrary": [
            {"mediaLibraryEntries": [image(**part)]}
            for part in ({"id": place}, {"systemName": "a", "externalId": place}, {"metadata": {"title": place}},
                         {"asset": asset(f"2022/{place}", **JPEG)})
        ],
    }  # fmt: skip
    for path, several in bodies.items():
        for body in several:
            sent = json.dumps(body, ensure_ascii=False).replace(place, text).encode()
            answer = times.post(path, sent)
            assert (answer.status_code, answer.json()["error"]) == (400, "Bad Request"), sent
    assert not ImportJob.objects.exists()
    assert not MediaEntry.objects.exists()


@pytest.mark.parametrize(
    "endpoint",
    [e for e in ENDPOINTS if "GET" in e.methods and e.path != "openapi.yaml"],
    ids=lambda endpoint: str(endpoint.path),
)
def test_any_string_may_be_asked_for(times: Caller, endpoint: Any) -> None:
    """As an id in the path and as a parameter: found, not found or refused, in JSON."""
    caller = times.with_scopes("public-api:read", "public-api:write", "public-api:drafts:read")
    name = endpoint.query.partition("=")[0] or "limit"
    for text in [*STRINGS, "", "\0"]:
        value = quote(text, safe="")
        for url in (endpoint.url(value), endpoint.url().partition("?")[0] + f"?{name}={value}"):
            answer = caller.get(url)
            assert answer.status_code in {200, 400, 404}, (url, answer.content)
            assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
            json.loads(answer.content)
