"""Searching the media library by words: the search itself, and the page of the admin that shows what it finds."""

import json
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

import psycopg

from benchmarks import scripts
from benchmarks.client import Client, load
from benchmarks.multiplying import Prepared, multiplied, prepare
from benchmarks.options import Options
from benchmarks.system import System

SEARCH_GOAL, PAGE_GOAL = 200.0, 300.0  # milliseconds
REQUESTS = 20  # of each kind in a run
VOCABULARY = 50_000  # words; the n-th comes n times more rarely than the first
WORDS_EACH = 30  # of one entry
MARKS = (10, 1_000, 10_000)  # a word of its own for so many entries, spread over all
AN_ID, LEADS_TO_THE_ENTRY = "an id", 302  # a redirect instead of a list
_SESSION = (
    "from django.contrib.auth.models import User; from django.test import Client; client = Client(); "
    "client.force_login(User.objects.create_superuser('bench')); print(client.session.session_key)"
)
ENTRY = (
    "id, project_id, media_id, media_type, base_type, title, system_name, external_id, invalid, asset, asset_key, "
    "metadata, translations, created_at, updated_at"
)
_MOMENT = "to_timestamp(1600000000 + 60 * ({id}::bigint * 7919 % 10000019))"
COPIED = (
    multiplied(
        "media_library_mediaentry",
        {
            "id": "{id}",
            "media_id": "'bench' || {id}",
            "external_id": "'external-' || {id}",
            "asset_key": "'key-' || {id}",
        }
        | dict.fromkeys(("created_at", "updated_at"), _MOMENT),
    ),
    multiplied(
        "media_library_indexedentry",
        {"entry_id": "{id}", "updated_at": _MOMENT},
        key="entry_id",
        rebuilt="media_library_indexedentry_lexemes",
    ),
)


def run(service: System, options: Options) -> Iterator[str]:
    """Lines for people."""
    yield ""
    yield from prepare(service, options.entries, ENTRIES)
    yield from table(service, options.entries, options)


def table(service: System, number: int, options: Options) -> Iterator[str]:
    """Each kind of search: within one process, and as a page of the admin over HTTP."""
    yield "| search | found | p50 ms | p99 ms | goal | page p50 ms | page p99 ms | goal |"
    yield "|---|--:|--:|--:|---|--:|--:|---|"
    session = service.manage("shell", "--verbosity", "0", "-c", _SESSION)
    user = Client(service.port, "", session=session)
    (project_id,) = service.query("SELECT id FROM livingdocs_import_project")[0]
    with service.running("web"), scripts.running("benchmarks.finding", environment=service.environment) as (finder,):
        for name, text, is_promised in searches(number):
            finder.begin([project_id, text, REQUESTS])
            finder.end()
            finder.begin([project_id, text, REQUESTS * options.runs])
            found, median, p99 = finder.end()
            path = f"/admin/media_library/mediaentry/?{urlencode({'q': text, 'project__id__exact': project_id})}"
            status = LEADS_TO_THE_ENTRY if name == AN_ID else 200
            load([user], [path] * REQUESTS, status=status)
            page = load([user], [path] * REQUESTS * options.runs, status=status)
            verdicts = [verdict(p99, SEARCH_GOAL), verdict(page.p99, PAGE_GOAL)] if is_promised else ["", ""]
            yield (
                f"| {name} | {found:,} | {median:.0f} | {p99:.0f} | {verdicts[0]} | "
                f"{page.median:.0f} | {page.p99:.0f} | {verdicts[1]} |"
            )


def verdict(taken: float, goal: float) -> str:
    return "met" if taken <= goal else "MISSED"


def searches(number: int) -> Iterator[tuple[str, str, bool]]:
    """What each is called, its text, and whether it is within what is promised."""
    marked = [mark for mark in MARKS if mark < number]
    yield AN_ID, "bench77", True
    for mark in marked:
        yield f"a word of {mark:,}", f"mark{mark}x", True
    yield "a beginning", f"mark{marked[0]}", True
    yield "two words", f"mark{marked[-1]}x w0", True
    yield "a phrase", f'"mark{marked[-1]}x w0"', True
    yield "no such word", "nowhere", True
    yield "a word that half of them have", "half", True
    yield "two that nearly all have", "half w0", True


# --- What is searched ------------------------------------------------------------------------------------------------


def fill(service: System, tenth: int, number: int) -> None:
    """A tenth of the entries, written as a client's request would have left them; their log is purged."""
    with psycopg.connect(service.database.url) as connection, connection.cursor() as cursor:
        (project_id,) = cursor.execute("SELECT id FROM livingdocs_import_project").fetchone() or (0,)
        with cursor.copy(f"COPY media_library_mediaentry ({ENTRY}) FROM STDIN") as copy:
            for row in entries(project_id, tenth, number):
                copy.write_row(row)


def entries(project_id: int, tenth: int, number: int) -> Iterator[Sequence[Any]]:
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
        metadata = {"title": f"Picture {index}", "caption": " ".join([*half, *marks, *chosen]), "source": "bench"}
        asset = {"key": f"key-{index}", "url": f"https://cdn.example/{index}.jpg", "size": 1,
                 "filename": f"{index}.jpg", "mimeType": "image/jpeg", "width": 1, "height": 1}  # fmt: skip
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_600_000_000 + 60 * (index * 7919 % 10_000_019)))
        yield (
            index, project_id, f"bench{index}", "image", "mediaImage", f"Picture {index}", "bench", f"external-{index}",
            False, json.dumps(asset), f"key-{index}", json.dumps(metadata), "[]", moment, moment,
        )  # fmt: skip


ENTRIES = Prepared("media entries", fill, "index_entries", COPIED, ("media_library_indexedentry",))
