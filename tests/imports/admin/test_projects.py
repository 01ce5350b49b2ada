"""The list of projects says what each may do and does; the page of one also whom it asks, and how gently."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports.claiming import host_brakes
from imports.models import FailureGroup, ImportJob
from imports.monitoring import of_projects
from livingdocs_import.egress.host_limits import host_key
from livingdocs_import.models import AccessToken, HostCircuit, Membership, Project, Role
from livingdocs_import.project_config import store
from livingdocs_import.webhooks import receivers
from tests.api_client import CONFIG, Caller, image_item
from tests.imports.admin.test_jobs import make_job
from tests.operators import member, operator

LIST = "/admin/livingdocs_import/project/"
HOST = "pictures.example.org:443"
MAX_QUERIES = 20


def text(client: Client, path: str = LIST) -> str:
    return " ".join(client.get(path).content.decode().split())


def page_of(project: Project) -> str:
    return f"{LIST}{project.pk}/change/"


def part(page: str, project: Project) -> str:
    """The section of a project in the list."""
    return page.partition(f'aria-labelledby="project-{project.pk}"')[2].partition("</section>")[0]


# --- The list


def test_it_shows_quotas_with_their_use(times: Caller) -> None:
    Project.objects.update(daily_limits={"images": 4, "videos": 1})
    times.import_images(image_item("https://a.example/1"), image_item("https://a.example/2"))
    shown = part(text(operator()), times.project)
    assert '<rect class="success" width="50%"' in shown
    assert "2 of 4" in shown
    assert "0 of 1" in shown
    assert "documents" not in shown, "no limit and no use"


def test_a_full_quota_is_marked(times: Caller) -> None:
    Project.objects.update(daily_limits={"images": 1})
    times.import_images(image_item("https://a.example/1"))
    assert '<rect class="failed" width="100%"' in part(text(operator()), times.project)


def test_it_counts_open_jobs_and_open_failures_and_names_the_last_import(times: Caller, herald: Caller) -> None:
    job, now = make_job(times, "failed:x", "failed:x", "failed:y", "success"), timezone.now()
    FailureGroup.objects.create(job=job, cause="http-404", failed=3, resolved=1, first_at=now, last_at=now)
    make_job(times, "", finished=False)
    ImportJob.objects.filter(finished_at__isnull=False).update(started_at=timezone.now() - timedelta(days=3))
    ImportJob.objects.filter(finished_at__isnull=True).update(started_at=timezone.now() - timedelta(hours=5))
    shown, other = (part(text(operator()), caller.project) for caller in (times, herald))
    assert "2 open</a>" in shown
    assert f'?project__id__exact={times.project.pk}&amp;state=open">1</a>' in shown
    assert "5 hours ago" in shown
    assert all(word in other for word in ("none open", "none yet"))


def test_a_dry_run_is_no_import(times: Caller) -> None:
    make_job(times, "success")
    ImportJob.objects.update(dry_run=True)
    assert of_projects.figures([times.project], timezone.now())[times.project.pk].last_import is None


def test_it_says_what_a_project_is_set_up_with(times: Caller) -> None:
    store.store(times.project, CONFIG, by="P. Frei")
    AccessToken.objects.update(suspended_at=timezone.now())
    AccessToken.objects.issue(times.project, name="night", scopes=["public-api:read"])
    off = receivers.receiver_for(times.project.pk, "https://cms.example/hook", "")
    receivers.switch_off(off, by="ines")
    client = member(times="administrator")
    shown = part(text(client), times.project)
    assert "by P. Frei" in shown
    assert "1 in use, 1 suspended" in shown
    assert "1 receiver</a>, 1 switched off" in shown
    assert "1 administrator" in shown


def test_a_viewer_is_not_shown_who_the_members_are_nor_an_editor(times: Caller) -> None:
    shown = part(text(member(times="viewer")), times.project)
    assert "Members" not in shown
    assert "projectconfigrevision/add" not in shown
    assert "Revisions" in shown


def test_a_user_who_sees_projects_only_is_shown_no_figures_of_jobs(times: Caller) -> None:
    make_job(times, "failed:x")
    shown = part(text(operator("livingdocs_import.view_project")), times.project)
    assert "Quota" in shown or "No limits" in shown
    assert not any(word in shown for word in ("Open jobs", "Failures", "API clients", "Webhooks", "Configuration"))


def test_more_projects_cost_no_more_queries(times: Caller) -> None:
    client = operator()
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    Project.objects.bulk_create(Project(handle=f"p{number}") for number in range(15))
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(LIST).context["projects"]) == 16
    assert len(many) == len(few) <= MAX_QUERIES


# --- The page of a project


def at_host(caller: Caller, url: str = f"https://{HOST}/1.png") -> None:
    caller.import_images(image_item(url))


def test_its_page_names_the_origins_of_the_day_and_their_brakes(times: Caller) -> None:
    Project.objects.update(time_zone="Europe/Zurich")
    at_host(times)
    at_host(times, "http://b.example/2.png")
    start, end = (datetime(2026, 1, 1, hour).time() for hour in (22, 6))
    brake = host_brakes.put(HOST, per_second=2, open_from=start, open_until=end)
    shown = text(operator(), page_of(times.project)).partition("Origins of the day")[2]
    assert 'at most 2 requests a second, only from 22:00 to 06:00 <span class="quiet">Europe/Zurich' in shown
    assert f"hostbrake/{brake.pk}/change/" in shown
    assert "b.example:80" in shown
    assert "hostbrake/add/?url=b.example%3A80" in shown


def test_a_host_that_does_not_answer_comes_first(times: Caller) -> None:
    at_host(times)
    at_host(times, "http://b.example/2.png")
    now = timezone.now()
    HostCircuit.objects.create(
        host=HOST, key=host_key(HOST), failing_since=now, opened_at=now, probe_at=now, last_silence_at=now
    )
    first, second = of_projects.origins(times.project, now).listed
    assert (first.host, first.answers) == (HOST, False)
    assert (second.host, second.answers) == ("b.example:80", True)


def test_a_host_outside_its_hours_waits(times: Caller) -> None:
    at_host(times)
    begin, end = ((timezone.now() + timedelta(hours=hours)).time() for hours in (2, 4))
    host_brakes.put(HOST, open_from=begin, open_until=end)
    (origin,) = of_projects.origins(times.project, timezone.now()).listed
    assert origin.is_braked_now
    assert "waits for its hours" in text(operator(), page_of(times.project))


def test_an_operator_of_one_project_sees_its_brakes_and_no_way_to_change_them(times: Caller, herald: Caller) -> None:
    at_host(times)
    at_host(herald, "https://secret.example/1.png")
    host_brakes.put(HOST, per_second=2)
    host_brakes.put("secret.example:443", per_second=3)
    shown = text(member(times="operator"), page_of(times.project))
    assert "at most 2 requests a second" in shown
    assert "hostbrake" not in shown
    assert "secret.example" not in shown


def test_hosts_of_another_day_are_left_out(times: Caller) -> None:
    at_host(times)
    ImportJob.objects.update(started_at=timezone.now() - timedelta(hours=25))
    assert of_projects.origins(times.project, timezone.now()).listed == []


def test_its_page_has_bars_and_what_it_is_set_up_with(times: Caller) -> None:
    Project.objects.update(daily_limits={"images": 4})
    at_host(times)
    store.store(times.project, CONFIG, by="P. Frei")
    Membership.objects.create(user=User.objects.create(username="ines"), project=times.project, role=Role.OPERATOR)
    client = operator()
    client.get(page_of(times.project))
    with CaptureQueriesContext(connection) as asked:
        shown = text(client, page_of(times.project))
    assert '<rect class="success" width="25%"' in shown
    assert all(words in shown for words in ("by P. Frei", "1 in use", "1 operator"))
    assert len(asked) <= MAX_QUERIES
