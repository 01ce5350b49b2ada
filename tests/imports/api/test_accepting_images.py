"""POST import/images: what is accepted, what is refused, and that a refusal stores nothing."""

import json
from typing import Any

import pytest

from imports.models import ImportItem, ImportJob
from tests.api_client import Caller, image_item

URL = "https://pictures.example/a.jpg"
SEED_EXAMPLE = {
    "systemName": "identifier-for-your-system",
    "webhook": "https://my-domain.com/webhooks/image-import",
    "context": {"myIdentifier": "some-identifier-sent-to-the-webhook"},
    "images": [
        {"url": "https://placekitten.com/800/600", "id": "123abc", "fileName": "cat", "metadata": {"caption": "foo"}}
    ],
}


def refusal(caller: Caller, body: Any) -> dict[str, Any]:
    answer = caller.post("import/images", body)
    assert answer.status_code == 400, answer.content
    assert not ImportJob.objects.exists(), "JOB-25: a refused request stores no job"
    details: dict[str, Any] = answer.json()["error_details"]
    return details


def batch(**changes: Any) -> dict[str, Any]:
    return {"systemName": "archive", "images": [image_item(URL)]} | changes


def one(**changes: Any) -> dict[str, Any]:
    return batch(images=[image_item(URL) | changes])


def without(name: str) -> dict[str, Any]:
    item = image_item(URL)
    del item[name]
    return batch(images=[item])


def test_the_seed_example_is_accepted_verbatim(times: Caller) -> None:
    """IMG-44, GEN-04, JOB-01, JOB-02"""
    answer = times.post("import/images", SEED_EXAMPLE)
    assert answer.status_code == 200
    assert set(answer.json()) == {"id"}
    identifier = answer.json()["id"]
    assert len(identifier) == 10
    assert set(identifier) <= set("0123456789abcdefghijklmnopqrstuvwxyz")


def test_the_older_seed_example_is_accepted_verbatim(times: Caller) -> None:
    """IMG-44"""
    body = {
        "systemName": "identifier-for-your-system",
        "webhook": "https://my-domain.com/webhooks/image-import",
        "images": [
            {
                "url": "https://nerdcore.de/wp-content/uploads/2019/02/cat1.jpeg",
                "id": "123abc",
                "fileName": "foo",
                "metadata": {"caption": "bar"},
            }
        ],
    }
    assert times.post("import/images", body, Accept="application/json").status_code == 200


@pytest.mark.parametrize("version", ["v1", "beta", "2025-03", "2026-05"])
def test_every_version_takes_the_same_request(times: Caller, version: str) -> None:
    assert times.post("import/images", SEED_EXAMPLE, version).status_code == 200


def test_the_work_happens_after_the_answer(times: Caller) -> None:
    """JOB-03: the address does not exist, but was not requested yet."""
    job = times.import_images(image_item("https://pictures.invalid/a.jpg"))
    assert times.status(job)["state"] == "started"


def test_items_are_kept_as_they_were_sent(times: Caller) -> None:
    item = image_item(URL, metadata={"title": None, "caption": "ü ☃ 🛰"}, fileName="  spaced \t name  ")
    times.import_images(item)
    assert ImportItem.objects.get().payload == item


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        pytest.param({"images": []}, {"systemName": "Missing required property: systemName"}, id="JOB-14"),
        pytest.param({"systemName": "x"}, {"images": "Missing required property: images"}, id="JOB-15 missing"),
        pytest.param(batch(images={}), {"images": "Invalid type: expected array"}, id="JOB-15 object"),
        pytest.param(batch(images=None), {"images": "Invalid type: expected array"}, id="JOB-15 null"),
        pytest.param(without("url"), {"images.0.url": "Missing required property: url"}, id="IMG-03"),
        pytest.param(without("id"), {"images.0.id": "Missing required property: id"}, id="IMG-04"),
        pytest.param(without("fileName"), {"images.0.fileName": "Missing required property: fileName"}, id="IMG-05"),
        pytest.param(without("metadata"), {"images.0.metadata": "Missing required property: metadata"}, id="IMG-06"),
        pytest.param(one(id=5), {"images.0.id": "Invalid type: expected string"}, id="a number is no id"),
        pytest.param(one(id=""), {"images.0.id": "must NOT have fewer than 1 characters"}, id="empty id"),
        pytest.param(one(id="x" * 401), {"images.0.id": "must NOT have more than 400 characters"}, id="long id"),
        pytest.param(
            one(fileName="x" * 8193), {"images.0.fileName": "must NOT have more than 8192 characters"}, id="long name"
        ),
        pytest.param(one(metadata=[]), {"images.0.metadata": "Invalid type: expected object"}, id="metadata list"),
        pytest.param(one(flag=1), {"images.0.flag": "Additional properties not allowed"}, id="ERR-09 item"),
        pytest.param(batch(extra=1), {"extra": "Additional properties not allowed"}, id="ERR-09"),
        pytest.param(batch(context=[]), {"context": "Invalid type: expected object"}, id="JOB-20"),
        pytest.param(batch(context=None), {"context": "Invalid type: expected object"}, id="JOB-20 null"),
        pytest.param([], {"body": "Invalid type: expected object"}, id="a list"),
        pytest.param("text", {"body": "Invalid type: expected object"}, id="a string"),
    ],
)
def test_a_wrong_shape_is_refused_by_path(times: Caller, body: Any, problems: dict[str, str]) -> None:
    """JOB-14, JOB-15, JOB-20, JOB-25, IMG-03, IMG-04, IMG-05, IMG-06, ERR-03, ERR-05, ERR-09"""
    assert refusal(times, body) == problems


@pytest.mark.parametrize(
    "url",
    ["data:image/png;base64,iVBORw0KGgo=", "ftp://pictures.example/a.png", "file:///etc/passwd", "javascript:alert(1)",
     "//pictures.example/a.png", "pictures.example/a.png", "https://", "http:///a.png", "not a url", "",
     "https://user:secret@pictures.example/a.png", "https://pictures.example/\na.png", "http://[::1/a.png",
     "http://pictures.example:99999/a.png"],
)  # fmt: skip
def test_an_address_that_can_never_be_fetched_is_refused(times: Caller, url: str) -> None:
    """IMG-11: data URLs are refused, like everything that is not http or https."""
    assert list(refusal(times, one(url=url))) == ["images.0.url"]


@pytest.mark.parametrize("webhook", ["not a uri", "ftp://example.com", "data:,x", "", "https://u:p@example.com/"])
def test_a_webhook_that_is_no_http_address_is_refused(times: Caller, webhook: str) -> None:
    """JOB-17"""
    assert list(refusal(times, batch(webhook=webhook))) == ["webhook"]


def test_all_problems_are_reported_at_once(times: Caller) -> None:
    """ERR-06"""
    body = {"webhook": 5, "images": [{"url": "x"}, image_item(URL), {"id": 1, "more": True}]}
    assert set(refusal(times, body)) == {
        "systemName", "webhook", "images.0.url", "images.0.id", "images.0.fileName", "images.0.metadata",
        "images.2.url", "images.2.id", "images.2.fileName", "images.2.metadata", "images.2.more",
    }  # fmt: skip


def context_of(size: int) -> dict[str, str]:
    """A context whose compact JSON has exactly so many bytes in UTF-8."""
    empty = len(json.dumps({"k": ""}, separators=(",", ":")))
    return {"k": "ü" * ((size - empty) // 2) + "x" * ((size - empty) % 2)}


def test_a_context_of_exactly_8192_bytes_is_accepted(times: Caller) -> None:
    """JOB-18"""
    assert times.post("import/images", batch(context=context_of(8192))).status_code == 200


def test_a_context_of_one_byte_more_is_refused(times: Caller) -> None:
    """JOB-19"""
    assert refusal(times, batch(context=context_of(8193))) == {"context": "must NOT be larger than 8192 bytes"}


def test_a_context_without_a_webhook_is_simply_unused(times: Caller) -> None:
    assert times.post("import/images", batch(context={"a": 1})).status_code == 200


def test_an_empty_batch_is_finished_at_once(times: Caller) -> None:
    """JOB-16"""
    job = times.import_images()
    assert times.status(job) == {"finished": True, "state": "success", "id": job, "images": []}


def test_a_batch_of_ten_thousand_is_taken_and_one_more_is_not(times: Caller) -> None:
    """JOB-22"""
    items = [image_item(URL) for _ in range(10_001)]
    assert refusal(times, batch(images=items)) == {"images": "must NOT have more than 10000 items"}
    times.import_images(*items[:10_000])
    assert ImportItem.objects.count() == ImportJob.objects.get().total == 10_000


@pytest.mark.parametrize("query", ["?plan=true", "?id=1&id=2"])
def test_an_unknown_query_parameter_is_refused(times: Caller, query: str) -> None:
    assert times.post(f"import/images{query}", batch()).status_code == 400
