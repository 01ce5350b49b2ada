"""Projects in the admin: limits are numbers, the webhook secret goes in and never comes out."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from livingdocs_import.models import Membership, Project, Role
from tests.api_client import Caller, image_item
from tests.operators import logged_in, member, operator

ADD = "/admin/livingdocs_import/project/add/"
MEMBERS = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
FORM = {"label": "", "time_zone": "UTC", "import_weight": "1", **MEMBERS}


def change(client: Client, project: Project, **fields: Any) -> Any:
    return client.post(f"/admin/livingdocs_import/project/{project.pk}/change/", {**FORM, **fields})


def test_limits_are_stored_as_the_quota_reads_them(times: Caller) -> None:
    change(operator(), times.project, limit_images="2", limit_others="0")
    times.project.refresh_from_db()
    assert times.project.daily_limits == {"images": 2, "*": 0}
    assert [times.project.daily_limit(kind) for kind in ("images", "videos")] == [2, 0]


def test_emptied_limits_mean_unlimited(times: Caller) -> None:
    Project.objects.update(daily_limits={"images": 2, "*": 5})
    change(operator(), times.project)
    times.project.refresh_from_db()
    assert times.project.daily_limits == {}


@pytest.mark.parametrize("limit", ["-1", "9" * 30])
def test_a_limit_below_zero_or_beyond_all_numbers_is_refused(times: Caller, limit: str) -> None:
    assert change(operator(), times.project, limit_images=limit).status_code == 200
    times.project.refresh_from_db()
    assert times.project.daily_limits == {}


def test_the_webhook_secret_is_set_kept_and_removed_but_never_shown(times: Caller) -> None:
    client = operator()
    change(client, times.project, new_secret="hunter2-hunter2")
    times.project.refresh_from_db()
    assert times.project.webhook_secret.reveal() == "hunter2-hunter2"
    page = client.get(f"/admin/livingdocs_import/project/{times.project.pk}/change/").content.decode()
    history = client.get(f"/admin/livingdocs_import/project/{times.project.pk}/history/").content.decode()
    assert "hunter2" not in page + history

    change(client, times.project, label="Times")
    times.project.refresh_from_db()
    assert (times.project.label, times.project.webhook_secret.reveal()) == ("Times", "hunter2-hunter2")
    change(client, times.project, remove_secret="on")
    times.project.refresh_from_db()
    assert not times.project.webhook_secret


def test_the_secret_is_not_sent_back_when_the_form_has_another_problem(times: Caller) -> None:
    answer = change(operator(), times.project, new_secret="hunter2-hunter2", limit_images="many")
    assert answer.status_code == 200
    assert "hunter2" not in answer.content.decode()


def test_its_time_zone_and_its_share_of_the_workers_are_stored(times: Caller) -> None:
    change(operator(), times.project, time_zone="Europe/Zurich", import_weight="5")
    times.project.refresh_from_db()
    assert (times.project.time_zone, times.project.import_weight) == ("Europe/Zurich", 5)


@pytest.mark.parametrize("fields", [{"limit_images": "1000"}, {}, {"import_weight": "100"}])
def test_limits_and_share_are_not_for_the_administrators_of_one_project(times: Caller, fields: Any) -> None:
    """What one project takes the others lack."""
    Project.objects.update(daily_limits={"images": 2}, import_weight=3)
    client = member(times="administrator")
    page = client.get(f"/admin/livingdocs_import/project/{times.project.pk}/change/").content.decode()
    assert "Images 2" in page
    assert 'name="limit_images"' not in page
    assert 'name="import_weight"' not in page
    change(client, times.project, label="Times", **fields)
    times.project.refresh_from_db()
    assert times.project.label == "Times"
    assert (times.project.daily_limits, times.project.import_weight) == ({"images": 2}, 3)


def test_administrators_of_all_projects_change_limits_and_share(times: Caller) -> None:
    user = User.objects.create(username="anna", is_staff=True)
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    change(logged_in(user), times.project, limit_images="7", import_weight="5")
    times.project.refresh_from_db()
    assert (times.project.daily_limits, times.project.import_weight) == ({"images": 7}, 5)


def test_a_time_zone_that_does_not_exist_is_named(times: Caller) -> None:
    answer = change(operator(), times.project, time_zone="Europe/Zurch")
    assert "There is no time zone &quot;Europe/Zurch&quot;" in answer.content.decode()
    times.project.refresh_from_db()
    assert times.project.time_zone == "UTC"


def test_a_project_is_made_with_a_handle_that_stays(db: None) -> None:
    client = operator()
    client.post(ADD, {**FORM, "handle": "evening", "label": "Evening"})
    project = Project.objects.get(handle="evening")
    change(client, project, handle="other")
    assert Project.objects.filter(handle="evening").exists()


def test_a_project_is_not_deleted_by_hand(times: Caller) -> None:
    answer = operator().post(f"/admin/livingdocs_import/project/{times.project.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 403
    assert Project.objects.filter(pk=times.project.pk).exists()


def test_its_page_reports_what_is_used_of_the_day(times: Caller) -> None:
    Project.objects.update(daily_limits={"images": 3})
    times.import_images(image_item("http://a.example/1"), image_item("http://a.example/2"))
    page = operator().get(f"/admin/livingdocs_import/project/{times.project.pk}/change/").content.decode()
    assert "<dt>Images</dt><dd>2 of 3</dd>" in page
    assert "<dt>Videos</dt><dd>0</dd>" in page


def test_who_may_not_change_a_project_sees_its_limits_and_no_fields_for_a_secret(times: Caller) -> None:
    Project.objects.update(daily_limits={"images": 500})
    page = member(times="viewer").get(f"/admin/livingdocs_import/project/{times.project.pk}/change/").content.decode()
    assert "Images 500" in page
    assert "New secret" not in page
    assert "projectconfigrevision/add" not in page
