"""How an input becomes batches: by number and by size, the same each time, in bounded memory."""

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from livingdocs_import_client import (
    NO_RETRIES,
    Batch,
    ConnectionFailed,
    ImportClientError,
    InvalidRequest,
    ItemNotJSON,
    Kind,
    RefusedItem,
    RequestTooLarge,
    SourceFailed,
    UnexpectedAnswer,
    batches,
)
from livingdocs_import_client.import_operations import create_entries, import_items, post
from livingdocs_import_client.messages import Request, Response
from script import answer, script, service

ACCEPTED = answer(200, {"id": "job"})
TOO_LARGE = answer(413, {"status": 413, "error": "Payload Too Large", "error_details": {"message": "too large"}})


def items(number: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"id": str(n)} | fields for n in range(number)]


def refusal(**details: str) -> Response:
    body = {
        "status": 400,
        "error": "Bad Request",
        "error_details": {k.replace("_", "."): v for k, v in details.items()},
    }
    return answer(400, body)


def ids(request: Request) -> list[str]:
    return [item["id"] for item in json.loads(request.body)["images"]]


def keys(requests: list[Request]) -> list[str]:
    return [request.headers["Idempotency-Key"] for request in requests]


def cut(number: int, **how: Any) -> list[Batch]:
    return list(batches(Kind.IMAGES, items(number), system_name="s", key="k", **how))


def test_a_batch_is_full_by_the_number_of_its_items() -> None:
    assert [(b.key, b.offset, b.end, b.count) for b in cut(5, max_items=2)] == [
        ("k-0", 0, 2, 2),
        ("k-2", 2, 4, 2),
        ("k-4", 4, 5, 1),
    ]
    assert [batch.count for batch in cut(4, max_items=2)] == [2, 2]
    assert cut(0) == []


def test_a_batch_is_full_by_its_bytes_and_a_large_item_goes_alone() -> None:
    input_ = [*items(2), {"id": "x" * 100}, *items(3)]
    found = list(batches(Kind.IMAGES, input_, system_name="s", max_bytes=40))
    assert [batch.count for batch in found] == [2, 1, 3]


def test_the_body_is_what_the_service_reads() -> None:
    (batch,) = batches(
        Kind.FILES, items(2, t="é"), system_name="s", webhook="http://x", context={"a": 1}, more={"b": 2}
    )
    assert json.loads(batch.body) == {
        "systemName": "s", "webhook": "http://x", "context": {"a": 1}, "b": 2,
        "files": [{"id": "0", "t": "é"}, {"id": "1", "t": "é"}],
    }  # fmt: skip


def test_the_same_input_gives_the_same_batches_and_one_may_go_on_in_the_middle() -> None:
    whole = cut(5, max_items=2)
    assert cut(5, max_items=2) == whole
    rest = list(batches(Kind.IMAGES, items(5)[2:], system_name="s", key="k", max_items=2, start=2))
    assert rest == whole[1:]


def test_without_a_key_each_import_has_one_of_its_own() -> None:
    first, second = (next(batches(Kind.IMAGES, items(1), system_name="s")) for _ in range(2))
    assert first.key != second.key


@pytest.mark.parametrize("key", ["ü", "a\nb", "x" * 201])
def test_a_key_that_no_header_can_have_is_refused_before_anything_is_sent(key: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        list(batches(Kind.IMAGES, items(1), system_name="s", key=key))


@pytest.mark.parametrize("refused", [TOO_LARGE, refusal(images="must NOT have more than 2 items")])
def test_a_batch_that_is_too_large_is_halved_until_it_is_not(refused: Response) -> None:
    (batch,) = cut(4)
    run = script(refused, refused, ACCEPTED, ACCEPTED, ACCEPTED)
    jobs = run.run(post(service(), batch))
    assert [ids(request) for request in run.requests] == [
        ["0", "1", "2", "3"], ["0", "1"], ["0"], ["1"], ["2", "3"],
    ]  # fmt: skip
    assert keys(run.requests) == ["k-0", "k-0a", "k-0aa", "k-0ab", "k-0b"]
    assert [(job.offset, job.count) for job in jobs] == [(0, 1), (1, 1), (2, 2)]


def test_an_item_that_is_too_large_by_itself_is_an_error() -> None:
    with pytest.raises(RequestTooLarge):
        script(TOO_LARGE).run(post(service(), cut(1)[0]))


def test_refused_items_are_left_out_under_the_same_key_as_often_as_need_be() -> None:
    refused: list[RefusedItem] = []
    (batch,) = batches(Kind.IMAGES, items(5)[2:], system_name="s", key="k", start=2)
    run = script(refusal(images_0_url="bad", images_0_id="bad"), refusal(images_1="bad"), ACCEPTED)
    (job,) = run.run(post(service(), batch, refused.append))
    assert [(item.place, [problem.path for problem in item.problems]) for item in refused] == [
        (2, ["url", "id"]),
        (4, [""]),
    ]
    assert (job.offset, job.count) == (3, 1)
    assert keys(run.requests) == ["k-2"] * 3


def test_a_batch_of_which_nothing_is_left_is_not_posted() -> None:
    run = script(refusal(images_0_url="bad"))
    assert run.run(post(service(), cut(1)[0], lambda item: None)) == []
    assert len(run.requests) == 1


def test_what_is_wrong_with_the_whole_batch_is_an_error_although_items_may_be_refused() -> None:
    with pytest.raises(InvalidRequest, match="systemName"):
        script(refusal(images_0_url="bad", systemName="bad")).run(post(service(), cut(2)[0], lambda item: None))


def test_an_item_that_is_no_json_is_named_by_its_place() -> None:
    run = script(ACCEPTED, items=[{"id": "0"}, {"id": float("inf")}])
    with pytest.raises(ItemNotJSON, match=r"^images\.1: ") as caught:
        run.run(import_items(service(), Kind.IMAGES, "s", {}))
    assert caught.value.place == 1
    with pytest.raises(ItemNotJSON, match="not int"):
        list(batches(Kind.IMAGES, [7], system_name="s"))  # type: ignore[list-item]


def failing(number: int) -> Iterator[dict[str, Any]]:
    yield from items(number)
    raise OSError("the disk is gone")


def test_an_error_in_the_middle_carries_the_jobs_before_it() -> None:
    run = script(ACCEPTED, ACCEPTED, items=failing(5))
    with pytest.raises(SourceFailed, match="OSError: the disk is gone") as caught:
        run.run(import_items(service(), Kind.IMAGES, "s", {"max_items": 2}))
    assert [job.offset for job in caught.value.accepted] == [0, 2]
    run = script(ACCEPTED, ConnectionFailed("lost", sent=True), items=items(5))
    with pytest.raises(ConnectionFailed) as lost:
        run.run(import_items(service(NO_RETRIES), Kind.IMAGES, "s", {"max_items": 2}))
    assert [job.offset for job in lost.value.accepted] == [0]
    assert lost.value.offset == 2


def test_callbacks_are_called_before_and_after_each_batch_is_posted() -> None:
    called: list[str] = []
    run = script(ACCEPTED, items=items(3))
    options = {"before_post": lambda b: called.append(b.key), "on_accepted": lambda j: called.append(j.key), "key": "k"}
    run.run(import_items(service(), Kind.IMAGES, "s", {"max_items": 2, **options}))  # type: ignore[typeddict-item]
    assert called == ["k-0", "k-0", "k-2", "k-2"]


def test_ready_made_entries_that_are_answered_in_another_number_are_an_error() -> None:
    with pytest.raises(UnexpectedAnswer, match="2 entries were sent, and 1 answered"):
        script(answer(200, {"results": [{}]}), items=items(2)).collect(create_entries(service(), {}))


def test_something_else_at_this_address_is_an_error_of_the_family() -> None:
    for body in (b"<html>", [], {"id": 7}):
        with pytest.raises(ImportClientError):
            script(answer(200, body)).run(post(service(), cut(1)[0]))


def test_no_more_than_a_batch_is_in_memory() -> None:
    def generated() -> Iterator[dict[str, Any]]:
        return ({"id": str(n), "fileName": "x" * 200} for n in range(10_000))

    run = script(ACCEPTED, items=generated())
    run.requests = _Counted()
    tracemalloc.start()
    try:
        jobs = run.run(import_items(service(), Kind.IMAGES, "s", {"max_items": 200}))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(job.count for job in jobs) == 10_000
    assert peak < 12 * 200 * 240  # a few times one batch; the whole input is fifty


class _Counted(list[Request]):
    """Keeps nothing."""

    def append(self, _: Request) -> None:
        """Forget it."""
