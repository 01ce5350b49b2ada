"""Searching what is published: how long answers take, by how many publications match and what they are sorted by."""

import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from benchmarks import entry_search
from benchmarks.client import load
from benchmarks.corpus import ROOT
from benchmarks.multiplying import Prepared, multiplied, prepare
from benchmarks.options import Options
from benchmarks.system import System, system

VERSION, GOAL = "2026-07", 200.0  # milliseconds, up to 10,000 matches
REQUESTS = 20  # of each kind in a run
WORDS_EACH = 250  # of one publication
VOCABULARY = 50_000  # words; the n-th comes n times more rarely than the first
MARKS = (10, 1_000, 10_000)  # a word of its own for so many publications, spread over all
DOCUMENT = (
    "id, project_id, title, content_type, document_type, version, current_revision_id, live_publication_id, "
    "first_publication_date, last_publication_date, created_at, updated_at"
)
REVISION = (
    "id, document_id, version, title, content, metadata, translations, design_name, design_version, source, author, "
    "job, created_at"
)
PUBLICATION = "id, document_id, revision_id, published_at"
INDEXED = ("rating", "price")  # integers


def run(options: Options) -> Iterator[str]:
    """Lines for people."""
    with system() as service:
        if options.publications:
            yield from prepare(service, options.publications, PUBLICATIONS)
            yield from table(service, options.publications, options)
        if options.entries:
            yield from entry_search.run(service, options)


def table(service: System, number: int, options: Options) -> Iterator[str]:
    """Each kind of search over HTTP, one at a time."""
    yield "| search | total | p50 ms | p99 ms | goal |"
    yield "|---|--:|--:|--:|---|"
    with service.running("web"):
        for name, query, is_promised in searches(number):
            path = f"/api/{VERSION}/publications/search?{urlencode(query)}"
            total = json.loads(service.client.call("GET", path))["total"]
            load([service.client], [path] * REQUESTS)
            taken = load([service.client], [path] * REQUESTS * options.runs)
            verdict = ("met" if taken.p99 <= GOAL else "MISSED") if is_promised else ""
            yield f"| {name} | {total:,} | {taken.median:.0f} | {taken.p99:.0f} | {verdict} |"


def searches(number: int) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """What each is called, its parameters, and whether it is within what is promised."""
    marked = [mark for mark in MARKS if mark < number]
    most = f"mark{marked[-1]}x"
    cheap = {"key": "metadata.price", "range": {"lt": marked[-1] * 100}}
    yield "the newest ten", {}, True
    yield "the newest 100, ids", {"fields": "id", "limit": 100}, True
    yield "the 10,000th on", {"fields": "id", "offset": 10_000}, True
    for mark in marked:
        yield f"a word of {mark:,}", {"search": f"mark{mark}x"}, True
    yield "the same, by relevance", {"search": most, "sort": "-relevance"}, True
    yield "the same, by metadata", {"search": most, "sort": "-metadata.price"}, True
    yield "the same and a filter", {"search": most, "filters": json.dumps({"key": "metadata.rating", "term": 3})}, True
    yield "a beginning", {"search": f"mark{marked[0]}", "fields": "id"}, True
    yield "a phrase", {"search": f'"{most} w0"'}, True
    yield "a range", {"filters": json.dumps(cheap)}, True
    yield "no such word", {"search": "nowhere"}, True
    yield "beyond: a frequent word", {"search": "half"}, False
    yield "beyond: a frequent filter", {"filters": json.dumps({"key": "metadata.rating", "term": [3, 4]})}, False
    yield "beyond: a frequent word by relevance", {"search": "half", "sort": "-relevance"}, False
    yield "beyond: all by another date", {"sort": "-visiblePublicationDate"}, False
    yield "beyond: all by metadata", {"sort": "-metadata.price"}, False
    either = {"or": [{"key": "metadata.rating", "term": 3}, {"key": "metadata.price", "range": {"lt": number * 50}}]}
    yield "beyond: one of two, nearly all", {"filters": json.dumps(either)}, False


# --- What is searched ------------------------------------------------------------------------------------------------

# The n-th copy of a row has what it would have been given under its own number. Marks and ratings are the same: they
# come round within a tenth.
_MOMENT = "to_timestamp(1600000000 + 60 * ({id}::bigint * 7919 % 10000019))"
_ID = {"id": "{id}"}
_DATES = dict.fromkeys(("first_publication_date", "last_publication_date"), _MOMENT)
COPIED = (
    multiplied(
        "documents_document",
        _ID | _DATES | dict.fromkeys(("current_revision_id", "live_publication_id"), "{id}")
        | dict.fromkeys(("created_at", "updated_at"), _MOMENT),
    ),
    multiplied("documents_revision", _ID | {"document_id": "{id}", "created_at": _MOMENT}),
    multiplied("documents_publication", _ID | {"document_id": "{id}", "revision_id": "{id}", "published_at": _MOMENT}),
    multiplied(
        "documents_indexedpublication",
        _DATES | {"document_id": "{id}", "sort_date": _MOMENT, "visible_publication_date": _MOMENT},
        key="document_id",
        rebuilt="documents_indexedpublication_lexemes",
    ),
    multiplied(
        "documents_indexedvalue",
        {
            "document_id": "{id}",
            "number": "CASE key WHEN 'metadata.price' THEN {id}::bigint * 7919 % {number} * 100 ELSE number END",
        },
        key="document_id",
        without=("id",),
    ),
)  # fmt: skip


def fill(service: System, tenth: int, number: int) -> None:
    """A tenth of the published articles, written as an import would have left them."""
    with psycopg.connect(service.database.url) as connection, connection.cursor() as cursor:
        (project_id,) = cursor.execute("SELECT id FROM livingdocs_import_project").fetchone() or (0,)
        configure(service)
        for table_name, columns, rows in (
            ("document", DOCUMENT, documents(project_id, tenth)),
            ("revision", REVISION, revisions(tenth, number)),
            ("publication", PUBLICATION, publications(tenth)),
        ):
            with cursor.copy(f"COPY documents_{table_name} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


def configure(service: System) -> None:
    """The demo's configuration, with metadata that are indexed."""
    config = json.loads((ROOT / "livingdocs_import" / "demo_config.json").read_text())
    (article,) = (each for each in config["contentTypes"] if each["handle"] == "article")
    article["metadata"] += [{"handle": name, "type": "li-integer", "config": {"index": True}} for name in INDEXED]
    path = Path(service.data, "searched.json")
    path.write_text(json.dumps(config))
    service.manage("load_project_config", "bench", str(path))


def documents(project_id: int, tenth: int) -> Iterator[Sequence[Any]]:
    for index in range(1, tenth + 1):
        moment = published(index)
        yield index, project_id, f"t{index}", "article", "article", 1, index, index, moment, moment, moment, moment


def published(index: int) -> str:
    """Of each document: a minute after another, in no order of their numbers."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_600_000_000 + 60 * (index * 7919 % 10_000_019)))


def revisions(tenth: int, number: int) -> Iterator[Sequence[Any]]:
    """`number`: of all, for each mark is in as many of them as it says."""
    seeded = random.Random(1)
    words = [f"w{rank}" for rank in range(VOCABULARY)]
    chances = [0.0]
    for rank in range(VOCABULARY):
        chances.append(chances[-1] + 1 / (rank + 1))
    for index in range(1, tenth + 1):
        chosen = seeded.choices(words, cum_weights=chances[1:], k=WORDS_EACH)
        marks = [f"mark{mark}x w0" for mark in MARKS if mark < number and index % (number // mark) == 0]
        half = ["half"] if index % 2 else []
        content = [{"id": f"doc-{index}", "component": "paragraph", "identifier": "bench.paragraph",
                    "content": {"text": " ".join([*half, *marks, *chosen])}}]  # fmt: skip
        metadata = {"title": f"Article {index}", "rating": index % 5 + 1, "price": index * 7919 % number * 100}
        yield (
            index, index, 1, f"t{index}", json.dumps(content), json.dumps(metadata), "[]", "bench", "1.0.0", "import",
            "Importer", "", published(index),
        )  # fmt: skip


def publications(tenth: int) -> Iterator[Sequence[Any]]:
    for index in range(1, tenth + 1):
        yield index, index, index, published(index)


PUBLICATIONS = Prepared(
    "publications",
    fill,
    "index_publications",
    COPIED,
    ("documents_indexedpublication", "documents_indexedvalue"),
)
