"""What operators do goes one way, on a page and in a list: permission, question, history, message."""

from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from livingdocs_import.db.clock import from_now
from livingdocs_import.egress.host_limits import host_key
from livingdocs_import.models import AccessToken, HostCircuit, Project
from tests.operators import operator

ROOT = Path(__file__).parents[3]
OTHER_WAYS = ("actions.py", "failures.py", "sending_again.py")
LIST = "/admin/livingdocs_import/hostcircuit/"


@pytest.fixture
def circuits(db: None) -> list[HostCircuit]:
    """Twelve hosts that do not answer, and one that does."""
    since = dict.fromkeys(("failing_since", "last_silence_at"), from_now())
    names = [f"{number}.example:443" for number in range(12)]
    failing = [HostCircuit.objects.create(host=name, key=host_key(name), failures=7, **since) for name in names]
    well = "well.example:443"
    return [*failing, HostCircuit.objects.create(host=well, key=host_key(well), last_silence_at=from_now())]


def test_of_several_objects_one_message_says_what_was_done_and_one_what_not(circuits: list[HostCircuit]) -> None:
    chosen = {"action": "reset", "_selected_action": [circuit.pk for circuit in circuits]}
    page = operator().post(LIST, chosen, follow=True).content.decode()
    assert "9.example:443 and 2 more: is asked again." in page
    assert "Well.example:443: nothing to do." in page
    assert page.count("is asked again.") == 1
    assert LogEntry.objects.count() == 12
    assert not HostCircuit.objects.exclude(failing_since=None).exists()


def test_an_action_of_a_list_takes_200_objects_at_once(db: None) -> None:
    """More are an operation of workers (test_operations.py): "select all" may match millions of rows."""
    project = Project.objects.create(handle="times")
    rows = [AccessToken(project=project, name=f"{number}", jti=f"{number}", digest="-") for number in range(201)]
    AccessToken.objects.bulk_create(rows)
    client, tokens = operator(), "/admin/livingdocs_import/accesstoken/"
    chosen = {"action": "suspend", "_selected_action": [rows[1].pk], "select_across": "1"}
    with CaptureQueriesContext(connection) as queries:
        page = client.post(tokens, chosen, follow=True).content.decode()
    assert "201 rows of times" in page
    assert any("LIMIT 201" in query["sql"] for query in queries)
    assert not AccessToken.objects.exclude(suspended_at=None).exists()

    rows[0].delete()
    client.post(tokens, chosen)
    assert AccessToken.objects.exclude(suspended_at=None).count() == 200


def test_no_form_names_more_than_200_objects(circuits: list[HostCircuit]) -> None:
    made = [HostCircuit(host=f"{n}.example:80", key=n, failing_since=from_now()) for n in range(1, 202)]
    HostCircuit.objects.bulk_create(made)
    named = {"object": [circuit.pk for circuit in HostCircuit.objects.filter(key__lt=202)]}
    assert operator().post(f"{LIST}act/reset/", named).status_code == 400


def test_the_button_of_a_page_leads_back_to_it_and_is_not_offered_again(circuits: list[HostCircuit]) -> None:
    client, address = operator(), f"{LIST}{circuits[0].pk}/change/"
    assert "Ask again at once" in client.get(address).content.decode()
    answer = client.post(f"{LIST}act/reset/", {"object": circuits[0].pk}, follow=True)
    assert answer.redirect_chain == [(address, 302)]
    assert "Ask again at once" not in answer.content.decode()


def test_an_action_without_permission_is_not_in_the_list(circuits: list[HostCircuit]) -> None:
    assert 'value="reset"' in operator().get(LIST).content.decode()
    assert 'value="reset"' not in operator("livingdocs_import.view_hostcircuit").get(LIST).content.decode()


def test_there_is_no_other_way_for_an_action() -> None:
    """But for pages that act on all that a filter matches: failures, and deliveries that were not sent."""
    modules = [path for path in ROOT.glob("*/admin/*.py") if path.name not in OTHER_WAYS]
    assert len(modules) > 20
    assert not [path for path in modules if "admin.action(" in path.read_text() or "require_POST" in path.read_text()]
