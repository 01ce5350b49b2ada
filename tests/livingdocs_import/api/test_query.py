"""Query parameters as the official SDK and others spell them."""

from urllib.parse import quote

import pytest
from django.http import QueryDict

from livingdocs_import import errors
from livingdocs_import.api.query import read_query
from tests.api_client import Caller, document_item
from tests.newsroom import PUBLISH, Newsroom

NAMES = ("ids", "other", "limit")


def read(text: str) -> dict[str, str]:
    return read_query(QueryDict(text).lists(), text, names=NAMES, lists=("ids", "other"))


@pytest.mark.parametrize(
    "text",
    ["ids=a,b", "ids[0]=a&ids[1]=b", "ids%5B0%5D=a&ids%5B1%5D=b", "ids[1]=b&ids[0]=a", "ids[]=a&ids[]=b",
     "ids[2]=a&ids[10]=b", "ids[0]=a,b", "ids[7]=a&ids[]=b"],
)  # fmt: skip
def test_a_list_may_come_element_by_element(text: str) -> None:
    """SDK-01"""
    assert read(text) == {"ids": "a,b"}


def test_several_lists_do_not_mix() -> None:
    assert read("ids[0]=a&other[0]=x&ids[1]=b&other[1]=y&limit=1") == {"ids": "a,b", "other": "x,y", "limit": "1"}


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("ids=a&ids[0]=b", {"ids[0]": "must NOT be combined with ids"}),
        ("ids=a&ids=b", {"ids": "must be given once"}),
        ("ids[0]=a&ids[0]=b", {"ids[0]": "must be given once"}),
        ("ids[0]=a&ids[00]=b", {"ids[0]": "must be given once", "ids[00]": "must be given once"}),
        ("limit[0]=1", {"limit[0]": "Additional properties not allowed"}),
        ("ids[x]=1", {"ids[x]": "Additional properties not allowed"}),
        ("ids[0][a]=1", {"ids[0][a]": "Additional properties not allowed"}),
        ("ids[99999]=1", {"ids[99999]": "Additional properties not allowed"}),
        ("ids[0]=%00", {"ids[0]": "must NOT contain U+0000 or invalid UTF-8"}),
        ("ids[]=a&ids[]=%ff", {"ids[]": "must NOT contain U+0000 or invalid UTF-8"}),
    ],
)
def test_what_has_no_order_or_no_meaning_is_refused_by_its_name(text: str, problems: dict[str, str]) -> None:
    with pytest.raises(errors.Invalid) as refused:
        read(text)
    assert refused.value.details == problems


def entry(media_id: str) -> dict[str, object]:
    asset = {"key": f"{media_id}.jpg", "url": "https://cdn.example/a.jpg", "size": 1, "width": 1, "height": 1}
    asset |= {"filename": "a.jpg", "mimeType": "image/jpeg"}
    identity = {"id": media_id, "systemName": "dam", "externalId": f"ext-{media_id}"}
    return identity | {"mediaType": "image", "asset": asset, "metadata": {"title": "A"}}


def test_entries_are_listed_as_the_official_sdk_asks(times: Caller) -> None:
    """SDK-01"""
    times.post("import/mediaLibrary", {"mediaLibraryEntries": [entry("a"), entry("b")]})
    for one, other in (
        ("ids=b,a", "ids[0]=b&ids[1]=a"),
        ("systemName=dam&externalIds=ext-b,ext-a", "systemName=dam&externalIds[0]=ext-b&externalIds[1]=ext-a"),
    ):
        with_commas = times.get(f"mediaLibrary?{one}")
        assert [row["id"] for row in with_commas.json()["mediaLibraryEntries"]] == ["b", "a"]
        assert times.get(f"mediaLibrary?{quote(other, safe='=&')}").content == with_commas.content
    many = "&".join(f"ids[{number}]=x" if number else "ids[0]=a" for number in range(101))
    assert times.get(f"mediaLibrary?{many}").status_code == 200, "the same one a hundred times"
    assert times.get("mediaLibrary?" + "&".join(f"ids[{n}]=x{n}" for n in range(101))).status_code == 400


def test_so_are_publications_and_statuses(newsroom: Newsroom) -> None:
    """SDK-01: wherever lists with commas are taken."""
    a, b = (row["document_id"] for row in newsroom.bring(document_item(flags=PUBLISH), document_item(flags=PUBLISH)))
    for one, other in (
        (f"id={a},{b}", f"id[0]={a}&id[1]={b}"),
        ("contentTypes=article,page", "contentTypes[]=article&contentTypes[]=page"),
        ("documentTypes=page", "documentTypes[0]=page"),
        ("fields=systemdata,metadata", "fields[0]=systemdata&fields[1]=metadata"),
    ):
        expected = newsroom.read(f"documents/latestPublications?{one}")
        assert newsroom.read(f"documents/latestPublications?{other}") == expected
    events = newsroom.read("publicationEvents?contentTypes=article,page")
    assert newsroom.read("publicationEvents?contentTypes[0]=article&contentTypes[1]=page") == events != []
    fields = "fields[0]=systemdata&fields[1]=metadata"
    assert set(newsroom.read(f"documents/{a}/latestPublication?{fields}")) == {"systemdata", "metadata"}
    job = newsroom.caller.import_documents(document_item())
    status = newsroom.caller.status(job, "documents", extra="&expand[0]=progress&expand[1]=items")
    assert {"progress", "logs"} <= set(status)
