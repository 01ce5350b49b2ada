"""Events of an earlier version are numbered: programs that begin to poll after the upgrade miss none of them."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from documents import services
from documents.models import Document
from livingdocs_import.models import Project
from livingdocs_import.project_config import store
from tests.api_client import CONFIG, Caller

BEFORE, HALF_WAY = "0004_sort_id", "0005_publication_event_numbers"


def migrate_to(name: str) -> Any:
    MigrationExecutor(connection).migrate([("documents", name)])
    return MigrationExecutor(connection).loader.project_state([("documents", name)]).apps


def old_documents(apps: Any, project: Any, number: int) -> list[Any]:
    """Published documents as the previous version has written them; each has an event."""
    made = []
    for _ in range(number):
        document = apps.get_model("documents", "Document").objects.create(
            project_id=project.pk, content_type="article", document_type="article", current_revision_id=0
        )
        revision = apps.get_model("documents", "Revision").objects.create(
            document=document, version=1, design_name="living-times", design_version="1.0.1", source="import"
        )
        publication = apps.get_model("documents", "Publication").objects.create(
            document=document, revision=revision, published_at=timezone.now()
        )
        document.current_revision_id, document.live_publication_id = revision.pk, publication.pk
        document.save()
        apps.get_model("documents", "PublicationEvent").objects.create(
            document=document, publication=publication, event_type="publish"
        )
        made.append(document)
    return made


@pytest.mark.django_db(transaction=True)
def test_events_from_before_come_first_and_keep_their_keys() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    project, other = (Project.objects.create(handle=handle) for handle in ("times", "herald"))
    store.store(project, CONFIG, by="test")
    try:
        before = migrate_to(BEFORE)
        first, _, last = (
            old_documents(before, project, 1) + old_documents(before, other, 1) + old_documents(before, project, 1)
        )
        keys = list(before.get_model("documents", "PublicationEvent").objects.values_list("pk", flat=True))
    finally:
        MigrationExecutor(connection).migrate(newest)
    caller = Caller(project)
    found = caller.get("publicationEvents").json()
    assert [(row["id"], row["documentId"]) for row in found] == [(keys[0], first.pk), (keys[2], last.pk)]
    assert [(row["contentType"], row["documentType"]) for row in found] == [("article", "article")] * 2
    services.unpublish(Document.objects.get(pk=first.pk), by="ines")
    assert [row["id"] for row in caller.get(f"publicationEvents?after={keys[2]}").json()] == [keys[2] + 1]


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_was_interrupted_goes_on() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    project = Project.objects.create(handle="times")
    try:
        half_way = migrate_to(BEFORE) and migrate_to(HALF_WAY)
        old_documents(half_way, project, 3)
        events = half_way.get_model("documents", "PublicationEvent").objects
        done = events.order_by("pk")[0]
        events.filter(pk=done.pk).update(
            number=done.pk, project_id=project.pk, content_type="article", document_type="article"
        )
    finally:
        MigrationExecutor(connection).migrate(newest)
    ids = [row["id"] for row in Caller(project).get("publicationEvents").json()]
    assert len(ids) == 3
    assert ids == sorted(ids)
