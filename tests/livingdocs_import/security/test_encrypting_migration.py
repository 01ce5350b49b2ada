"""The migration encrypts what an earlier version stored in clear, and can be taken back."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from livingdocs_import.models import Project, ProjectConfigRevision
from livingdocs_import.security import encryption

BEFORE, AFTER = "0002_database_defaults", "0005_webhook_secrets_are_encrypted"
CONFIG = {"v": 2, "settings": {"import": {"webhookSecret": "hunter2-import"}}}


def migrate_to(name: str) -> Any:
    """Migrate this app, and what depends on it; its models as they are then."""
    executor = MigrationExecutor(connection)
    executor.migrate([("livingdocs_import", name)])
    return MigrationExecutor(connection).loader.project_state([("livingdocs_import", name)]).apps


@pytest.mark.django_db(transaction=True)
def test_secrets_of_an_earlier_version_are_encrypted_and_come_back_in_clear() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        earlier = migrate_to(BEFORE)
        project = earlier.get_model("livingdocs_import", "Project").objects.create(handle="p", webhook_secret="hunter2")
        earlier.get_model("livingdocs_import", "Project").objects.create(handle="without")
        revisions = earlier.get_model("livingdocs_import", "ProjectConfigRevision")
        revisions.objects.create(project=project, revision=1, config=CONFIG, design_name="d", design_version="1.0.0")

        migrate_to(AFTER)
        secret = Project.objects.only("webhook_secret").get(handle="p").webhook_secret
        assert (secret.stored.startswith("enc:v1:"), secret.reveal()) == (True, "hunter2")
        assert not Project.objects.only("webhook_secret").get(handle="without").webhook_secret
        stored = ProjectConfigRevision.objects.get().config["settings"]["import"]["webhookSecret"]
        assert (stored.startswith("enc:v1:"), encryption.decrypt(stored)) == (True, "hunter2-import")

        earlier = migrate_to(BEFORE)
        assert earlier.get_model("livingdocs_import", "Project").objects.get(handle="p").webhook_secret == "hunter2"
        assert earlier.get_model("livingdocs_import", "ProjectConfigRevision").objects.get().config == CONFIG
    finally:
        MigrationExecutor(connection).migrate(newest)
