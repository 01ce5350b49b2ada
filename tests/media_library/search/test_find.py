"""Finding entries: by what they are called, else by all words that are asked for."""

import random
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from livingdocs_import.db.lookups import read_by_index
from livingdocs_import.errors import Invalid
from livingdocs_import.search.words import words
from media_library.housekeeping import follow_entries
from media_library.models import MediaEntry, TranslatedAssetKey
from media_library.search.find import find
from tests.api_client import Caller
from tests.media_library.entries.test_create import create, image
from tests.media_library.stored_entries import url_of

PARTS = [
    "Élan",
    "elan",
    "lake",
    "Lakes",
    "LÄKE",
    "warm",
    "war",
    "wa",
    "straße",
    "STRASSE",
    "ﬁsh",
    "Ωmega",
    "x1",
    "日本",
    "日",
    "И́горь",
]


def found(*callers: Caller, text: str, most: int = 100) -> set[str]:
    ids = find([caller.project.pk for caller in callers], text, "search", most).entry_ids
    return set(MediaEntry.objects.filter(pk__in=ids).values_list("media_id", flat=True))


def texts_of(entry: MediaEntry) -> Iterator[str]:
    yield entry.title
    yield entry.asset["filename"]
    yield from (value for value in entry.metadata.values() if isinstance(value, str))


def has(entry: MediaEntry, wanted: str) -> bool:
    """A naive scan."""
    return any(
        word == wanted or (len(wanted) >= 3 and word.startswith(wanted))
        for text in texts_of(entry)
        for word in words(text)
    )


def test_what_is_found_is_what_a_naive_scan_finds(times: Caller, herald: Caller) -> None:
    """On both databases the same, for the words are ours."""
    seeded = random.Random(7)

    def text() -> str:
        return seeded.choice([" ", "-", "_", "."]).join(seeded.choices(PARTS, k=seeded.randrange(4)))

    for caller in (times, herald):
        for number in range(40):
            metadata = {"title": text(), "caption": text(), "source": text()}
            create(caller, image(id=f"{caller.project.handle}-{number}", metadata=metadata))
    follow_entries()
    entries = list(MediaEntry.objects.all())
    for _ in range(150):
        asked = seeded.sample(PARTS, k=seeded.randrange(1, 4))
        query = " ".join(part[: seeded.randrange(1, len(part) + 1)] for part in asked)
        wanted = words(query)
        callers = seeded.choice([[times], [herald], [times, herald]])
        projects = {caller.project.pk for caller in callers}
        naive = {
            each.media_id for each in entries if each.project_id in projects and all(has(each, word) for word in wanted)
        }
        assert found(*callers, text=query) == naive, query


def test_nothing_of_another_project_is_found(times: Caller, herald: Caller) -> None:
    create(times, image(id="same", systemName="s", externalId="e1", metadata={"caption": "lake"}))
    follow_entries()
    for text in ("lake", "same", "e1"):
        assert found(times, text=text) == {"same"}
        assert found(herald, text=text) == set()


def test_an_id_a_key_or_an_address_finds_its_entry_and_no_words(times: Caller) -> None:
    create(
        times,
        image(id="abcdefghijkl", metadata={"caption": "the one"}, systemName="s", externalId="urn:1"),
        image(id="other", metadata={"caption": "abcdefghijkl urn 1"}),
    )
    entry = MediaEntry.objects.get(media_id="abcdefghijkl")
    MediaEntry.objects.filter(pk=entry.pk).update(
        asset_key="2026/11/30/one.jpg", source_url="https://a.example/1.jpg?s=1", version=2
    )
    follow_entries()
    assert found(times, text="urn 1") == {"abcdefghijkl", "other"}
    own = "http://testserver/api/v1/mediaLibrary/serve-image/2026/11/30/one.jpg"
    for text in (
        "abcdefghijkl",
        "urn:1",
        "2026/11/30/one.jpg",
        "https://a.example/1.jpg",
        "https://a.example/1.jpg?s=2",
        own,
        url_of(entry, "2026/11/30/one.jpg"),
    ):
        assert found(times, text=text) == {"abcdefghijkl"}, text


def test_a_storage_key_finds_only_the_entry_of_a_project_that_is_asked_for(times: Caller, herald: Caller) -> None:
    create(times, image(id="ours"))
    key = "2026/11/30/one.jpg"
    MediaEntry.objects.update(asset_key=key)
    for text in (key, f"https://a.example/{key}", url_of(MediaEntry.objects.get(), key)):
        assert (found(times, text=text), found(herald, text=text)) == ({"ours"}, set()), text
    assert found(times, herald, text=key) == {"ours"}


def test_the_key_of_a_translation_finds_its_entry_in_its_project_alone(times: Caller, herald: Caller) -> None:
    create(times, image(id="ours"), image(id="other"))
    key, own = "2026/11/30/fr.jpg", "2026/11/30/de.jpg"
    entry = MediaEntry.objects.get(media_id="ours")
    MediaEntry.objects.filter(pk=entry.pk).update(asset_key=own)
    TranslatedAssetKey.objects.create(entry=entry, asset_key=key)
    for text in (key, own, url_of(entry, key)):
        assert (found(times, text=text), found(herald, text=text)) == ({"ours"}, set()), text


def test_of_very_many_the_newest_are_found(times: Caller, herald: Caller) -> None:
    for number in range(6):
        create(times if number % 3 else herald, image(id=f"e{number}", metadata={"caption": "lake"}))
    follow_entries()
    assert found(times, text="lake", most=3) == {"e2", "e4", "e5"}
    assert found(times, herald, text="lake", most=3) == {"e3", "e4", "e5"}
    assert find([times.project.pk], "lake", "search", 3).more is True
    assert find([times.project.pk], "lake", "search", 4).more is False


@pytest.mark.parametrize(
    ("text", "message"), [("--", "must have a word"), ("a " * 31, "must NOT have more than 30 words")]
)
def test_what_cannot_be_searched_for_is_refused(times: Caller, text: str, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        find([times.project.pk], text, "search")
    assert refused.value.details == {"search": message}


# --- Plans -----------------------------------------------------------------------------------------------------------


def fill(project_id: int, number: int) -> None:
    """Entries with a word of their own, one of ten, and one that half of them have."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO media_library_mediaentry (project_id, media_id, media_type, base_type, title, invalid, asset,
                asset_key, metadata, translations, created_at, updated_at)
            SELECT %s, 'm' || n, 'image', 'mediaImage', 't', false, '{"key": "k"}', 'k' || n, '{}', '[]', now(),
                now() - n * interval '1 minute'
            FROM generate_series(1, %s) AS n
            """,
            [project_id, number],
        )
        cursor.execute(
            """
            INSERT INTO media_library_indexedentry (entry_id, project_id, version, updated_at, lexemes)
            SELECT id, project_id, 1, updated_at, concat_ws(' ',
                quote_literal(project_id || '·own' || id), quote_literal(project_id || '·ten' || id / 10),
                CASE WHEN id %% 2 = 0 THEN quote_literal(project_id || '·half') END
            )::tsvector
            FROM media_library_mediaentry
            """,
            [],
        )
        cursor.execute("SELECT gin_clean_pending_list('media_library_indexedentry_lexemes')")  # as VACUUM does
        cursor.execute("ANALYZE media_library_mediaentry, media_library_indexedentry, media_library_translatedassetkey")


@pytest.mark.postgres
@pytest.mark.parametrize("both", [False, True])
def test_no_plan_reads_a_whole_table(times: Caller, herald: Caller, both: bool) -> None:
    fill(times.project.pk, 20_000)
    some = MediaEntry.objects.order_by("pk")[5000].pk
    projects = [times.project.pk, herald.project.pk] if both else [times.project.pk]
    with CaptureQueriesContext(connection) as queries:
        assert find(projects, f"own{some}", "search").entry_ids == [some]
        assert len(find(projects, f"ten{some // 10}", "search").entry_ids) == 10
        assert find(projects, "half", "search", 100).more
        assert find(projects, "half", "search").more
        assert find(projects, "m77", "search").entry_ids == find(projects, "k77", "search").entry_ids != []
    asked = [query["sql"] for query in queries if "media_library_" in query["sql"]]
    assert len(asked) > 12
    for sql in asked:
        by_index = nullcontext() if "ORDER BY" in sql else read_by_index()  # as they were asked
        with by_index, connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        for table in ("mediaentry", "indexedentry"):
            assert f"Seq Scan on media_library_{table}" not in plan, f"{sql}\n{plan}"
