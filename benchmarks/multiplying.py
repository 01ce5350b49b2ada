"""Ten times as many rows as the service has written, by SQL: a million are ready in minutes.

The copies of a row differ in their numbers and dates; how often each word and value comes, in proportion, stays.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from benchmarks.system import System

COPIES = 10  # of each row in the end
_MEMORY = "1GB"  # for building an index: a fraction of what is there


@dataclass(frozen=True)
class Multiplied:
    """A table. `changed`: SQL of the columns that the copies have of their own, with {id}, the number of the copy, and
    {number}, of all."""

    table: str
    changed: Mapping[str, str]
    key: str  # the column whose numbers run from 1 to a tenth
    without: Sequence[str]  # columns that the database fills
    rebuilt: str  # an index that is built anew afterwards: to add to it takes far longer


def multiplied(
    table: str, changed: Mapping[str, str], *, key: str = "id", without: Sequence[str] = (), rebuilt: str = ""
) -> Multiplied:
    return Multiplied(table, changed, key, without, rebuilt)


@dataclass(frozen=True)
class Prepared:
    """What is searched. `fill` writes a tenth of it, `command` indexes that, and its rows are multiplied.

    `fill` gets the number of what it writes, and of all. `measured`: tables whose size is reported.
    """

    name: str
    fill: Callable[[System, int, int], None]
    command: str
    tables: Sequence[Multiplied]
    measured: Sequence[str]


def prepare(service: System, number: int, searched: Prepared) -> Iterator[str]:
    """Fill the database; lines for people."""
    began, tenth = time.monotonic(), number // COPIES
    searched.fill(service, tenth, number)
    indexed_in = _seconds(lambda: service.manage(searched.command))
    multiplied_in = _seconds(lambda: _multiply(service, number, searched.tables))
    # PostgreSQL does it by itself, some time after so much was written.
    service.execute(*(f"VACUUM ANALYZE {each.table}" for each in searched.tables))
    size = service.query(
        "SELECT pg_size_pretty(sum(pg_total_relation_size(c))) FROM unnest(%s::regclass[]) c", list(searched.measured)
    )[0][0]
    yield f"{tenth:,} {searched.name} indexed in {indexed_in:,.0f} s: {tenth / indexed_in:,.0f} a second"
    yield f"multiplied to {number:,} in {multiplied_in:,.0f} s, {size}; ready after {time.monotonic() - began:,.0f} s"
    yield ""


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _multiply(service: System, number: int, tables: Sequence[Multiplied]) -> None:
    """Fill the tables up to this number of each, which is ten times as many as there are."""
    with psycopg.connect(service.database.url) as connection:
        connection.execute("SET session_replication_role = replica")  # no look at foreign keys, row by row
        connection.execute("SELECT set_config('maintenance_work_mem', %s, false)", [_MEMORY])
        for each in tables:
            _multiply_table(connection, each, number)


def _multiply_table(connection: psycopg.Connection, each: Multiplied, number: int) -> None:
    definition = _index_definition(connection, each.rebuilt)
    if definition:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(each.rebuilt)))
    for copy in range(1, COPIES):
        connection.execute(_insert(connection, each, number, copy))
    if definition:
        connection.execute(definition.encode())
    connection.commit()


def _insert(connection: psycopg.Connection, each: Multiplied, number: int, copy: int) -> bytes:
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        [each.table],
    )
    columns = [name for (name,) in rows if name not in each.without]
    tenth = number // COPIES
    own = f"({each.key} + {copy * tenth})"
    values = (each.changed.get(name, name).replace("{id}", own).replace("{number}", str(number)) for name in columns)
    return (
        f"INSERT INTO {each.table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {each.table} "
        f"WHERE {each.key} <= {tenth}"
    ).encode()


def _index_definition(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name]).fetchone()
    return row[0] if row else ""
