"""The library in the admin is narrowed by facets, which are counted exactly up to a bound, and ordered within it."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from livingdocs_import.admin.pages import FAR_ENOUGH
from livingdocs_import.project_config import store
from media_library.housekeeping import follow_entries
from media_library.models import EntryChange, IndexedEntry, MediaEntry
from media_library.search.facets import alt_text
from tests.api_client import CONFIG, Caller
from tests.operators import operator

LIST = "/admin/media_library/mediaentry/"
ALT = {"handle": "altText", "type": "li-text"}


def make_entry(caller: Caller, title: str, **fields: Any) -> MediaEntry:
    asset = {"key": f"2026/{title}.jpeg", "mimeType": "image/jpeg"} | fields.pop("asset", {})
    defaults = {"media_type": "image", "base_type": "mediaImage", "title": title}
    entry = MediaEntry.objects.create(project=caller.project, asset=asset, asset_key=asset["key"], **defaults | fields)
    EntryChange.objects.create(entry=entry, version=1, actor="importer", operations=["create"])
    return entry


def page(query: str = "") -> str:
    return str(operator().get(LIST + query, follow=True).content.decode())


def counts(shown: str) -> dict[str, str]:
    """The number beside each choice of the facets."""
    rows = re.findall(r'<li><a href="[^"]*"[^>]*>([^<]*)</a><span class="num"[^>]*>([^<]*)</span>', shown)
    return dict(rows)


def titles(shown: str) -> list[str]:
    return re.findall(r'<span class="title">([^<]*)</span>', shown)


@pytest.fixture
def library(times: Caller) -> Caller:
    image = CONFIG["mediaTypes"][0]
    store.store(
        times.project,
        CONFIG | {"mediaTypes": [image | {"metadata": [*image["metadata"], ALT]}, *CONFIG["mediaTypes"][1:]]},
        by="test",
    )
    make_entry(times, "bridge", metadata={"altText": "A bridge"}, system_name="dpa", external_id="1")
    make_entry(times, "river", system_name="dpa", external_id="2", asset={"width": 8000, "height": 6000})
    make_entry(times, "report", media_type="file", base_type="mediaFile", asset={"size": 60_000_000}, archived=True)
    make_entry(times, "lake", system_name="keystone", external_id="2", revoked=True)
    follow_entries()
    return times


def test_each_choice_has_the_number_of_entries_that_it_leads_to(library: Caller) -> None:
    shown = page()
    assert counts(shown) == {
        "Images": "3",
        "Agency images": "0",
        "Videos": "0",
        "Files": "1",
        "Alt text missing": "2",
        "Used in publications": "0",
        "Unused": "4",
        "Active": "2",
        "Archived": "1",
        "Invalid": "0",
        "Revoked": "1",
        "dpa": "2",
        "keystone": "1",
        "Under half a megapixel": "0",
        "Over 20 megapixels": "1",
        "Over 50 MB": "1",
        "24 hours": "4",
        "7 days": "4",
        "30 days": "4",
        "More than a year ago": "0",
    }
    narrowed = page("?needs=alt&system=dpa")
    assert titles(narrowed) == ["river"]
    assert (counts(narrowed)["keystone"], counts(narrowed)["Active"], counts(narrowed)["Files"]) == ("1", "1", "0")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?size=large", ["river"]),
        ("?size=heavy", ["report"]),
        ("?needs=alt", ["lake", "river"]),
        ("?updated=old", []),
        ("?sort=title", ["bridge", "lake", "report", "river"]),
        ("?sort=pixels&type=image", ["river", "lake", "bridge"]),
        ("?sort=size", ["report", "lake", "river", "bridge"]),
        ("?type=nonsense&state=nonsense&sort=nonsense&size=%27", ["lake", "report", "river", "bridge"]),
    ],
)
def test_entries_are_narrowed_down_and_ordered(library: Caller, query: str, found: list[str]) -> None:
    assert titles(page(query)) == found


def test_the_list_shows_the_same_entries_as_the_grid(library: Caller) -> None:
    shown = page("?view=list&system=dpa")
    assert "<table" in shown
    assert re.findall(r'<a href="[^"]*/change/">([^<]*)</a><span class="sub">', shown) == ["river", "bridge"]
    assert 'href="?system=dpa"' in shown  # back to the grid
    assert "1 in dpa" in shown


def test_facets_of_a_project_are_offered_once_it_is_chosen(library: Caller, herald: Caller) -> None:
    make_entry(herald, "harbour", system_name="ap", external_id="1")
    follow_entries()
    overall = page()
    assert "All types" not in overall
    assert counts(overall)["Active"] == "3"
    within = page(f"?project__id__exact={herald.project.pk}")
    assert titles(within) == ["harbour"]
    assert counts(within)["ap"] == "1"
    assert "dpa" not in counts(within)
    assert "Alt text missing" not in counts(within)  # its images have no such property


def test_the_id_of_one_entry_leads_to_its_page_and_words_do_not(library: Caller) -> None:
    entry = MediaEntry.objects.get(title="lake")
    client = operator()
    for text in ("2026/lake.jpeg", entry.media_id):
        assert client.get(LIST, {"q": text, "sort": "", "project__id__exact": ""}).url == f"{LIST}{entry.pk}/change/"
    assert client.get(LIST, {"q": "lake"}).status_code == 200
    assert client.get(LIST, {"q": "2"}).status_code == 200  # two systems have this id


@pytest.mark.parametrize("project", ["0", "999999999", "times"])
def test_a_project_that_is_not_to_be_seen_has_no_entries(library: Caller, project: str) -> None:
    """Not all entries, which an action for "all that match" would change."""
    shown = operator().get(f"{LIST}?project__id__exact={project}")
    assert (shown.status_code, shown.context["cl"].result_count) == (200, 0)


def test_numbers_and_orders_go_no_further_than_the_bound(library: Caller) -> None:
    """The newest are ordered; the oldest, `bridge`, is not among them any more."""
    project, rows = library.project, range(FAR_ENOUGH)
    asset = {"key": "k", "mimeType": "image/jpeg"}
    fields = {"project": project, "media_type": "image", "base_type": "mediaImage", "asset": asset, "asset_key": "k"}
    MediaEntry.objects.bulk_create(
        MediaEntry(media_id=f"m{number}", title=f"copy {number}", updated_at=timezone.now(), **fields)
        for number in rows
    )
    keys = MediaEntry.objects.filter(asset_key="k").values_list("pk", flat=True)
    IndexedEntry.objects.bulk_create(
        IndexedEntry(entry_id=pk, project=project, version=1, updated_at=timezone.now(), media_type="image", lexemes="")
        for pk in keys
    )
    shown = page()
    assert "More than 5,000 entries" in shown
    assert (counts(shown)["Images"], counts(shown)["Files"]) == ("5,000+", "1")
    assert "Of the newest 5,000." in shown
    ordered = page("?sort=title")
    assert "the newest ones alone" in ordered
    assert titles(ordered)[0] == "copy 0"
    assert titles(page("?sort=title&system=dpa")) == ["bridge", "river"]


def test_a_page_costs_few_queries_however_many_entries_it_shows(library: Caller) -> None:
    client = operator()
    for number in range(40):
        make_entry(library, f"more {number}")
    follow_entries()
    for query in ("", "?q=more", "?q=more&use=unused&needs=alt&sort=title"):
        with CaptureQueriesContext(connection) as asked:
            assert "more 7" in client.get(LIST + query).content.decode()
        control = ("SAVEPOINT", "set_config(")  # of transactions and their time
        queries = [each["sql"] for each in asked if not any(word in each["sql"] for word in control)]
        assert len(queries) <= 20, query


@pytest.mark.postgres
def test_every_facet_is_answered_by_an_index(library: Caller) -> None:
    client = operator()
    with CaptureQueriesContext(connection) as asked:
        client.get(LIST)
        client.get(f"{LIST}?needs=alt&type=image&system=dpa&size=large&sort=title")
    texts = [query["sql"] for query in asked if query["sql"].startswith("SELECT") and "media_library_" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plans = []
        for text in texts:
            cursor.execute(f"EXPLAIN {text}")
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    tables = r"Seq Scan on (media_library_(mediaentry|indexedentry)|documents_documentreference)"
    assert [plan for plan in plans if re.search(tables, plan)] == []


@pytest.mark.parametrize(
    ("metadata", "text"),
    [
        ({"alt": " A bridge "}, "A bridge"),
        ({"alt-text": "A bridge"}, "A bridge"),
        ({"alternativeText": "", "altText": "A bridge"}, "A bridge"),
        ({"altText": "  "}, ""),
        ({"altText": 7, "salt": "no"}, ""),
        (None, ""),
    ],
)
def test_the_alt_text_is_found_under_its_usual_names(metadata: Any, text: str) -> None:
    assert alt_text(metadata) == text
