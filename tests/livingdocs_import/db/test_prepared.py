"""Queries that are always the same give what models would have, however the database is asked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import DatabaseError, DataError, OperationalError, connection, connections, transaction

from livingdocs_import.db.prepared import Prepared
from livingdocs_import.models import Project
from tests.api_client import Caller, make_project
from tests.media_library.entries.test_create import create, image

COLUMNS = ["pk", "label", "daily_limits", "created_at"]


@pytest.fixture
def by_labels() -> Prepared:
    """A query that nothing was asked with before."""
    return Prepared(
        COLUMNS,
        lambda first, second, least: Project.objects.filter(label__in=[first, second], pk__gte=least).order_by("pk"),
        3,
    )


def make(label: str) -> Project:
    return Project.objects.create(handle=f"p{Project.objects.count()}", label=label, daily_limits={"images": 5})


def as_models_have_them(*projects: Project) -> list[tuple[object, ...]]:
    keys = [project.pk for project in projects]
    return list(Project.objects.filter(pk__in=keys).order_by("pk").values_list(*COLUMNS))


def check_values(query: Prepared) -> None:
    odd = "ü 'b\" {x},\\ $1 %s %%"
    first, second = make("times"), make(odd)
    make("another")
    assert query.rows("times", odd, 0) == as_models_have_them(first, second)
    assert query.rows("times", odd, second.pk) == as_models_have_them(second)
    assert query.rows("nobody", "no one", 0) == []


@pytest.mark.django_db
def test_rows_are_as_models_have_them_within_a_transaction(by_labels: Prepared) -> None:
    check_values(by_labels)


@pytest.mark.django_db(transaction=True)
def test_rows_are_as_models_have_them_outside_of_one(by_labels: Prepared) -> None:
    check_values(by_labels)


@pytest.mark.django_db(transaction=True)
def test_a_text_with_a_nul_in_it_is_not_cut_there(by_labels: Prepared) -> None:
    project = make("times")
    try:
        found = by_labels.rows("times\0and more", "?", 0)
    except DataError:  # PostgreSQL's driver
        found = []
    assert found == []
    assert by_labels.rows("times", "?", 0) == as_models_have_them(project)


def remembered() -> list[str]:
    """The statements that the connection has prepared for `Prepared`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE name LIKE 'read_%%'", [])
        return [row[0] for row in cursor.fetchall()]


@pytest.fixture
def new_connection(transactional_db: None) -> Iterator[None]:
    connection.close()
    yield
    connection.close()


@pytest.mark.postgres
@pytest.mark.usefixtures("new_connection")
class TestOnPostgreSQL:
    def test_a_question_is_prepared_once(self, by_labels: Prepared) -> None:
        for _ in range(3):
            by_labels.rows("a", "b", 0)
        assert len(remembered()) == 1
        assert "$3" in remembered()[0]

    def test_a_new_connection_knows_nothing_of_what_the_last_one_had_prepared(self, by_labels: Prepared) -> None:
        project = make("times")
        by_labels.rows("a", "b", 0)
        connection.close()
        assert by_labels.rows("times", "b", 0) == as_models_have_them(project)
        assert len(remembered()) == 1

    def test_what_is_forgotten_is_prepared_again(self, by_labels: Prepared) -> None:
        """After a ROLLBACK, also to a savepoint, psycopg has the server forget all statements that were prepared."""
        project = make("times")
        for _ in range(3):
            by_labels.rows("times", "b", 0)
            for _ in range(5):  # until psycopg has something to forget
                Project.objects.filter(label="x").count()
            with transaction.atomic():
                Project.objects.filter(label="x").count()
                transaction.set_rollback(True)
            assert by_labels.rows("times", "b", 0) == as_models_have_them(project)
        with connection.cursor() as cursor:
            cursor.execute("DISCARD ALL")
        assert by_labels.rows("times", "b", 0) == as_models_have_them(project)

    def test_a_refused_patch_does_no_harm_to_the_requests_after_it(self) -> None:
        times = Caller(make_project("times"))
        create(times, image(id="e1"))
        archive = {"patches": [{"operation": "archive"}]}
        for _ in range(4):
            for _ in range(5):  # until psycopg has something to forget
                assert times.patch("mediaLibrary/e1", archive).status_code == 200
            assert times.patch("mediaLibrary/e1", archive | {"version": "1"}).status_code == 409
            assert times.get("mediaLibrary/e1").status_code == 200
            assert times.get("mediaLibrary?ids=e1").status_code == 200

    def test_nothing_large_is_kept_until_the_next_question(self, by_labels: Prepared) -> None:
        make("times")
        assert by_labels.rows("times", "b", 0)
        assert connection.reader.pgresult is None

    def test_a_connection_answers_only_the_thread_whose_it_is(self, by_labels: Prepared) -> None:
        """As everywhere in Django: two threads would take each other's answers."""
        by_labels.rows("a", "b", 0)
        with ThreadPoolExecutor(1) as pool, pytest.raises(DatabaseError, match="created in thread"):
            pool.submit(connections["default"].read, b"SELECT 1", []).result()

    def test_who_listens_to_queries_hears_of_it(self, by_labels: Prepared) -> None:
        heard = []
        with connection.execute_wrapper(lambda execute, sql, *rest: heard.append(sql) or execute(sql, *rest)):
            by_labels.rows("a", "b", 0)
        assert len(heard) == 1

    def test_where_connections_are_shared_nothing_is_prepared(self, by_labels: Prepared) -> None:
        """Behind a pooler: DATABASE_PREPARES=false."""
        project = make("times")
        connection.connection.prepare_threshold = None
        assert by_labels.rows("times", "b", 0) == as_models_have_them(project)
        assert remembered() == []

    def test_what_became_of_a_column_meanwhile_is_no_reason_to_fail(self, by_labels: Prepared) -> None:
        """PostgreSQL refuses a prepared statement whose columns have other types now."""
        project = make("times")
        by_labels.rows("times", "b", 0)
        self.change_type("text")
        try:
            for _ in range(2):
                assert by_labels.rows("times", "b", 0) == as_models_have_them(project)
        finally:
            self.change_type("varchar(200)")

    def change_type(self, kind: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE livingdocs_import_project ALTER COLUMN label TYPE {kind}")

    def test_a_server_that_went_away_is_an_error_of_the_ordinary_kind(self, by_labels: Prepared) -> None:
        by_labels.rows("a", "b", 0)
        end_server_process()
        for _ in range(2):  # the first hears of the end, the second knows
            with pytest.raises(OperationalError):
                by_labels.rows("a", "b", 0)
        connection.close_if_unusable_or_obsolete()
        assert by_labels.rows("a", "b", 0) == []


def end_server_process() -> None:
    """What a restart of the server does to our connection."""
    database = connection.settings_dict
    server = f"host={database['HOST']} port={database['PORT']} user={database['USER']} dbname={database['NAME']}"
    with psycopg.connect(server, password=database["PASSWORD"], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
