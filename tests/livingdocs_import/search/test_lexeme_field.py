"""A column of lexemes on both databases: what it holds at most, and its migration both ways."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from documents.models import IndexedPublication
from livingdocs_import.models import Project
from livingdocs_import.search.lexeme_field import Relevance
from livingdocs_import.search.lexemes import MAX_WORDS, LexemeQuery, Lexemes, lexemes, term

NOW = {
    name: timezone.now()
    for name in ("sort_date", "first_publication_date", "last_publication_date", "visible_publication_date")
}


def store(number: int, content: Lexemes) -> IndexedPublication:
    return IndexedPublication.objects.create(
        document_id=number, project_id=1, content_type="article", has_embargo=False, lexemes=content, **NOW
    )


def found(query: LexemeQuery) -> list[int]:
    rows = IndexedPublication.objects.filter(lexemes__matches=query)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def one(text: str, **fields: Any) -> LexemeQuery:
    return LexemeQuery((tuple(f"1·{each}" for each in text.split()),), **fields)


@pytest.mark.django_db
def test_words_phrases_beginnings_and_terms_are_found() -> None:
    store(1, lexemes(1, ["the", "lake", "is", "warm"], [term(1, "rating", 3.0)]))
    store(2, lexemes(1, ["warm", "lakes"], [term(1, "rating", 4.0)]))
    assert found(one("lake")) == [1]
    assert found(one("lake", is_prefix=True)) == [1, 2]
    assert found(one("the lake")) == [1]
    assert found(one("lake the")) == []
    assert found(LexemeQuery(((term(1, "rating", 3.0),), (term(1, "rating", 4.0),)))) == [1, 2]
    assert found(LexemeQuery(((term(1, "rating", 3),),))) == [], "numbers are all of one type"
    assert found(LexemeQuery((("2·lake",),))) == [], "another project's"
    anywhere = LexemeQuery((("1·warm", "1·the"), (term(1, "rating", 4.0), "1·lake"), ("1·lakes",)), in_order=False)
    assert found(anywhere) == [1, 2]
    assert found(LexemeQuery((("1·warm", term(1, "rating", 4.0)),), in_order=False)) == [2]


@pytest.mark.django_db
def test_rows_that_are_changed_or_deleted_are_found_by_what_they_hold_now() -> None:
    row = store(1, lexemes(1, ["old"], ()))
    row.lexemes = lexemes(1, ["new"], ())
    row.save()
    assert (found(one("old")), found(one("new"))) == ([], [1])
    row.delete()
    assert found(one("new")) == []
    store(1, lexemes(1, ["again"], ()))
    assert (found(one("new")), found(one("again"))) == ([], [1])


@pytest.mark.django_db
def test_the_largest_text_can_be_stored() -> None:
    """A million bytes are what a tsvector takes; one word may stand in it 255 times."""
    store(1, lexemes(1, ["same"] * MAX_WORDS, ()))
    store(2, lexemes(1, [f"{number:064}" for number in range(MAX_WORDS)], [term(1, "n", n) for n in range(5_000)]))
    assert found(one("same same")) == [1]
    assert found(one(f"{5:064}")) == [2]


@pytest.mark.django_db
def test_what_has_a_word_more_often_is_more_relevant() -> None:
    store(1, lexemes(1, ["lake", *["other"] * 20], ()))
    store(2, lexemes(1, ["lake", "lake", "lake"], ()))
    for number in range(3, 9):
        store(number, lexemes(1, ["other"], ()))
    rows = IndexedPublication.objects.filter(lexemes__matches=one("lake")).annotate(fits=Relevance([one("lake")]))
    assert list(rows.order_by("-fits").values_list("pk", flat=True)) == [2, 1]


@pytest.mark.django_db(transaction=True)
def test_the_migration_goes_back_and_forth() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    Project.objects.create(pk=1, handle="times")
    store(1, lexemes(1, ["lake"], ()))
    try:
        MigrationExecutor(connection).migrate([("documents", "0010_events_and_changes_are_found")])
        assert IndexedPublication._meta.db_table not in connection.introspection.table_names()
    finally:
        MigrationExecutor(connection).migrate(newest)
    store(1, lexemes(1, ["lake"], ()))
    assert found(one("lake")) == [1]
