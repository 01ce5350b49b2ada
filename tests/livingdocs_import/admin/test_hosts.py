"""Hosts that do not answer can be seen in the admin, and asked again at once."""

import pytest
from django.contrib.admin.models import LogEntry

from livingdocs_import.db.clock import from_now
from livingdocs_import.egress.host_limits import host_key
from livingdocs_import.models import HostCircuit
from tests.operators import operator

LIST = "/admin/livingdocs_import/hostcircuit/"
HOST = "pictures.example:443"


@pytest.fixture
def circuit(db: None) -> HostCircuit:
    return HostCircuit.objects.create(
        host=HOST,
        key=host_key(HOST),
        failures=7,
        failing_since=from_now(),
        opened_at=from_now(),
        probe_at=from_now(),
        last_silence_at=from_now(),
    )


def test_an_open_circuit_is_listed_and_found(circuit: HostCircuit) -> None:
    browser = operator()
    page = browser.get(LIST, {"q": HOST}).content.decode()
    assert "not asked, but for probes" in page
    assert browser.get(f"{LIST}{circuit.pk}/change/").status_code == 200
    assert browser.get(LIST, {"circuit": "open"}).status_code == 200


def test_an_operator_has_it_asked_again(circuit: HostCircuit) -> None:
    operator().post(LIST, {"action": "reset", "_selected_action": [circuit.pk]})
    circuit.refresh_from_db()
    assert (circuit.failing_since, circuit.opened_at) == (None, None)
    assert LogEntry.objects.get().get_change_message() == "Asked again at once"


def test_who_may_only_look_may_not_reset(circuit: HostCircuit) -> None:
    operator("livingdocs_import.view_hostcircuit").post(LIST, {"action": "reset", "_selected_action": [circuit.pk]})
    circuit.refresh_from_db()
    assert circuit.opened_at is not None
