"""A connection that the server has closed is replaced without an error (FLT-11, FLT-12)."""

import psycopg
import pytest
from django.db import connection

from tests.api_client import Caller, make_project

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_the_first_request_after_a_restart_is_answered(transactional_db: None) -> None:
    caller = Caller(make_project("restarts"))
    assert caller.get("mediaLibrary?ids=a").status_code == 200
    database = connection.settings_dict
    server = f"host={database['HOST']} port={database['PORT']} user={database['USER']} dbname={database['NAME']}"
    with psycopg.connect(server, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    connection.close_if_unusable_or_obsolete()  # Django does that before each request, the test client does not
    assert caller.get("mediaLibrary?ids=a").status_code == 200
