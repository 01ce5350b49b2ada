"""A member of one project sees nothing of another in the admin: every page, list, filter, form, action and export."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone

from documents.models import Document, Revision
from imports.models import FailureGroup, ImportItem, ImportJob
from livingdocs_import.admin.scoped import Scoped
from livingdocs_import.egress.host_limits import host_key
from livingdocs_import.models import HostBrake, HostCircuit, Operation, OperationFailure, Project
from livingdocs_import.project_config import store
from tests import images
from tests.api_client import CONFIG, Caller, document_item, image_item
from tests.operators import member, operator
from tests.origin import Origin, Reply
from tests.subscribers import with_webhooks

Run = Callable[[], None]
PICTURE = Reply(images.png(images.picture(2, 2)))
WORD = "zebra"  # in every text of the other project
MISSING = 10**9  # a primary key that no row has
ENDING = ("/admin/logout/", "/admin/password_change/")  # of the session
OF_A_ROW = ("/change/", "/history/", "/rotate/", "/begin/", "/progress/", "/failures/")
FAILURES = "/admin/imports/importitem/failures/"

admin.autodiscover()  # else the classes are imported with the URLs, after this module
ADMINS = sorted(admin.site._registry.items(), key=lambda entry: entry[0]._meta.label)
SCOPED = [(model, page) for model, page in ADMINS if getattr(page, "access", None) and page.access.path]
each_admin = pytest.mark.parametrize("page", [page for _, page in ADMINS], ids=[m._meta.label for m, _ in ADMINS])


def fill(caller: Caller, origin: Origin, run: Run, word: str) -> None:
    """A project with rows on each page of the admin; each of its texts has the word."""
    Project.objects.filter(pk=caller.project.pk).update(label=word)
    hook = {"handle": word, "url": origin.url(f"/{word}"), "events": ["document.update"]}
    store.store(caller.project, with_webhooks(hook, config=CONFIG), by=word)
    caller.import_images(
        image_item(origin.reply(f"/{word}.png", PICTURE), id=f"{word}-1", fileName=word),
        image_item(origin.url(f"/{word}-2.png"), id=f"{word}-2", fileName=word),
        systemName=word,
        webhook=origin.url(f"/{word}/done"),
        context={"word": word},
    )
    caller.import_documents(document_item(id=f"{word}-3", title=word), systemName=word)
    run()
    operation = Operation.objects.create(
        project=caller.project, by=word, kind="media_library.mediaentry.archive", label=word, state="done", total=1
    )
    OperationFailure.objects.create(operation=operation, key=1, name=word, reason=word)


@pytest.fixture
def projects(times: Caller, herald: Caller, origin: Origin, run_workers: Run) -> tuple[Project, Project]:
    """The project of the member, and the other one, with rows on each page."""
    fill(times, origin, run_workers, "quagga")
    fill(herald, origin, run_workers, WORD)
    Project.objects.filter(handle="herald").update(handle=f"{WORD}-times")
    herald.project.refresh_from_db()
    HostCircuit.objects.create(host=f"{WORD}.example:443", key=host_key(WORD), failing_since=timezone.now())
    HostBrake.objects.create(host=f"{WORD}.example:443", key=host_key(WORD), per_second=1)
    AccessAttempt.objects.create(username=WORD, ip_address="192.0.2.1", failures_since_start=1)
    User.objects.create(username=f"{WORD}-user", is_staff=True)
    Group.objects.create(name=f"{WORD}-group")
    for _, page in SCOPED:
        for project in (times.project, herald.project):
            assert rows(page, project).exists(), f"{page} has no row here: add one to `fill`"
    return times.project, herald.project


def rows(page: Any, project: Project) -> Any:
    return page.model._default_manager.filter(**{page.access.path: project.pk}).order_by("pk")


def request_of(client: Client) -> Any:
    request = RequestFactory().get("/")
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    return request


def text(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode())


# --- Declarations


@each_admin
def test_every_page_declares_to_which_project_its_rows_belong(page: Any) -> None:
    assert isinstance(page, Scoped), "derive it from Listed or ReadOnly (livingdocs_import/admin/pages.py)"
    if page.model not in (User, Group):
        assert type(page).access is not Scoped.access, "declare `access = Access(…)`"
    if page.access.path == "pk":
        assert page.model is Project
    elif page.access.path:
        assert get_fields_from_path(page.model, page.access.path)[-1].related_model is Project


def test_the_users_of_the_admin_are_for_superusers_only(projects: Any) -> None:
    client = member(times="administrator")
    for model in (User, Group):
        assert admin.site._registry[model].access.is_for_superusers
        assert client.get(f"/admin/auth/{model._meta.model_name}/").status_code == 403


# --- Every address


@dataclass
class Address:
    """An address of the admin; `missing`: the same about a row that does not exist, if it is about a row."""

    path: str
    page: Any
    missing: str = ""


def patterns(found: list[Any]) -> Iterator[URLPattern]:
    for entry in found:
        if isinstance(entry, URLResolver):
            yield from patterns(entry.url_patterns)
        else:
            yield entry


def page_of(pattern: URLPattern) -> Any:
    """The ModelAdmin whose address this is; None: the site's."""
    names = {f"{m._meta.app_label}_{m._meta.model_name}": page for m, page in ADMINS}
    return next((page for name, page in names.items() if (pattern.name or "").startswith(f"{name}_")), None)


def addresses(other: Project) -> Iterator[Address]:
    """All addresses of the admin, filled with keys of the other project's rows. A new parameter fails here."""
    for pattern in patterns(admin.site.urls[0]):
        if pattern.name is None:
            assert str(pattern.pattern) in ("<path:object_id>/", "(?P<url>.*)$"), "an address needs a name"
            continue  # see below; and what is no address
        page = page_of(pattern)
        for values in arguments(pattern, page, other):
            path = reverse(f"admin:{pattern.name}", kwargs=values)
            gone = {name: MISSING for name in values if name in ("object_id", "id")}
            yield Address(path, page, reverse(f"admin:{pattern.name}", kwargs=values | gone) if gone else "")
    for _, page in ADMINS:  # leads to the page of a row
        folder = f"/admin/{page.opts.app_label}/{page.opts.model_name}/"
        yield Address(f"{folder}{row_of(page, other).pk}/", page, f"{folder}{MISSING}/")


def row_of(page: Any, other: Project) -> Any:
    """The last row of a page: of the other project, or of the installation."""
    found = rows(page, other) if page.access.path else page.model._default_manager.order_by("pk")
    return found.last()


def arguments(pattern: URLPattern, page: Any, other: Project) -> Iterator[dict[str, Any]]:
    """Values for the parameters of an address."""
    named = {*pattern.pattern.converters, *pattern.pattern.regex.groupindex}
    if not named:
        yield {}
    elif named == {"app_label"}:
        yield from ({"app_label": label} for label in {m._meta.app_label for m, _ in ADMINS})
    elif named == {"content_type_id", "object_id"}:
        kind = ContentType.objects.get_for_model(ImportJob)
        yield {"content_type_id": kind.pk, "object_id": ImportJob.objects.filter(project=other)[0].pk}
    elif named == {"action"}:
        yield from ({"action": name} for name in page.object_actions)
    elif named <= {"object_id", "id"} and page is None:
        pytest.fail(f"{pattern}: of which model is it? Its name should begin like Django's names")
    elif named <= {"object_id", "id"}:
        yield dict.fromkeys(named, row_of(page, other).pk)
    else:
        pytest.fail(f"{pattern}: teach this test its parameters, {named}")


def test_no_address_shows_anything_of_another_project(projects: tuple[Project, Project]) -> None:
    """A row of it is answered as one that does not exist."""
    _, other = projects
    client, superuser = member(times="administrator"), operator()
    shown = 0
    for address in addresses(other):
        if address.path in ENDING:
            continue
        response = client.get(address.path, follow=True)
        assert WORD not in text(response), address
        shown += WORD in text(superuser.get(address.path, follow=True))
        if address.missing:
            assert response.status_code in (403, 404), address
            assert client.get(address.missing, follow=True).status_code == response.status_code, address
        if address.page and address.page.access.path and address.path.endswith(OF_A_ROW):
            assert response.status_code == 404, address
    assert shown > 30, "the test would not notice"


def everything(other: Project) -> dict[str, Any]:
    """All rows of the other project, of the installation, and of the users."""
    scoped = {page.model._meta.label: list(rows(page, other).values()) for _, page in SCOPED}
    return scoped | {
        page.model._meta.label: list(page.model._default_manager.order_by("pk").values())
        for _, page in ADMINS
        if not page.access.path and page.model is not User  # a log-in changes them
    }


def posted(page: Any, other: Project) -> dict[str, Any]:
    """What forms and buttons may send, about all rows of the other project."""
    keys = [] if page is None or not page.access.path else [row.pk for row in rows(page, other)]
    items = [item.pk for item in ImportItem.objects.filter(job__project=other)]
    document = Document.objects.filter(project=other).first()
    return {
        "object": keys,
        "handle": [WORD],
        "_selected_action": keys or items,
        "index": "0",
        "yes": "1",
        "project": other.pk,
        "name": "new",
        "description": "",
        "scopes": ["public-api:read"],
        "text": "{}" if page is not None and page.model is Revision else '{"v": 2}',
        "subject": document.pk,
        "seen": "1",
        "title": "changed",
        "hours": "0",
        "label": "changed",
        "import_weight": "5",
        "time_zone": "UTC",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
        "until": timezone.now().isoformat(),
    }


def test_no_post_changes_anything_of_another_project(projects: tuple[Project, Project]) -> None:
    _, other = projects
    client = member(times="administrator")
    before = everything(other)
    for address in addresses(other):
        if address.path in ENDING:
            continue
        for action, across in actions_at(address):
            chosen = {"action": action} | ({"select_across": "1"} if across else {})
            assert WORD not in text(client.post(address.path, posted(address.page, other) | chosen)), (address, action)
        assert everything(other) == before, address


def actions_at(address: Address) -> list[tuple[str, bool]]:
    """The choices of a list or of the failures, for some and for all; "" is for buttons and forms."""
    if address.path == f"{FAILURES}act/":
        names = ["retry", "mark", "export", "retry:http-404", "mark:http-404", "export:http-404"]
    elif address.page is not None and address.path == address_of(address.page, "changelist"):
        names = ["delete_selected", *getattr(address.page, "object_actions", ())]
    else:
        return [("", False)]
    return [(name, across) for name in names for across in (False, True)]


def test_the_same_posts_of_a_member_do_change_it(projects: tuple[Project, Project]) -> None:
    """Otherwise the test above would prove nothing."""
    _, other = projects
    User.objects.filter(username__startswith="member").delete()
    client = member(**{other.handle: "administrator"})
    changed = []
    for path in (
        "/admin/documents/revision/add/",
        "/admin/livingdocs_import/accesstoken/add/",
        "/admin/livingdocs_import/projectconfigrevision/add/",
        "/admin/imports/importjob/act/replay/",
        "/admin/livingdocs_import/accesstoken/act/suspend/",
        f"/admin/livingdocs_import/project/{other.pk}/change/",
        f"{FAILURES}act/",
    ):
        before = everything(other)
        page = next((page for m, page in ADMINS if f"/{m._meta.model_name}/" in path), None)
        fields = posted(page, other) | {"action": "retry"}
        if path.endswith("failures/act/"):
            fields["_selected_action"] = [
                ImportItem.objects.get(job__project=other, outcome="failed", job__replay_of=None).pk
            ]
        answer = client.post(path, fields)
        changed.append((path, answer.context and answer.context.get("errors"), everything(other) != before))
    assert [(path, errors) for path, errors, done in changed if not done] == []


# --- Lists, filters, choices


def address_of(page: Any, view: str) -> str:
    return reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_{view}")


def test_lists_count_the_rows_of_the_users_projects(projects: tuple[Project, Project]) -> None:
    own, _ = projects
    client = member(times="viewer")
    for _, page in SCOPED:
        listed = client.get(address_of(page, "changelist")).context["cl"]
        assert listed.result_count == rows(page, own).count()
        assert {page.access.project_of(row) for row in listed.result_list} == {own.pk}
        assert page.get_queryset(request_of(client)).count() == listed.result_count


def test_filters_and_searches_neither_name_nor_find_rows_of_another_project(projects: tuple[Project, Project]) -> None:
    _, other = projects
    job = ImportJob.objects.filter(project=other)[0].public_id
    client = member(times="viewer")
    queries = [f"q={WORD}", f"q={WORD}-1", f"q={job}", f"job={job}", f"project__id__exact={other.pk}"]
    queries += [f"client={token.pk}" for token in other.tokens.all()]
    for _, page in SCOPED:
        for query in queries:
            response = client.get(f"{address_of(page, 'changelist')}?{query}")
            if response.status_code != 200:
                continue  # no filter of this list
            listed = response.context["cl"]
            assert listed.result_count == 0 or not query.startswith("q") or not page.search_fields, (page, query)
            assert other.pk not in [page.access.project_of(row) for row in listed.result_list], (page, query)
            offered = [choice["display"] for spec in listed.filter_specs for choice in spec.choices(listed)]
            assert not [name for name in offered if WORD in str(name)], (page, query)


def test_choices_of_forms_are_those_of_the_users_projects(projects: tuple[Project, Project]) -> None:
    _, other = projects
    client = member(times="administrator")
    initial = {"project": other.pk, "document": Document.objects.get(project=other).pk}
    for _, page in SCOPED:
        request = request_of(client)
        fields = page.get_form(request).base_fields.values() if page.has_add_permission(request) else ()
        for chosen in fields:
            assert WORD not in str(list(getattr(chosen, "queryset", None) or ()))
        added = client.get(address_of(page, "add"), initial)
        assert added.status_code == 403 or WORD not in text(added)
        for related in (field for field in page.opts.fields if field.is_relation):
            query = {"app_label": page.opts.app_label, "model_name": page.opts.model_name, "field_name": related.name}
            found = client.get("/admin/autocomplete/", query | {"term": ""})
            assert found.status_code == 403 or WORD not in text(found)


# --- Log entries, failures, the overview


def test_what_operators_did_in_another_project_is_not_shown(projects: tuple[Project, Project]) -> None:
    own, other = projects
    superuser = operator()
    for project in projects:
        job = ImportJob.objects.filter(project=project, kind="images").first()
        superuser.post("/admin/imports/importjob/act/replay/", {"object": job.pk, "yes": "1"})
    assert LogEntry.objects.count() == 2
    client = member(times="viewer")
    assert (
        client.get(f"/admin/imports/importjob/{ImportJob.objects.filter(project=own)[0].pk}/history/").status_code
        == 200
    )
    assert (
        client.get(f"/admin/imports/importjob/{ImportJob.objects.filter(project=other)[0].pk}/history/").status_code
        == 404
    )
    again = ImportJob.objects.filter(project=other).latest("pk")
    assert again.public_id not in text(client.get("/admin/"))


@pytest.mark.parametrize(
    "query", ["", "project={project}", "job={job}", "group={group}", "cause=http-404", "show=dealt-with", "q=zebra-2"]
)
def test_failures_of_another_project_are_not_found(projects: tuple[Project, Project], query: str) -> None:
    own, other = projects
    group = FailureGroup.objects.get(job__project=other)
    response = member(times="viewer").get(
        f"{FAILURES}?{query.format(project=other.pk, job=group.job.public_id, group=group.pk)}"
    )
    assert {item.job.project_id for item, _ in response.context["items"]} <= {own.pk}
    assert response.context["number"] == len(response.context["items"])
    assert not [choice for choice in response.context["projects"] if WORD in choice.label]
    assert WORD not in text(response).replace('value="zebra-2"', "").replace("q=zebra-2", "")


def test_an_export_has_the_failures_of_the_users_projects(projects: tuple[Project, Project]) -> None:
    client = member(times="viewer")
    fields = {"until": timezone.now().isoformat()}
    for action in ("export:http-404", "export"):
        selected = {"_selected_action": [item.pk for item in ImportItem.objects.all()]}
        table = text(client.post(f"{FAILURES}act/", fields | selected | {"action": action}))
        assert "quagga-2" in table
        assert WORD not in table
    table = text(client.post(f"{FAILURES}act/", fields | {"action": "export", "select_across": "1"}))
    assert "quagga-2" in table
    assert WORD not in table


def test_the_overview_counts_the_projects_of_its_user(projects: tuple[Project, Project]) -> None:
    third = Caller(Project.objects.create(handle="third"))
    store.store(third.project, CONFIG, by="test")
    third.import_images(image_item("https://a.example/1.png"))
    _, other = projects
    for client, jobs, failures in (
        (member(times="viewer"), 2, 1),
        (member(times="viewer", **{other.handle: "operator"}), 4, 2),
        (member(third="administrator"), 1, 0),
        (member(), None, None),
        (operator(), 5, 2),
    ):
        context = client.get("/admin/").context
        if jobs is None:
            assert "look" not in context
        else:
            assert (context["look"].day.jobs, context["open_failures"]) == (jobs, failures)


# --- Costs


def test_roles_cost_one_query_for_each_page(projects: tuple[Project, Project]) -> None:
    client = member(times="operator", **{projects[1].handle: "viewer"})
    for path in ("/admin/", FAILURES, *(address_of(page, "changelist") for _, page in SCOPED)):
        client.get(path)  # whatever is read once and remembered
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        assert len([query for query in queries if "livingdocs_import_membership" in query["sql"]]) == 1, path
        assert len(queries) <= 20, path
