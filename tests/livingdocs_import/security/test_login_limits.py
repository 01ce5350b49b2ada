"""Wrong passwords: a name and an address are locked out together, and checking passwords never takes all of the web."""

import threading
import time
from io import StringIO
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from livingdocs_import.errors import Busy
from livingdocs_import.security.password_hashing import Slots, slots
from tests.operators import operator

LOGIN, ATTEMPTS = "/admin/login/", "/admin/axes/accessattempt/"
HERE, ELSEWHERE = "203.0.113.5", "198.51.100.1"


@pytest.fixture(autouse=True)
def _night_operator(db: None, settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.create_user("night", password="right", is_staff=True)


def log_in(password: str, name: str = "night", address: str = HERE, **meta: str) -> Any:
    return Client(REMOTE_ADDR=address, **meta).post(LOGIN, {"username": name, "password": password})


def lock_out(name: str = "night", address: str = HERE) -> None:
    assert [log_in(f"wrong {n}", name, address).status_code for n in range(3)] == [200, 200, 429]


def test_after_too_many_wrong_passwords_not_even_the_right_one_is_looked_at(settings: Any) -> None:
    lock_out()
    page = log_in("right")
    assert page.status_code == 429
    assert 0 < int(page.headers["Retry-After"]) <= settings.AXES_COOLOFF_TIME.total_seconds()
    assert "Too many wrong passwords for this name from your address. Try again in 15 minutes." in page.content.decode()
    assert page.headers["Content-Security-Policy"]


def test_an_operator_is_not_locked_out_by_guesses_from_elsewhere() -> None:
    lock_out(address=ELSEWHERE)
    assert log_in("right", address=HERE).status_code == 302


def test_a_client_with_invented_addresses_is_counted_by_its_own() -> None:
    for n in range(3):
        log_in("wrong", HTTP_X_FORWARDED_FOR=f"192.0.2.{n}")
    assert log_in("right", HTTP_X_FORWARDED_FOR="192.0.2.77").status_code == 429


def test_a_right_password_makes_the_wrong_ones_forgotten() -> None:
    for _ in range(2):
        assert [log_in("wrong").status_code, log_in("wrong").status_code] == [200, 200]
        assert log_in("right").status_code == 302
    assert not AccessAttempt.objects.exists()


def test_who_keeps_trying_while_locked_out_costs_no_further_row_and_no_longer_lock() -> None:
    lock_out()
    before = list(AccessAttempt.objects.values())
    for _ in range(3):
        log_in("wrong")
    assert list(AccessAttempt.objects.values()) == before


def test_what_is_kept_of_an_attempt_holds_no_password(settings: Any) -> None:
    log_in("hunter2")
    (kept,) = AccessAttempt.objects.values()
    assert "hunter2" not in str(kept)


def test_an_operator_lifts_the_lock_in_the_admin() -> None:
    lock_out()
    lock_out(address=ELSEWHERE)
    client = operator()
    page = client.get(ATTEMPTS).content.decode()
    assert "Failed log-ins" in page
    assert page.count("locked for 15 min") == 2
    chosen = AccessAttempt.objects.get(ip_address=HERE)
    assert "locked for" in client.get(f"{ATTEMPTS}{chosen.pk}/change/").content.decode()
    answer = client.post(ATTEMPTS, {"action": "lift", "_selected_action": [chosen.pk]}, follow=True)
    assert "The account night from 203.0.113.5 may try again." in answer.content.decode()
    assert log_in("right").status_code == 302
    assert log_in("right", address=ELSEWHERE).status_code == 429


def test_only_who_may_delete_attempts_lifts_locks() -> None:
    lock_out()
    client = operator("axes.view_accessattempt")
    assert client.get(ATTEMPTS).status_code == 200
    client.post(ATTEMPTS, {"action": "lift", "_selected_action": [AccessAttempt.objects.get().pk]})
    assert log_in("right").status_code == 429


def test_a_command_lifts_the_lock() -> None:
    lock_out()
    call_command("axes_reset_username", "night", stdout=StringIO())
    assert log_in("right").status_code == 302


def test_who_logs_in_with_a_foreign_next_comes_to_the_first_page() -> None:
    """L: it was a JSON 404."""
    answer = Client().post(f"{LOGIN}?next=https://evil.example/", {"username": "night", "password": "right"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")


# --- Turns -----------------------------------------------------------------------------------------------------------


def test_a_login_that_finds_no_place_is_a_page_that_says_so_and_no_wrong_password() -> None:
    with slots().slot(HERE):
        page = log_in("right")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "2")
    assert "Your name and password have not been looked at: try again in a few seconds." in page.content.decode()
    assert not AccessAttempt.objects.exists()
    assert log_in("right").status_code == 302


def test_of_two_addresses_one_waits_for_the_other_and_no_third_waits() -> None:
    own = Slots(waiting=1, patience=30)
    order, begun = [], threading.Event()

    def wait() -> None:
        begun.set()
        with own.slot("b"):
            order.append("b")

    with own.slot("a"):
        other = threading.Thread(target=wait)
        other.start()
        begun.wait()
        while not own.waiting:
            time.sleep(0.001)
        for address in ("a", "b", "c"):
            with pytest.raises(Busy), own.slot(address):
                pass
        order.append("a")
    other.join()
    assert order == ["a", "b"]


def test_patience_ends_and_leaves_nothing_behind() -> None:
    own = Slots(waiting=1, patience=0.01)
    with own.slot("a"), pytest.raises(Busy), own.slot("b"):
        pass
    with own.slot("b"):
        pass


def test_a_failure_releases_the_slot() -> None:
    own = Slots()
    with pytest.raises(ZeroDivisionError), own.slot("a"):
        raise ZeroDivisionError
    with own.slot("a"):
        pass
