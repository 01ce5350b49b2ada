"""Three things that Django does for every request, query or row, done at a fraction of the cost.

Measured for a look-up by id: the question whether the connection still holds took as long as the look-up; the cursor
as long again; reading a date as long as reading all the other columns of a row.
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

# PostgreSQL's codes for a prepared statement that is not there (after each ROLLBACK psycopg has all of them forgotten,
# ours too), and for one that would give other columns by now.
NOT_THERE, OTHER_COLUMNS = b"26000", b"0A000"


class Moment(BaseTzLoader):  # type: ignore[misc]  # it has no type to mypy
    """Reads what PostgreSQL writes for a moment in UTC; what lies outside of Python's years is left to psycopg."""

    timezone = UTC

    def load(self, data: Any) -> datetime:
        try:
            return datetime.fromisoformat(str(data, "ascii"))
        except ValueError:
            moment: datetime = super().load(data)
            return moment


class DatabaseWrapper(base.DatabaseWrapper):
    """What `ENGINE` names."""

    _names: dict[bytes, bytes]  # of what the connection has prepared, by SQL
    _numbers: Iterator[int]
    reader: Any  # psycopg's Transformer: makes Python's values of what came

    def read(self, sql: bytes, parameters: Sequence[bytes]) -> list[tuple[Any, ...]] | None:
        """The rows of a query that has `$1`, `$2` … for its parameters, their values as PostgreSQL's text.

        Asked of the server in a single call. psycopg's own cursors look up every so often whether they are to stop;
        each time Python goes to another thread, and comes back late. None means that a cursor has to ask: within a
        transaction, for cursors begin it; and where connections are shared, so that nothing can be prepared.
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
                # That the server is gone nobody can have told by its code.
                raise psycopg.OperationalError(str(error)) if self.connection.closed else error
            self.reader.set_pgresult(result)
            rows: list[tuple[Any, ...]] = self.reader.load_rows(0, result.ntuples, tuple)
            self.reader.set_pgresult(None)  # it may be large, and the next one may be long in coming
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
        """Whether it failed because of what was prepared earlier; that is then forgotten here, too."""
        state = failed.error_field(DiagnosticField.SQLSTATE)
        if state == NOT_THERE:
            self._names.clear()
        elif state == OTHER_COLUMNS:
            self._names.pop(sql, None)
        return state in (NOT_THERE, OTHER_COLUMNS)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        if self.timezone is UTC:
            connection.adapters.register_loader("timestamptz", Moment)
        self._names, self._numbers, self.reader = {}, count(), Transformer(connection)
        return connection

    def is_usable(self) -> bool:
        """Whether the server has not hung up, without asking it.

        To an idle connection a server says nothing; that there is something to read means that it has said goodbye. A
        server that vanished without a word is found out by the next query and the keepalives of the socket, as it
        would be by a question.
        """
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.pgconn.socket, select.POLLIN)
        return not poll.poll(0)
