"""An operator revokes and unrevokes an entry in the admin: with a question, a version and a trace."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry

from livingdocs_import.admin.actions import ActionFailed
from livingdocs_import.project_config import store
from media_library.admin.actions import ACTIONS
from media_library.models import EntryChange, MediaEntry
from tests.api_client import CONFIG, Caller
from tests.media_library.entries.test_create import create, image
from tests.operators import operator

LIST = "/admin/media_library/mediaentry/"
VIEW, CHANGE = "media_library.view_mediaentry", "media_library.change_mediaentry"


@pytest.fixture
def entry(times: Caller) -> MediaEntry:
    create(times, image(id="B1LPgANhJFpo", metadata={"title": "A bridge"}))
    return MediaEntry.objects.get()


def act(action: str, entry: MediaEntry, client: Any = None, **data: str) -> Any:
    return (client or operator()).post(f"{LIST}act/{action}/", {"object": entry.pk} | data, follow=True)


def page(entry: MediaEntry, client: Any = None) -> str:
    return str((client or operator()).get(f"{LIST}{entry.pk}/change/").content.decode())


def test_an_entry_is_revoked_once_the_operator_has_said_yes(entry: MediaEntry) -> None:
    asked = act("revoke", entry).content.decode()
    assert "Its files are refused from now on" in asked
    assert "It can be unrevoked" in asked
    entry.refresh_from_db()
    assert not entry.revoked
    assert "A bridge is revoked." in act("revoke", entry, yes="1").content.decode()
    entry.refresh_from_db()
    assert (entry.revoked, entry.version) == (True, 2)


def test_the_audit_log_and_the_history_have_the_user(entry: MediaEntry) -> None:
    client = operator()
    act("revoke", entry, client, yes="1")
    change = EntryChange.objects.latest("pk")
    assert (change.actor, change.actor_name, change.version) == ("user", "operator-0", 2)
    assert change.operations == ["revokeAsset"]
    assert LogEntry.objects.get().object_id == str(entry.pk)
    assert "What operators did to it" in page(entry, client)


def test_it_is_taken_back(entry: MediaEntry) -> None:
    assert ">Unrevoke<" not in page(entry)
    act("revoke", entry, yes="1")
    assert ">Revoke<" not in page(entry)
    assert "may be used again" in act("unrevoke", entry).content.decode()
    entry.refresh_from_db()
    assert (entry.revoked, entry.version) == (False, 3)
    assert "nothing to do" in act("unrevoke", entry).content.decode()


def test_what_was_deleted_with_the_revocation_is_not_offered_back(times: Caller, entry: MediaEntry) -> None:
    settings = CONFIG["settings"] | {"mediaLibrary": {"revokeDeletesAsset": True}}
    store.store(times.project, CONFIG | {"settings": settings}, by="test")
    assert "this cannot be undone" in act("revoke", entry).content.decode()
    act("revoke", entry, yes="1")
    entry.refresh_from_db()
    assert entry.asset_deleted
    assert ">Unrevoke<" not in page(entry)


def test_another_request_was_quicker(entry: MediaEntry) -> None:
    """Between the look at the page and the lock of the row."""
    act("revoke", entry, yes="1")
    with pytest.raises(ActionFailed, match="is already revoked"):
        ACTIONS["revoke"].do(entry, "an operator with an old page")


def test_a_configuration_that_cannot_be_used_any_more_is_reported(times: Caller, entry: MediaEntry) -> None:
    """A plugin that it needs was taken away, say."""
    media_type = {"handle": "image", "type": "mediaImage", "metadata": [{"handle": "title", "type": "li-gone"}]}
    times.project.config_revisions.update(config=CONFIG | {"mediaTypes": [media_type]})
    with store.compiled.fresh():
        shown = act("revoke", entry, yes="1").content.decode()
    assert "configuration cannot be used" in shown
    assert "li-gone" in shown


@pytest.mark.parametrize(("permission", "allowed"), [(VIEW, False), (CHANGE, True)])
def test_it_needs_the_permission_to_change_entries(entry: MediaEntry, permission: str, allowed: bool) -> None:
    client = operator(permission)
    assert (">Revoke<" in page(entry, client)) == allowed
    assert act("revoke", entry, client, yes="1").status_code == (200 if allowed else 403)
    entry.refresh_from_db()
    assert entry.revoked == allowed


def test_what_is_no_action_or_no_entry_does_nothing(entry: MediaEntry) -> None:
    client = operator()
    assert client.get(f"{LIST}act/revoke/").status_code == 405
    assert act("burn", entry, client).status_code == 403
    for key in ("", "x", "99999"):
        assert client.post(f"{LIST}act/revoke/", {"object": key, "yes": "1"}).status_code == 302
    entry.refresh_from_db()
    assert not entry.revoked
