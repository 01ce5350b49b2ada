"""Viewers read, operators act, administrators also configure, in their projects; who had permissions keeps them."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client

from imports.models import ImportItem, ImportJob
from livingdocs_import.models import AccessToken, Membership, Project, ProjectConfigRevision, Role, WebhookDelivery
from media_library.models import MediaEntry
from tests import images
from tests.api_client import Caller, document_item, image_item
from tests.operators import logged_in, member, operator
from tests.origin import Origin, Reply

FAILURES_ACT = "/admin/imports/importitem/failures/act/"
DELIVERIES = "/admin/livingdocs_import/webhookdelivery/"
ROLES = ("viewer", "operator", "administrator")
# What each role may do: the address, what is sent, the least role.
CASES: list[tuple[str, str, dict[str, Any] | None, str]] = [
    ("read jobs", "/admin/imports/importjob/", None, "viewer"),
    ("read the page of a job", "/admin/imports/importjob/{job}/change/", None, "viewer"),
    ("read failures", "/admin/imports/importitem/failures/", None, "viewer"),
    ("read the configuration", "/admin/livingdocs_import/projectconfigrevision/{config}/change/", None, "viewer"),
    ("read the page of a token", "/admin/livingdocs_import/accesstoken/{token}/change/", None, "viewer"),
    ("read the page of the project", "/admin/livingdocs_import/project/{project}/change/", None, "viewer"),
    ("cancel a job", "/admin/imports/importjob/act/cancel/", {"object": "{job}", "yes": "1"}, "operator"),
    ("replay a job", "/admin/imports/importjob/act/replay/", {"object": "{job}", "yes": "1"}, "operator"),
    ("retry failures", FAILURES_ACT, {"action": "retry", "_selected_action": "0"}, "operator"),
    ("mark failures", FAILURES_ACT, {"action": "mark", "_selected_action": "0"}, "operator"),
    ("revoke an entry", "/admin/media_library/mediaentry/act/revoke/", {"object": "{entry}", "yes": "1"}, "operator"),
    ("publish a document", "/admin/documents/document/act/publish/", {"object": "{document}"}, "operator"),
    ("delete a document", "/admin/documents/document/act/delete/", {"object": "{document}", "yes": "1"}, "operator"),
    ("edit a document", "/admin/documents/revision/add/?document={document}", None, "operator"),
    ("send a webhook again", f"{DELIVERIES}act/send_again/", {"object": "{delivery}"}, "operator"),
    ("write a configuration", "/admin/livingdocs_import/projectconfigrevision/add/", None, "administrator"),
    ("issue a token", "/admin/livingdocs_import/accesstoken/add/", None, "administrator"),
    ("rotate a token", "/admin/livingdocs_import/accesstoken/{token}/rotate/", None, "administrator"),
    ("suspend a token", "/admin/livingdocs_import/accesstoken/act/suspend/", {"object": "{token}"}, "administrator"),
    ("change the limits", "/admin/livingdocs_import/project/{project}/change/", {"label": "x"}, "administrator"),
    ("test a webhook", "/admin/livingdocs_import/project/act/test/", {"object": "{project}"}, "administrator"),
    ("add a project", "/admin/livingdocs_import/project/add/", None, "superuser"),
    ("read hosts", "/admin/livingdocs_import/hostcircuit/", None, "superuser"),
    ("read brakes", "/admin/livingdocs_import/hostbrake/", None, "superuser"),
    ("brake a host", "/admin/livingdocs_import/hostbrake/add/", None, "superuser"),
    ("read failed log-ins", "/admin/axes/accessattempt/", None, "superuser"),
    ("read users", "/admin/auth/user/", None, "superuser"),
    ("read groups", "/admin/auth/group/", None, "superuser"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("viewer", {"imports.view_importjob"}),
        ("operator", {"imports.view_importjob", "imports.change_importjob", "imports.add_importjob"}),
    ],
)
def test_a_permission_is_asked_for_with_an_object_of_a_project(
    times: Caller, herald: Caller, role: str, allowed: set[str]
) -> None:
    """Without an object it says whether the user has it in any project."""
    member(times=role)
    user, permissions = User.objects.get(), ("view", "change", "add")
    own, other = (
        ImportJob.objects.create(project=caller.project, kind="images", system_name="s") for caller in (times, herald)
    )
    for name in (f"imports.{each}_importjob" for each in permissions):
        assert user.has_perm(name) == (name in allowed)
        assert user.has_perm(name, own) == (name in allowed)
        assert not user.has_perm(name, other)


def test_the_project_of_an_object_may_be_that_of_what_it_belongs_to(times: Caller, herald: Caller) -> None:
    member(times="viewer")
    user = User.objects.get()
    for caller, allowed in ((times, True), (herald, False)):
        job = ImportJob.objects.create(project=caller.project, kind="images", system_name="s", total=1)
        item = ImportItem.objects.create(job=job, position=0, payload={})
        assert user.has_perm("imports.view_importitem", item) == allowed
        assert user.has_perm("livingdocs_import.view_project", caller.project) == allowed


@pytest.fixture
def keys(times: Caller, origin: Origin, run_workers: Callable[[], None]) -> dict[str, int]:
    """One row of each kind."""
    picture = origin.reply("/1.png", Reply(images.png(images.picture(2, 2))))
    public_id = times.import_images(image_item(picture), webhook=origin.url("/done"))
    times.import_documents(document_item())
    run_workers()
    return {
        "project": times.project.pk,
        "job": ImportJob.objects.get(public_id=public_id).pk,
        "entry": MediaEntry.objects.get().pk,
        "document": times.project.documents.get().pk,
        "config": ProjectConfigRevision.objects.get().pk,
        "token": AccessToken.objects.get().pk,
        "delivery": WebhookDelivery.objects.get().pk,
    }


@pytest.mark.parametrize(("path", "fields", "least"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_role_may_do_what_it_is_for(
    keys: dict[str, int], path: str, fields: dict[str, Any] | None, least: str
) -> None:
    address = path.format(**keys)
    sent = {name: value.format(**keys) for name, value in (fields or {}).items()}
    for role in ROLES:
        client = member(times=role)
        answer = client.get(address) if fields is None else client.post(address, sent)
        allowed = least in ROLES and ROLES.index(role) >= ROLES.index(least)
        assert (answer.status_code != 403) is allowed, (role, answer.status_code)
        assert answer.status_code < 404


def test_a_viewer_is_offered_no_action_and_may_post_none(keys: dict[str, int]) -> None:
    client = member(times="viewer")
    for page in admin.site._registry.values():
        for name in getattr(page, "object_actions", {}):
            address = f"/admin/{page.opts.app_label}/{page.opts.model_name}/"
            for key in keys.values():
                assert client.post(f"{address}act/{name}/", {"object": key, "yes": "1"}).status_code == 403
            if page.access.path:
                assert f'value="{name}"' not in client.get(address).content.decode()
    for name in ("job", "entry", "document", "token", "delivery"):
        model = {"job": "imports/importjob", "entry": "media_library/mediaentry", "document": "documents/document"}
        place = model.get(name, f"livingdocs_import/{'accesstoken' if name == 'token' else 'webhookdelivery'}")
        shown = client.get(f"/admin/{place}/{keys[name]}/change/").content.decode()
        assert "/act/" not in shown
        assert 'name="_save"' not in shown


def test_roles_differ_by_project(keys: dict[str, int], herald: Caller) -> None:
    """An operator of one and viewer of the other acts on the first alone, also on a selection of both."""
    herald.import_images(image_item("https://a.example/1.png"))
    times_job, herald_job = ImportJob.objects.get(pk=keys["job"]), ImportJob.objects.get(project=herald.project)
    client = member(times="operator", herald="viewer")
    chosen = {"action": "cancel", "_selected_action": [times_job.pk, herald_job.pk], "yes": "1"}
    page = client.post("/admin/imports/importjob/", chosen, follow=True).content.decode()
    assert "your role in the project does not allow it" in page
    herald_job.refresh_from_db()
    assert not herald_job.finished
    assert "Cancel job" not in client.get(f"/admin/imports/importjob/{herald_job.pk}/change/").content.decode()
    everything = {"action": "retry", "_selected_action": [item.pk for item in ImportItem.objects.all()], "yes": "1"}
    client.post("/admin/imports/importitem/failures/act/", everything)
    assert not ImportJob.objects.filter(project=herald.project, replay_of__isnull=False).exists()


def test_a_role_in_all_projects_includes_the_pages_of_the_installation(keys: dict[str, int], herald: Caller) -> None:
    user = User.objects.create(username="night", is_staff=True)
    Membership.objects.create(user=user, role=Role.VIEWER)
    client = logged_in(user)
    assert client.get("/admin/livingdocs_import/project/").context["cl"].result_count == 2
    assert client.get("/admin/livingdocs_import/hostcircuit/").status_code == 200
    assert client.post("/admin/livingdocs_import/hostcircuit/act/reset/", {"object": 1}).status_code == 403
    assert client.get("/admin/auth/user/").status_code == 403


# --- Who has none, and who had permissions before


def test_a_user_without_a_role_sees_nothing_whatever_their_permissions(keys: dict[str, int]) -> None:
    user = User.objects.create(username="new", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    client = logged_in(user)
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/imports/importjob/").status_code == 403
    assert client.get(f"/admin/imports/importjob/{keys['job']}/change/").status_code in (403, 404)
    assert "importjob" not in client.get("/admin/").content.decode()


def test_a_user_by_permissions_does_what_these_allow_in_all_projects(keys: dict[str, int], herald: Caller) -> None:
    client = operator("imports.view_importjob", "imports.change_importjob")
    assert client.get(f"/admin/imports/importjob/{keys['job']}/change/").status_code == 200
    assert client.post("/admin/imports/importjob/act/cancel/", {"object": keys["job"]}).status_code == 302
    assert client.post("/admin/imports/importjob/act/replay/", {"object": keys["job"]}).status_code == 403
    assert client.get("/admin/livingdocs_import/accesstoken/").status_code == 403


def test_the_migration_keeps_the_rights_of_users_of_the_admin(times: Caller) -> None:
    """Repeatable; superusers need no role, and users without access to the admin get none."""
    staff = User.objects.create(username="staff", is_staff=True)
    User.objects.create(username="reader")
    User.objects.create(username="boss", is_staff=True, is_superuser=True)
    migration = import_module("livingdocs_import.migrations.0017_members_by_permissions")
    for _ in range(2):
        migration.keep_rights(apps, connection.schema_editor())
    assert list(Membership.objects.values_list("user", "project", "role")) == [(staff.pk, None, "permissions")]


def test_a_role_ends_with_the_next_request(times: Caller) -> None:
    client = member(times="viewer")
    assert client.get("/admin/imports/importjob/").status_code == 200
    Membership.objects.all().delete()
    assert client.get("/admin/imports/importjob/").status_code == 403
    Membership.objects.create(user=User.objects.get(), project=Project.objects.get(), role=Role.VIEWER)
    User.objects.update(is_active=False)
    assert Client().get("/admin/imports/importjob/").status_code == 302
    assert not User.objects.get().has_perm("imports.view_importjob")
