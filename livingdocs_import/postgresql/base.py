"""Three things that Django does for every request, query or row, done at a fraction of the cost.

Measured for a look-up by id (benchmarks/README.md): the question whether the connection still holds took as long as the
look-up; making the cursor a third as long; reading a date as long as reading all the other columns of a row.
"""

import select
from datetime import UTC, datetime
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import BaseTzLoader


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

    _kept: Any = None

    def kept_cursor(self) -> Any:
        """psycopg's own cursor, the same one for as long as the connection lasts: for who reads all rows at once."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        if self._kept is None or self._kept.connection is not self.connection:
            self._kept = self.connection.cursor()
        return self._kept

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        if self.timezone is UTC:
            connection.adapters.register_loader("timestamptz", Moment)
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
