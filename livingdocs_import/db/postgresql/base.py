"""Faster versions of three things that Django does for every request, query or row.

Measured for a look-up by id: the check whether the connection is still alive took as long as the look-up, and so did
the cursor; reading a date took as long as all the other columns of a row.
"""

import select
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import psycopg.errors
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from psycopg.adapt import Transformer
from psycopg.pq import DiagnosticField, ExecStatus
from psycopg.pq.abc import PGresult

# PostgreSQL's codes for a missing prepared statement (after each ROLLBACK psycopg deallocates all of them, ours
# included), and for one whose result columns have changed.
NOT_THERE, OTHER_COLUMNS = b"26000", b"0A000"


class TimestampLoader(BaseTzLoader):  # type: ignore[misc]  # it has no type to mypy
    """Reads timestamps in UTC; those outside of Python's range of years are left to psycopg."""

    timezone = UTC

    def load(self, data: Any) -> datetime:
        try:
            return datetime.fromisoformat(str(data, "ascii"))
        except ValueError:
            moment: datetime = super().load(data)
            return moment


class DatabaseWrapper(base.DatabaseWrapper):
    """The class that `ENGINE` names."""

    _names: dict[bytes, bytes]  # names of the connection's prepared statements, by SQL
    _numbers: Iterator[int]
    reader: Any  # psycopg's Transformer: converts results to Python values

    def read(self, sql: bytes, parameters: Sequence[bytes]) -> list[tuple[Any, ...]] | None:
        """The rows of a query with the parameters `$1`, `$2` …, given as PostgreSQL's text.

        It is executed in a single call. psycopg's own cursors poll for interrupts; each time Python may switch to
        another thread and return late. Returns None where a cursor is needed: within a transaction, which cursors
        begin, and where connections are shared, so that nothing can be prepared.
        """
        self.validate_thread_sharing()
        self.close_if_health_check_failed()
        self.ensure_connection()
        if not self.connection.autocommit or self.connection.prepare_threshold is None:
            return None
        with self.wrap_database_errors:
            result = self._asked(sql, parameters)
            if result.status != ExecStatus.TUPLES_OK and self._is_outdated(sql, result):
                result = self._asked(sql, parameters)
            if result.status != ExecStatus.TUPLES_OK:
                error = psycopg.errors.error_from_result(result)
                # a lost connection has no error code
                raise psycopg.OperationalError(str(error)) if self.connection.closed else error
            self.reader.set_pgresult(result)
            rows: list[tuple[Any, ...]] = self.reader.load_rows(0, result.ntuples, tuple)
            self.reader.set_pgresult(None)  # free it: it may be large, and the next result may be far off
        return rows

    def _asked(self, sql: bytes, parameters: Sequence[bytes]) -> PGresult:
        server = self.connection.pgconn
        name = self._names.get(sql)
        if name is None:
            name = b"read_%d" % next(self._numbers)
            made: PGresult = server.prepare(name, sql)
            if made.status != ExecStatus.COMMAND_OK:
                return made
            self._names[sql] = name
        asked: PGresult = server.exec_prepared(name, parameters)
        return asked

    def _is_outdated(self, sql: bytes, failed: PGresult) -> bool:
        """Whether the failure comes from an outdated prepared statement, which is then dropped here as well."""
        state = failed.error_field(DiagnosticField.SQLSTATE)
        if state == NOT_THERE:
            self._names.clear()
        elif state == OTHER_COLUMNS:
            self._names.pop(sql, None)
        return state in (NOT_THERE, OTHER_COLUMNS)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        if self.timezone is UTC:
            connection.adapters.register_loader("timestamptz", TimestampLoader)
        self._names, self._numbers, self.reader = {}, count(), Transformer(connection)
        return connection

    def is_usable(self) -> bool:
        """Whether the server has kept the connection open, without a round trip.

        A server sends nothing on an idle connection, so readable data means that it has closed it. A server that
        vanished without a trace is detected by the next query and the socket's keepalives, as with a round trip.
        """
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.pgconn.socket, select.POLLIN)
        return not poll.poll(0)
