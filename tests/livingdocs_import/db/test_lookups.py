"""Rows are found by a unique key: those of the project, once each, by the index even in a table without statistics."""

import pytest
from django.db import connection

from livingdocs_import.db import lookups
from media_library.models import MediaEntry
from tests.api_client import make_project

pytestmark = pytest.mark.django_db


def make_entry(project: object, external_id: str, system_name: str = "wires") -> int:
    return MediaEntry.objects.create(
        project=project,
        media_type="image",
        base_type="mediaImage",
        system_name=system_name,
        external_id=external_id,
        asset={"key": external_id},
        asset_key=external_id,
    ).pk


def test_the_keys_of_the_wanted_rows_come_back() -> None:
    project = make_project("times")
    wanted = {make_entry(project, "a"), make_entry(project, "ü 'b\" {x},\\")}
    make_entry(project, "c")
    values = ["a", "ü 'b\" {x},\\", "nobody's", "a"]
    assert set(lookups.keys(MediaEntry, "external_id", values, project=project.pk, system_name="wires")) == wanted


def test_rows_of_others_are_not_found() -> None:
    project, other = make_project("times"), make_project("post")
    make_entry(other, "a")
    make_entry(project, "a", system_name="archive")
    assert lookups.keys(MediaEntry, "external_id", ["a"], project=project.pk, system_name="wires") == []


def test_the_values_that_rows_have_come_back() -> None:
    project = make_project("times")
    for system_name in ("wires", "archive"):
        make_entry(project, "a", system_name=system_name)
    make_entry(project, "c")
    assert lookups.existing(MediaEntry, "external_id", ["a", "b", "a"], project=project.pk) == {"a"}
    assert lookups.existing(MediaEntry, "external_id", [], project=project.pk) == set()


def test_no_values_ask_nothing(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert lookups.keys(MediaEntry, "external_id", [], project=1, system_name="wires") == []


@pytest.mark.postgres
def test_a_table_without_statistics_is_asked_by_its_index() -> None:
    project = make_project("times")
    for number in range(30):
        make_entry(project, str(number))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # should it have got some from another test meanwhile
    before = scans()
    lookups.keys(MediaEntry, "external_id", ["1", "2", "3"], project=project.pk, system_name="wires")
    assert scans() - before == 3


def scans() -> int:
    """How often the index was used within this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_get_xact_numscans('one_entry_per_external_id'::regclass)")
        return int(cursor.fetchone()[0])


@pytest.mark.postgres
def test_within_the_block_no_query_is_prepared() -> None:
    with lookups.planned_anew():
        assert connection.connection.prepare_threshold is None
    assert connection.connection.prepare_threshold == connection.settings_dict["OPTIONS"]["prepare_threshold"]
