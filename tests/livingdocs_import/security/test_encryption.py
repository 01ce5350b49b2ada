"""Secrets are encrypted at rest: a copy of the database does not hold them, and they outlive a change of keys."""

import json
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from livingdocs_import import stored_secrets
from livingdocs_import.errors import UnreadableSecret
from livingdocs_import.models import Project, ProjectConfigRevision
from livingdocs_import.project_config import store
from livingdocs_import.security import encryption
from tests.api_client import CONFIG, Caller
from tests.operators import operator

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
WEBHOOKS = {
    "configurations": [{"handle": "desk", "url": "https://desk.example/", "secret": "hunter2-desk", "events": []}]
}
WITH_SECRETS = CONFIG | {
    "settings": CONFIG["settings"] | {"import": {"webhookSecret": "hunter2-import"}, "webhooks": WEBHOOKS},
    "externalSystems": [{"handle": "web", "livingdocsServerToken": "hunter2-system"}],
}


def everything_stored() -> str:
    """The whole database as a dump would have it."""
    with connection.cursor() as cursor:
        texts = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            texts += [str(row) for row in cursor.fetchall()]
    return "\n".join(texts)


def give_secrets(caller: Caller) -> None:
    """One of the project's own, set as operators do, and those of two revisions of its configuration."""
    address = f"/admin/livingdocs_import/project/{caller.project.pk}/change/"
    form = {"label": "", "time_zone": "UTC", "import_weight": 1, "new_secret": "hunter2-project"}
    form |= {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    assert operator().post(address, form).status_code == 302
    for label in ("Morning", "Evening"):
        raw = json.loads(json.dumps(WITH_SECRETS))
        raw["settings"]["label"] = label
        store.store(caller.project, raw, by="test")
    caller.project.refresh_from_db()


def secrets_now(project: Project) -> list[str]:
    """All of them as they are used: the project's own, then those of its newest configuration."""
    config = store.current(project)
    imports = config.options.import_webhook_secret
    (hook,) = config.webhooks.configured
    assert imports is not None
    assert hook.secret is not None
    stored = [project.webhook_secret.stored, imports.stored, hook.secret.stored]
    return [encryption.decrypt(each) for each in stored]


IN_USE = ["hunter2-project", "hunter2-import", "hunter2-desk"]


def test_a_dump_of_the_database_holds_no_secret(times: Caller) -> None:
    give_secrets(times)
    stored = everything_stored()
    assert "Evening" in stored, "the search itself works"
    assert "hunter2" not in stored
    assert secrets_now(times.project) == IN_USE


def test_secrets_that_are_stored_in_clear_are_encrypted_by_the_command_or_with_the_next_revision(times: Caller) -> None:
    source = {"handle": "desk", "plugin": "desk", "config": {"apiKey": "hunter2-source"}}
    in_clear = CONFIG | {"mediaTypes": [CONFIG["mediaTypes"][0] | {"mediaSources": [source]}]}
    settings = CONFIG["settings"] | {"integrations": {"imatrics": {"X-Api-Token": "hunter2-imatrics"}}}
    for config in (in_clear, CONFIG | {"settings": settings}):
        row = ProjectConfigRevision.objects.create(project=times.project, revision=7, config=config)
        call_command("encrypt_secrets", stdout=StringIO())
        assert "hunter2" not in everything_stored()
        row.refresh_from_db()
        assert store.with_readable_secrets(row.config) == config
        row.delete()

    before = ProjectConfigRevision.objects.create(project=times.project, revision=8, config=in_clear)
    sent = json.loads(json.dumps(in_clear).replace("hunter2-source", "***"))
    kept, _ = store.fit(times.project, before, sent)
    before.delete()
    store.add_revision(times.project, None, kept, by="test")
    assert "hunter2" not in everything_stored()


def test_what_looks_like_a_token_is_encrypted_like_any_other_text(times: Caller) -> None:
    """Who has a copy of the database cannot make a foreign token his own secret."""
    token = encryption.encrypt("somebody else's")
    times.project.webhook_secret = token
    times.project.save()
    times.project.refresh_from_db()
    assert times.project.webhook_secret.reveal() == token
    row = store.store(times.project, {"v": 2, "settings": {"import": {"webhookSecret": token}}}, by="test")
    row.refresh_from_db()
    assert encryption.decrypt(row.config["settings"]["import"]["webhookSecret"]) == token


def test_words_of_editors_are_left_as_they_are(times: Caller) -> None:
    content = [{"component": "paragraph", "content": {"secret": "a word"}}]
    raw = CONFIG | {"contentTypes": [CONFIG["contentTypes"][0] | {"defaultContent": content}]}
    store.store(times.project, raw, by="test")
    assert ProjectConfigRevision.objects.get(revision=2).config == raw


def test_a_plain_secret_cannot_be_stored_past_the_models(times: Caller) -> None:
    refused = pytest.raises(IntegrityError, match="webhook_secrets_are_encrypted")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE livingdocs_import_project SET webhook_secret = 'hunter2'")


def test_a_secret_survives_dumpdata_and_loaddata(times: Caller, tmp_path: Any) -> None:
    give_secrets(times)
    file = tmp_path / "dump.json"
    call_command("dumpdata", "livingdocs_import.project", output=str(file), verbosity=0)
    assert "hunter2" not in file.read_text()
    Project.objects.update(webhook_secret="")
    call_command("loaddata", str(file), verbosity=0)
    assert Project.objects.get(pk=times.project.pk).webhook_secret.reveal() == "hunter2-project"


def test_a_secret_is_not_in_what_a_developer_prints(times: Caller) -> None:
    give_secrets(times)
    assert repr(times.project.webhook_secret) == "StoredSecret(set)"


# --- Other keys ------------------------------------------------------------------------------------------------------


def test_secrets_of_all_revisions_move_to_the_new_key(times: Caller, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    give_secrets(times)
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    assert secrets_now(times.project) == IN_USE, "both keys decrypt"
    call_command("encrypt_secrets", "--at-once", "1", stdout=StringIO())

    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    times.project.refresh_from_db()
    with store.compiled.fresh():
        assert secrets_now(times.project) == IN_USE
    texts = [str(row.config) for row in ProjectConfigRevision.objects.all()]
    assert [text.count("enc:v1:") for text in texts] == [3, 3, 0], "the newest first; the first one has none"


def test_what_is_encrypted_with_the_first_key_is_not_touched_again(times: Caller, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    give_secrets(times)
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    call_command("encrypt_secrets", stdout=StringIO())
    before = everything_stored()
    call_command("encrypt_secrets", stdout=StringIO())
    assert everything_stored() == before


def test_a_missing_key_is_named_with_every_place_and_the_rest_is_done(times: Caller, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    give_secrets(times)
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    other = Project.objects.create(handle="other", webhook_secret="hunter2-other")
    said = StringIO()
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), NEW]
    with pytest.raises(CommandError, match="7 secrets cannot be read"):
        call_command("encrypt_secrets", stderr=said)
    assert "cannot be read: project times: webhook secret" in said.getvalue()
    assert "cannot be read: project times, revision 3: /settings/import/webhookSecret" in said.getvalue()
    settings.FIELD_ENCRYPTION_KEYS = settings.FIELD_ENCRYPTION_KEYS[:1]
    other.refresh_from_db()
    assert other.webhook_secret.reveal() == "hunter2-other"
    with pytest.raises(UnreadableSecret):
        times.project.webhook_secret.reveal()


def test_checks_name_secrets_in_use_that_cannot_be_read(times: Caller, settings: Any) -> None:
    give_secrets(times)
    assert checks.run_checks(tags=["database"], databases=["default"]) == []
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    found = [str(message) for message in checks.run_checks(tags=["database"], databases=["default"])]
    assert len(found) == 4
    assert "project times: webhook secret cannot be decrypted: webhooks wait unsent." in found[0]
    assert "revision 3: /settings/import/webhookSecret" in "".join(found)
    assert "revision 2" not in "".join(found), "nobody uses that one"


def test_a_process_whose_keys_fit_no_secret_is_not_ready(times: Caller, settings: Any) -> None:
    """One that lacks the key of some is: their webhooks wait, and everything else goes on."""
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert stored_secrets.keys_fit(), "no secret, no fault"
    Project.objects.update(webhook_secret="hunter2")
    assert stored_secrets.keys_fit()
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    assert not stored_secrets.keys_fit()
    Project.objects.create(handle="other", webhook_secret="hunter2")
    assert stored_secrets.keys_fit()


def test_the_pages_of_the_admin_show_neither_secret_nor_token_and_say_what_is_wrong(
    times: Caller, settings: Any
) -> None:
    give_secrets(times)
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    client = operator()
    project = client.get(f"/admin/livingdocs_import/project/{times.project.pk}/change/").content.decode()
    assert "set, but none of FIELD_ENCRYPTION_KEYS can decrypt a stored secret: webhooks wait" in project
    row = ProjectConfigRevision.objects.get(revision=3)
    revision = client.get(f"/admin/livingdocs_import/projectconfigrevision/{row.pk}/change/").content.decode()
    assert "&quot;***&quot;" in revision
    assert "enc:v1:" not in project + revision
    assert client.get("/admin/livingdocs_import/project/").status_code == 200


def test_reading_a_configuration_decrypts_nothing(times: Caller, settings: Any) -> None:
    """It is read with every chunk, and by every process; only a webhook needs its secret."""
    give_secrets(times)
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    with store.compiled.fresh():
        assert store.current(times.project).label == "Evening"
        assert times.get("mediaLibrary/nothing").status_code == 404
