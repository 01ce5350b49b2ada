"""Each page of the admin costs the same however much there is: few queries, and none reads a large table whole."""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from devtools import large_installation
from documents.housekeeping import follow_publications
from livingdocs_import.admin.pages import TOOK_TOO_LONG
from media_library.housekeeping import follow_entries
from tests.api_client import Caller, image_item
from tests.media_library.admin.test_library import make_entry
from tests.newsroom import PICTURE, PUBLISH, Newsroom, image
from tests.operators import member, operator
from tests.origin import Origin

MAX_QUERIES = 20
LARGE = 25_000  # rows: a smaller table may be read whole, that of the jobs for one


@pytest.fixture
def pages(newsroom: Newsroom, herald: Caller, origin: Origin, request: pytest.FixtureRequest) -> list[str]:
    """Addresses in an installation of two projects, and this many items, entries and references in one of them."""
    number: int = request.param
    caller = newsroom.caller
    caller.import_images(image_item(origin.url("/missing.jpg")), webhook=origin.url("/webhook"))
    caption = " ".join(f"word{number:020}" for number in range(30))  # so wide are rows of the search
    make_entry(caller, "bridge", media_id=PICTURE["mediaId"], metadata={"caption": caption})
    newsroom.fine(content=[image()], flags=PUBLISH)
    follow_publications()
    follow_entries()
    with connection.cursor() as cursor:
        for statement in large_installation.statements(number):
            cursor.execute(statement)
    return large_installation.pages(**large_installation.rows(rows))


def rows(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


@pytest.mark.postgres
@pytest.mark.timeout(900)
@pytest.mark.parametrize("pages", [300_000, pytest.param(1_000_000, marks=pytest.mark.slow)], indirect=True)
def test_no_page_reads_a_large_table(pages: list[str]) -> None:
    large = large_tables()
    assert {"imports_importitem", "media_library_mediaentry", "documents_documentreference"} <= large.keys()
    too_dear = [
        f"{who} {address}: {found}"
        for who, client, addresses in (
            ("superuser", operator(), [*pages, *large_installation.FOR_SUPERUSERS]),
            ("member", member(times="administrator"), pages),
        )
        for address in addresses
        for found in looked_at(client, address, large)
    ]
    assert not too_dear, "\n".join(too_dear)


def large_tables() -> dict[str, float]:
    """How many rows each of them has."""
    return dict(rows(f"SELECT relname, reltuples FROM pg_class WHERE relkind = 'r' AND reltuples > {LARGE}"))


def looked_at(client: Client, address: str, large: Mapping[str, float]) -> list[str]:
    """What a page costs too much of: queries, or a query that reads a large table whole."""
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        page = client.get(address)
    assert page.status_code == 200, f"{address}: {page.status_code}"
    assert TOOK_TOO_LONG not in page.content.decode(), address
    queries = [sql for sql in (query["sql"].strip() for query in asked) if is_query(sql)]
    found = [f"{len(queries)} queries"] if len(queries) > MAX_QUERIES else []
    for sql in queries:
        by_index = "@@" in sql and "ORDER BY" not in sql  # asked within read_by_index
        rows(f"SELECT set_config('enable_seqscan', '{'off' if by_index else 'on'}', true)")
        ((plans,),) = rows(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}")
        whole = [
            f"{node['Relation Name']} {node.get('Filter', '')}"
            for node in nodes(plans[0]["Plan"])
            if rows_read(node) > large.get(node.get("Relation Name", ""), inf) / 2
        ]
        found += [f"{', '.join(whole)} whole for {sql}"] if whole else []
    return found


def is_query(sql: str) -> bool:
    """Not what begins and ends a transaction, or limits its time."""
    return sql.startswith(("SELECT", "(SELECT", "WITH")) and "set_config(" not in sql


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def rows_read(node: dict[str, Any]) -> float:
    """By a scan of any kind; what a limit leaves unread does not count."""
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return float(node["Actual Loops"] * (node["Actual Rows"] + removed))
