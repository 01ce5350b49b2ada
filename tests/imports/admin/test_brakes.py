"""Operators of all projects brake hosts in the admin, and take the brakes off, as the command does."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client

from imports.claiming import host_brakes
from livingdocs_import.db.clock import from_now
from livingdocs_import.egress.host_limits import host_key
from livingdocs_import.models import HostBrake, Membership, Role
from tests.api_client import Caller
from tests.operators import logged_in, member

LIST = "/admin/livingdocs_import/hostbrake/"
HOST = "pictures.example.org:443"
pytestmark = pytest.mark.django_db


def of_all_projects(role: Role = Role.OPERATOR) -> Client:
    user = User.objects.create(username=f"anna-{role}", is_staff=True)
    Membership.objects.create(user=user, role=role)
    return logged_in(user)


def add(client: Client, **fields: str) -> Any:
    given = {"url": "https://Pictures.example.org/a.png", "per_second": "", "open_from": "", "open_until": ""} | fields
    return client.post(f"{LIST}add/", given)


def test_a_host_is_braked_by_any_url_of_it() -> None:
    assert add(of_all_projects(), per_second="2", open_from="22:00", open_until="06:00").status_code == 302
    brake = HostBrake.objects.get()
    assert (brake.host, brake.key, brake.created_by) == (HOST, host_key(HOST), "anna-operator")
    assert (brake.per_second, brake.open_from, brake.open_until) == (2.0, time(22), time(6))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"per_second": "0"},
        {"per_second": "nan"},
        {"per_second": "1e-9"},
        {"per_second": "1001"},
        {"open_from": "22:00"},
        {"open_until": "06:00"},
        {"open_from": "06:00", "open_until": "06:00"},
        {"per_second": "2", "url": "not a host"},
    ],
    ids=str,
)
def test_what_the_command_refuses_the_page_refuses(fields: dict[str, str]) -> None:
    answer = add(of_all_projects(), **fields)
    assert answer.status_code == 200
    assert sum(map(len, answer.context["adminform"].form.errors.values())) == 1, "one reason, not two"
    assert not HostBrake.objects.exists()


def test_a_host_has_one_brake_which_is_changed_on_its_own_page() -> None:
    brake, client = host_brakes.put(HOST, per_second=1), of_all_projects()
    assert "has a brake already" in add(client, per_second="2").content.decode()
    client.post(f"{LIST}{brake.pk}/change/", {"per_second": "3", "open_from": "", "open_until": "", "host": "a:1"})
    brake.refresh_from_db()
    assert (brake.host, brake.per_second, brake.created_by) == (HOST, 3.0, "anna-operator")


def test_a_changed_brake_allows_the_next_request_at_once() -> None:
    """A day's pause of the slower brake is not waited for."""
    brake = host_brakes.put(HOST, per_second=0.00001)
    HostBrake.objects.update(next_at=from_now(timedelta(hours=20)))
    of_all_projects().post(f"{LIST}{brake.pk}/change/", {"per_second": "3", "open_from": "", "open_until": ""})
    assert HostBrake.objects.get().next_at is None


def test_a_brake_is_taken_off_after_a_question_and_the_list_keeps_who_did_it() -> None:
    client = of_all_projects()
    add(client, per_second="2")
    brake = HostBrake.objects.get()
    given = {"object": str(brake.pk)}
    assert "as fast as they can" in client.post(f"{LIST}act/take_off/", given).content.decode()
    assert HostBrake.objects.exists()
    client.post(f"{LIST}act/take_off/", given | {"yes": "1"})
    assert not HostBrake.objects.exists()
    messages = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert messages == ["Braked: at most 2 requests a second", "Brake taken off"]
    page = client.get(LIST).content.decode()
    assert all(text in page for text in (*messages, HOST, "anna-operator"))


def test_a_host_may_be_named_by_the_address_of_the_form() -> None:
    assert f'value="{HOST}"' in of_all_projects().get(f"{LIST}add/?url={HOST}").content.decode()


def test_viewers_of_all_projects_read_brakes_and_put_none() -> None:
    brake, client = host_brakes.put(HOST, per_second=1), of_all_projects(Role.VIEWER)
    assert "at most 1 requests a second" in client.get(LIST).content.decode()
    page = client.get(f"{LIST}{brake.pk}/change/")
    assert (page.status_code, b"Take off" in page.content) == (200, False)
    assert add(client, per_second="2", url="https://b.example/").status_code == 403
    assert client.post(f"{LIST}act/take_off/", {"object": str(brake.pk), "yes": "1"}).status_code == 403
    assert list(HostBrake.objects.values_list("host", "per_second")) == [(HOST, 1.0)]


def test_an_operator_of_one_project_puts_none_for_it_binds_the_others(times: Caller) -> None:
    brake, client = host_brakes.put(HOST, per_second=1), member(times="administrator")
    assert add(client, per_second="2", url="https://b.example/").status_code == 403
    assert client.post(f"{LIST}act/take_off/", {"object": str(brake.pk), "yes": "1"}).status_code == 403
    assert HostBrake.objects.count() == 1
