"""API clients in the admin: the token is shown once, in the answer to the POST that made it, and kept nowhere."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from livingdocs_import.models import AccessToken
from tests.api_client import Caller
from tests.operators import operator

ADD = "/admin/livingdocs_import/accesstoken/add/"
LIST = "/admin/livingdocs_import/accesstoken/"


def filled_in(times: Caller, **fields: Any) -> dict[str, Any]:
    return {
        "project": times.project.pk,
        "name": "night desk",
        "scopes": ["public-api:read", "public-api:write"],
        "expires_at_0": "2031-01-31",
        "expires_at_1": "12:00",
    } | fields


def act(client: Any, action: str, *tokens: AccessToken) -> Any:
    return client.post(LIST, {"action": action, "_selected_action": [token.pk for token in tokens]}, follow=True)


def test_the_value_is_shown_once_and_works(times: Caller) -> None:
    """AUTH-16"""
    client = operator()
    answer = client.post(ADD, filled_in(times))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    value = re.search(r'class="token-value" [^>]*value="([^"]+)"', answer.content.decode())
    assert value is not None
    token = AccessToken.authenticate(value[1])
    assert token is not None
    assert (token.name, token.project, token.scopes) == (
        "night desk", times.project, ["public-api:read", "public-api:write"],
    )  # fmt: skip
    assert f"{token.expires_at:%Y-%m-%d %H:%M}" == "2031-01-31 12:00"

    again = client.get(f"{LIST}{token.pk}/change/").content.decode()
    everywhere = again + client.get(LIST).content.decode() + str(list(Session.objects.values()))
    assert value[1] not in everywhere + str(list(LogEntry.objects.values()))
    assert token.jti in again
    assert token.kid in again


def test_what_is_missing_is_named_and_nothing_is_issued(times: Caller) -> None:
    before = AccessToken.objects.count()
    page = operator().post(ADD, filled_in(times, name="", scopes=[])).content.decode()
    assert page.count("This field is required.") == 2
    assert AccessToken.objects.count() == before


def test_an_unknown_scope_is_refused(times: Caller) -> None:
    before = AccessToken.objects.count()
    operator().post(ADD, filled_in(times, scopes=["public-api:everything"]))
    assert AccessToken.objects.count() == before


def test_who_may_only_look_cannot_issue(times: Caller) -> None:
    before = AccessToken.objects.count()
    client = operator("livingdocs_import.view_accesstoken")
    assert client.post(ADD, filled_in(times)).status_code == 403
    assert AccessToken.objects.count() == before


def test_a_suspended_token_is_refused_at_once_and_accepted_when_resumed(times: Caller) -> None:
    token = AccessToken.objects.get()
    client = operator()
    assert times.get("mediaLibrary?ids=x").status_code == 200
    act(client, "suspend", token)
    assert times.get("mediaLibrary?ids=x").status_code == 401
    act(client, "resume", token)
    assert times.get("mediaLibrary?ids=x").status_code == 200
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == ["Suspended", "Resumed"]


def test_a_token_is_suspended_on_its_own_page(times: Caller) -> None:
    client, token = operator(), AccessToken.objects.get()
    assert f'action="{LIST}act/suspend/"' in client.get(f"{LIST}{token.pk}/change/").content.decode()
    client.post(f"{LIST}act/suspend/", {"object": token.pk})
    assert times.get("mediaLibrary?ids=x").status_code == 401
    assert f'action="{LIST}act/resume/"' in client.get(f"{LIST}{token.pk}/change/").content.decode()


def test_an_archived_token_is_refused_and_leaves_the_list_of_those_in_use(times: Caller) -> None:
    client = operator()
    act(client, "archive", AccessToken.objects.get())
    assert times.get("mediaLibrary?ids=x").status_code == 401
    assert "0 API clients" in client.get(f"{LIST}?state=usable").content.decode()
    assert "1 API client" in client.get(f"{LIST}?state=archived").content.decode()


@pytest.mark.parametrize("state", ["usable", "expired", "suspended", "archived"])
def test_each_state_can_be_filtered(times: Caller, state: str) -> None:
    AccessToken.objects.all().delete()
    now = timezone.now()
    for name, fields in {
        "usable": {},
        "expired": {"expires_at": now - timedelta(days=1)},
        "suspended": {"suspended_at": now},
        "archived": {"archived_at": now},
    }.items():
        AccessToken.objects.issue(times.project, name=f"the {name} one", scopes=[], **fields)
    page = operator().get(f"{LIST}?state={state}").content.decode()
    assert re.findall(r">the (\w+) one<", page) == [state]


def test_a_token_is_never_deleted_and_keeps_its_project(times: Caller, herald: Caller) -> None:
    token = AccessToken.objects.get(project=times.project)
    client = operator()
    assert client.post(f"{LIST}{token.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(f"{LIST}{token.pk}/change/", filled_in(herald, name="renamed", scopes=["public-api:read"]))
    token.refresh_from_db()
    assert (token.name, token.project, token.scopes) == ("renamed", times.project, ["public-api:read"])


# --- Rotation --------------------------------------------------------------------------------------------------------


def shown_value(page: str) -> str:
    found = re.search(r'class="token-value" [^>]*value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


def test_a_rotated_token_has_a_successor_and_goes_on_working_for_a_day(times: Caller) -> None:
    client, old = operator(), AccessToken.objects.get()
    rotate = f"{LIST}{old.pk}/rotate/"
    assert "Rotate, and show the new token" in client.get(rotate).content.decode()
    answer = client.post(rotate, {"hours": "24"})
    assert "no-store" in answer["Cache-Control"]
    new = AccessToken.authenticate(shown_value(answer.content.decode()))
    assert new is not None
    assert (new.name, new.scopes, new.replaces) == (old.name, old.scopes, old)
    old.refresh_from_db()
    assert old.expires_at is not None
    assert timedelta(hours=23) < old.expires_at - timezone.now() <= timedelta(hours=24)
    assert times.get("mediaLibrary?ids=x").status_code == 200
    assert f'replaced by <a href="{LIST}{new.pk}/change/">' in client.get(f"{LIST}{old.pk}/change/").content.decode()


def test_the_old_token_works_until_a_chosen_moment(times: Caller) -> None:
    client, old = operator(), AccessToken.objects.get()
    address = f"{LIST}{old.pk}/rotate/"
    for until, problem in (("", "Choose the moment."), ("2020-01-01T00:00", "This moment has passed.")):
        assert problem in client.post(address, {"hours": "until", "until": until}).content.decode()
    assert AccessToken.objects.count() == 1
    moment = (timezone.now() + timedelta(days=3)).replace(second=0, microsecond=0)
    client.post(address, {"hours": "until", "until": f"{moment:%Y-%m-%dT%H:%M}"})
    old.refresh_from_db()
    assert old.expires_at == moment


def test_the_successor_of_a_token_that_ends_soon_may_end_later(times: Caller) -> None:
    AccessToken.objects.update(expires_at=timezone.now() + timedelta(days=3))
    client, old = operator(), AccessToken.objects.get()
    address = f"{LIST}{old.pk}/rotate/"
    assert "The new token ends" in client.get(address).content.decode()
    passed = client.post(address, {"hours": "24", "expires_at": "2020-01-01T00:00"}).content.decode()
    assert "This moment has passed." in passed
    client.post(address, {"hours": "24", "expires_at": "9998-12-31T23:00"})
    assert f"{AccessToken.objects.get(replaces=old).expires_at:%Y-%m-%dT%H:%M}" == "9998-12-31T23:00"


def test_a_token_is_rotated_once(times: Caller) -> None:
    client, old = operator(), AccessToken.objects.get()
    client.post(f"{LIST}{old.pk}/rotate/", {"hours": "0"})
    again = client.post(f"{LIST}{old.pk}/rotate/", {"hours": "24"}, follow=True).content.decode()
    assert "was rotated already" in again
    assert AccessToken.objects.count() == 2
    assert times.get("mediaLibrary?ids=x").status_code == 401


def test_a_rotation_never_makes_a_token_last_longer(times: Caller) -> None:
    soon = timezone.now() + timedelta(hours=1)
    AccessToken.objects.update(expires_at=soon)
    new, _ = AccessToken.objects.rotate(AccessToken.objects.get(), old_ends_at=timezone.now() + timedelta(days=7))
    assert new.replaces is not None
    assert {token.expires_at for token in AccessToken.objects.all()} == {soon}


def test_an_archived_token_cannot_be_rotated(times: Caller) -> None:
    AccessToken.objects.update(archived_at=timezone.now())
    page = operator().post(f"{LIST}{AccessToken.objects.get().pk}/rotate/", {"hours": "24"}, follow=True)
    assert "is archived" in page.content.decode()
    assert AccessToken.objects.count() == 1


def test_a_token_that_has_ended_cannot_be_rotated(times: Caller) -> None:
    """Its successor, with the same end, would have ended as well."""
    AccessToken.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    client, address = operator(), f"{LIST}{AccessToken.objects.get().pk}/"
    page = client.post(f"{address}rotate/", {"hours": "24"}, follow=True).content.decode()
    assert "has ended: issue a new one" in page
    assert AccessToken.objects.count() == 1
    assert "rotate/" not in client.get(f"{address}change/").content.decode()


def test_a_rotation_does_not_lock_the_project(times: Caller) -> None:
    """Imports and configurations of the project need its row."""
    with CaptureQueriesContext(connection) as queries:
        AccessToken.objects.rotate(AccessToken.objects.get(), old_ends_at=timezone.now())
    locking = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    of_tokens = 'FOR UPDATE OF "livingdocs_import_accesstoken"'
    assert all(sql.endswith(of_tokens) for sql in locking)
    assert len(locking) == (1 if connection.features.has_select_for_update_of else 0)


def test_who_may_only_change_cannot_rotate(times: Caller) -> None:
    client = operator("livingdocs_import.view_accesstoken", "livingdocs_import.change_accesstoken")
    address = f"{LIST}{AccessToken.objects.get().pk}/rotate/"
    assert client.post(address, {"hours": "24"}).status_code == 403


# --- The form --------------------------------------------------------------------------------------------------------


def test_a_form_that_is_sent_twice_issues_one_token(times: Caller) -> None:
    client = operator()
    hidden = re.search(r'name="new_jti" value="([^"]+)"', client.get(ADD).content.decode())
    assert hidden is not None
    sent = filled_in(times, new_jti=hidden[1])
    assert AccessToken.authenticate(shown_value(client.post(ADD, sent).content.decode()))
    assert "This form was sent before" in client.post(ADD, sent).content.decode()
    assert AccessToken.objects.filter(name="night desk").count() == 1


def test_a_new_token_cannot_have_ended_already(times: Caller) -> None:
    page = operator().post(ADD, filled_in(times, expires_at_0="2020-01-31")).content.decode()
    assert "This moment has passed." in page
    assert not AccessToken.objects.filter(name="night desk").exists()
