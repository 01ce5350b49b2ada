"""Probes of the shared dependencies for GET /ready: the database, its migrations, our keys, the broker."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from kombu.connection import Connection

from livingdocs_import import stored_secrets
from livingdocs_import.server.readiness import NOT_USED, PROBE_SECONDS, NotReady, readiness


@contextmanager
def _own_connection() -> Iterator[BaseDatabaseWrapper]:
    """A new connection for this thread alone, closed afterwards: the probe includes connecting."""
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        yield connection
    finally:
        connection.close()


@readiness.probe("database")
def database() -> None:
    with _own_connection() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@readiness.probe("migrations")
def migrations() -> None:
    """A database ahead of this code is fine: the next release has migrated it already."""
    with _own_connection() as connection:
        executor = MigrationExecutor(connection)
        if missing := len(executor.migration_plan(executor.loader.graph.leaf_nodes())):
            raise NotReady(f"{missing} not applied")


@readiness.probe("keys")
def keys() -> None:
    """Whether FIELD_ENCRYPTION_KEYS match this database; `check --database default` names single secrets."""
    with _own_connection():
        if not stored_secrets.keys_fit():
            raise NotReady("FIELD_ENCRYPTION_KEYS does not fit this database")


@readiness.probe("broker")
def broker() -> str | None:
    if not settings.CELERY_BROKER_URL:
        return NOT_USED
    with loaded_broker_connection() as connection:
        connection.ensure_connection(max_retries=0)
    return None


def loaded_broker_connection() -> Connection:
    """A connection to the broker as Celery would make it, with a probe's timeouts; not connected yet.

    Raises NotReady if the transport cannot be imported or the URL cannot be parsed; the error is its cause.
    """
    patience = {"socket_timeout": PROBE_SECONDS, "socket_connect_timeout": PROBE_SECONDS}
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS | patience
    try:
        connection = Connection(settings.CELERY_BROKER_URL, connect_timeout=PROBE_SECONDS, transport_options=options)
        connection.create_transport()
    except Exception as error:  # ImportError, KeyError, RuntimeError: it depends on the transport
        raise NotReady("its transport cannot be loaded") from error
    return connection
