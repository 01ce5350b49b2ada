"""Licences of images keep documents from being published (spec 4.8)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from documents import services
from documents.models import Document, Publication, PublicationEvent, Revision
from livingdocs_import.errors import Rejected
from livingdocs_import.project_config import store
from media_library.models import MediaEntry, UsageLogEntry
from tests.api_client import CONFIG, Caller, make_project
from tests.media_library.entries.test_create import create
from tests.media_library.entries.test_create import image as entry
from tests.newsroom import PICTURE, PUBLISH, Newsroom, image, newest, paragraph

PROFILE = {"handle": "license", "type": "li-license-profile"}
TASK = {"handle": "approval", "type": "li-task-v2"}
MEDIA_ID = str(PICTURE["mediaId"])
PURPOSES = [
    {"handle": "web", "label": "Web", "contentType": "article"},
    {"handle": "print", "label": "Print", "contentType": "author"},
]


def profile(handle: str, *, approval: bool = False, **rules: Any) -> dict[str, Any]:
    return {"handle": handle, "label": handle, "color": "#fff", "approvalRequired": approval, "rules": rules}


PROFILES = [
    profile("staff", web={"billingMode": "never"}, print={}),
    profile("agency", web={"billingMode": "always"}),
    profile("open", web={}),
    profile("printed", print={}),
    profile("strict", approval=True, web={}),
]


def config(*, taking_part: bool = True, **licenses: Any) -> dict[str, Any]:
    media_types = [
        kind | {"metadata": [*kind["metadata"], PROFILE]} if kind["handle"] == "image" and taking_part else kind
        for kind in CONFIG["mediaTypes"]
    ]
    content_types = [
        kind | {"metadata": [*kind["metadata"], TASK]} if kind["handle"] == "article" else kind
        for kind in CONFIG["contentTypes"]
    ]
    center = {
        "usagePurposes": [dict(purpose) for purpose in PURPOSES],
        "licenseProfiles": {"profiles": PROFILES, "approvalTaskHandle": "approval"} | licenses,
    }
    return CONFIG | {"mediaTypes": media_types, "contentTypes": content_types, "mediaCenter": center}


@pytest.fixture
def make_newsroom(db: None, run_workers: Callable[[], None]) -> Callable[..., Newsroom]:
    def make(assigned: str | None = None, **fields: Any) -> Newsroom:
        caller = Caller(make_project("times", config(**fields)))
        create(caller, entry(id=MEDIA_ID))
        MediaEntry.objects.update(metadata={} if assigned is None else {"license": {"handle": assigned}})
        return Newsroom(caller, run_workers)

    return make


def article(**fields: Any) -> dict[str, Any]:
    return {"content": [paragraph("a"), image()], "flags": PUBLISH} | fields


def code(row: dict[str, Any]) -> str | None:
    """Why the licence refuses it; None: it was published."""
    if row["state"] == "published":
        return None
    assert (row["state"], row["reason"]) == ("failed", "License check failed"), row
    (error,) = row["error_details"]["errors"]
    assert error["mediaId"] == MEDIA_ID
    return str(error["code"])


def test_an_image_without_a_profile_keeps_its_document_back_and_nothing_is_stored(
    make_newsroom: Callable[..., Newsroom],
) -> None:
    """LIC-04, LIC-13"""
    newsroom = make_newsroom()
    row = newsroom.one(**article())
    assert (row["state"], row["reason"]) == ("failed", "License check failed")
    (error,) = row["error_details"]["errors"]
    assert error == {
        "mediaId": MEDIA_ID,
        "location": "image-directive",
        "componentId": error["componentId"],
        "code": "profileMissing",
    }
    for model in (Document, Revision, Publication, PublicationEvent, UsageLogEntry):
        assert not model.objects.exists()


def test_a_refused_command_changes_nothing(make_newsroom: Callable[..., Newsroom]) -> None:
    """LIC-04, LIC-13"""
    newsroom = make_newsroom()
    number = newsroom.fine(**article(flags={}))["document_id"]
    body = {"commands": [{"operation": "publish"}]}
    answer = newsroom.caller.patch(f"documents/{number}/commands", body, "2026-07")
    assert answer.status_code == 400
    details = answer.json()["error_details"]
    assert details["message"] == "Command at index 0 failed: License check failed"
    assert details["commandIndex"] == 0
    assert details["errors"][0]["code"] == "profileMissing"
    with pytest.raises(Rejected, match="licences"):
        services.publish(Document.objects.get(), by="editor")
    for model in (Publication, PublicationEvent, UsageLogEntry):
        assert not model.objects.exists()


def test_a_media_type_without_a_profile_takes_no_part(make_newsroom: Callable[..., Newsroom]) -> None:
    """LIC-01"""
    assert code(make_newsroom(taking_part=False).one(**article())) is None


def test_switched_off_licences_refuse_nothing_and_usage_is_logged(make_newsroom: Callable[..., Newsroom]) -> None:
    """LIC-02"""
    assert code(make_newsroom(enabled=False).one(**article())) is None
    assert UsageLogEntry.objects.get().billing is None


def test_a_profile_that_is_not_configured_can_be_stored(make_newsroom: Callable[..., Newsroom]) -> None:
    """LIC-05"""
    newsroom = make_newsroom()
    value = {"operation": "setMetadataProperty", "propertyName": "license", "value": {"handle": "gone"}}
    assert newsroom.caller.patch(f"mediaLibrary/{MEDIA_ID}", {"patches": [value]}).status_code == 200
    assert code(newsroom.one(**article())) == "profileUnknown"


def test_a_purpose_has_to_be_covered(make_newsroom: Callable[..., Newsroom]) -> None:
    """LIC-06"""
    newsroom = make_newsroom("printed")
    assert code(newsroom.one(**article())) == "purposeNotCovered"
    MediaEntry.objects.update(metadata={"license": {"handle": "staff"}})
    newsroom.caller.project.refresh_from_db()
    unused = config()
    unused["mediaCenter"]["usagePurposes"][0]["contentType"] = "page"  # articles have no purpose then
    store.store(newsroom.caller.project, unused, by="test")
    assert code(newsroom.one(**article(id="b"))) == "purposeNotCovered"
    store.store(newsroom.caller.project, config(), by="test")
    assert code(newsroom.one(**article())) is None


def task(number: int) -> Any:
    return newest(number).metadata.get("approval")


def test_an_approval_is_asked_for_and_given(make_newsroom: Callable[..., Newsroom]) -> None:
    """LIC-07, LIC-08"""
    newsroom = make_newsroom("strict")
    assert code(newsroom.one(**article())) == "approvalRequired"
    number = newsroom.fine(**article(flags={}, checksum="2"))["document_id"]
    assert task(number)["state"] == "requested"
    with pytest.raises(Rejected) as refused:
        services.publish(Document.objects.get(), by="editor")
    assert [error["code"] for error in refused.value.errors] == ["approvalRequired"]

    done = {"approval": {"state": "completed"}}
    newsroom.fine(**article(flags={}, checksum="3", metadata=done))
    assert task(number) == {"state": "completed", "data": {"mediaIds": [MEDIA_ID]}}
    assert services.publish(Document.objects.get(), by="editor")


def test_an_image_that_comes_after_the_approval_waits_for_one(make_newsroom: Callable[..., Newsroom]) -> None:
    """LIC-08"""
    newsroom = make_newsroom("strict")
    approved = {"approval": {"state": "completed", "data": {"mediaIds": ["another"]}}}
    assert code(newsroom.one(**article(metadata=approved))) == "approvalRequired"
    number = newsroom.fine(**article(flags={}, checksum="2", metadata=approved))["document_id"]
    assert (task(number)["state"], task(number)["data"]) == ("requested", {"mediaIds": ["another"]})


@pytest.mark.parametrize("data", [None, {}, {"mediaIds": 7}, {"mediaIds": [7, {}]}, {"mediaIds": {}}])
def test_a_task_may_hold_anything(make_newsroom: Callable[..., Newsroom], data: Any) -> None:
    newsroom = make_newsroom("strict")
    approval = {"approval": {"state": "accepted", "data": data}}
    assert code(newsroom.one(**article(metadata=approval))) == "approvalRequired"


def test_a_confirmed_use_by_the_document_is_an_approval(make_newsroom: Callable[..., Newsroom]) -> None:
    """LIC-08"""
    newsroom = make_newsroom("strict")
    number = newsroom.fine(**article(flags={}))["document_id"]
    use = UsageLogEntry.objects.create(
        entry=MediaEntry.objects.get(), state="pending", purpose="web", document_id=number
    )
    with pytest.raises(Rejected):
        services.publish(Document.objects.get(), by="editor")
    UsageLogEntry.objects.filter(pk=use.pk).update(state="confirmed", publication_date=timezone.now())
    assert services.publish(Document.objects.get(), by="editor")


@pytest.mark.parametrize(("handle", "billing"), [("staff", False), ("agency", True), ("open", None)])
def test_the_rule_of_the_day_says_whether_a_use_is_billed(
    make_newsroom: Callable[..., Newsroom], handle: str, billing: bool | None
) -> None:
    """LIC-09"""
    newsroom = make_newsroom(handle)
    assert code(newsroom.one(**article())) is None
    (use,) = newsroom.caller.get(f"mediaLibrary/{MEDIA_ID}/usageLog", "2026-07").json()["results"]
    assert use.get("billing") is billing
    assert UsageLogEntry.objects.get().license_profile == handle


def test_images_are_checked_wherever_they_are_and_those_of_others_are_not(
    make_newsroom: Callable[..., Newsroom],
) -> None:
    """LIC-11"""
    newsroom = make_newsroom()
    row = newsroom.one(**article(content=[paragraph("a")], metadata={"teaserImage": PICTURE}))
    (error,) = row["error_details"]["errors"]
    assert error == {
        "mediaId": MEDIA_ID,
        "location": "metadata",
        "propertyName": "teaserImage",
        "code": "profileMissing",
    }
    gallery = {"component": "gallery", "containers": {"images": [image()]}}
    row = newsroom.one(**article(content=[gallery]))
    assert row["reason"] == "License check failed", row
    foreign = {name: value for name, value in PICTURE.items() if name != "mediaId"}
    content = [{"component": "image", "content": {"image": each}} for each in (foreign, PICTURE | {"mediaId": "no"})]
    assert code(newsroom.one(**article(content=content))) is None


def test_neighbours_of_a_refused_document_are_published(make_newsroom: Callable[..., Newsroom]) -> None:
    """LIC-13"""
    newsroom = make_newsroom()
    items = [
        {"id": "a", "title": "A", "contentType": "article", "checksum": "1"} | article(),
        {"id": "b", "title": "B", "contentType": "article", "checksum": "1"} | article(content=[paragraph("b")]),
    ]
    assert [row["state"] for row in newsroom.bring(*items)] == ["failed", "published"]
