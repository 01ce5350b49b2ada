"""Both clients over real connections: the same methods, the same requests, the same errors."""

import asyncio
import gzip
import inspect
import json
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import httpx
import pytest

from devtools.servers import free_port
from livingdocs_import_client import (
    ApiError,
    AsyncClient,
    Client,
    ConnectionFailed,
    Image,
    NotFound,
    Retries,
    ServiceFailed,
    SourceFailed,
)
from running_service import Service
from tests.origin import Origin, Reply

QUICK = Retries(attempts=3, first_pause=0.01)
ENTRY_PATH, IMPORT_PATH = "/api/2026-09/mediaLibrary/x", "/api/2026-09/import/images"
KEYS_PATH = f"{ENTRY_PATH}/keys"
KEYS = Reply(b'{"results": ["a.jpg"]}')
JOB = Reply(b'{"id": "abc"}')
Call = Callable[[str, str, tuple[Any, ...], dict[str, Any]], Any]


def call_sync(url: str, method: str, given: tuple[Any, ...], options: dict[str, Any]) -> Any:
    with Client(url, "secret", retries=QUICK) as client:
        return getattr(client, method)(*given, **options)


def call_async(url: str, method: str, given: tuple[Any, ...], options: dict[str, Any]) -> Any:
    async def call() -> Any:
        async with AsyncClient(url, "secret", retries=QUICK) as client:
            return await getattr(client, method)(*given, **options)

    return asyncio.run(call())


@pytest.fixture(params=[call_sync, call_async], ids=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Call:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def site() -> Iterable[Origin]:
    with Origin() as server:
        yield server


def base(site: Origin) -> str:
    return site.url("")


def test_a_request_names_token_and_library(call: Call, site: Origin) -> None:
    site.reply(KEYS_PATH, KEYS)
    assert call(base(site), "entry_keys", ("x",), {}) == ["a.jpg"]
    (request,) = site.asked(KEYS_PATH)
    assert request.headers["authorization"] == "Bearer secret"
    assert request.headers["user-agent"].startswith("livingdocs-import-client/")


def test_ids_are_one_step_of_a_path(call: Call, site: Origin) -> None:
    site.reply("/api/2026-09/mediaLibrary/a%2F..%3Fb/keys", KEYS)
    assert call(base(site), "entry_keys", ("a/..?b",), {}) == ["a.jpg"]


def test_a_busy_service_is_asked_again_over_the_same_connection(call: Call, site: Origin) -> None:
    site.reply(KEYS_PATH, Reply(status=503), Reply(b"", 502), KEYS)
    assert call(base(site), "entry_keys", ("x",), {}) == ["a.jpg"]
    assert len({request.connection for request in site.asked(KEYS_PATH)}) == 1


@pytest.mark.parametrize("ending", ["close", "reset"])
def test_a_connection_that_ends_in_the_middle_of_an_answer_is_no_answer(call: Call, site: Origin, ending: Any) -> None:
    site.reply(KEYS_PATH, Reply(KEYS.body, stop_after=5, ending=ending), Reply(raw=b""), KEYS)
    assert call(base(site), "entry_keys", ("x",), {}) == ["a.jpg"]
    assert len(site.asked(KEYS_PATH)) == 3


def test_a_post_whose_answer_was_lost_is_sent_again_under_its_key(call: Call, site: Origin) -> None:
    site.reply(IMPORT_PATH, Reply(raw=b""), JOB)
    images = [Image(url=f"https://example.org/{n}.jpg", id=str(n), file_name="x") for n in range(200)]
    (job,) = call(base(site), "import_images", (images,), {"system_name": "s"})
    first, second = site.asked(IMPORT_PATH)
    assert job.id == "abc"
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.headers["content-encoding"] == "gzip"
    assert first.body == second.body
    assert len(json.loads(gzip.decompress(first.body))["images"]) == 200


def test_a_connection_that_is_refused(call: Call) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        call(f"http://127.0.0.1:{free_port()}", "patch_entry", ("x", []), {})
    assert not caught.value.sent


def test_a_redirect_is_an_error_and_the_token_goes_nowhere(call: Call, site: Origin) -> None:
    site.redirect(KEYS_PATH, site.url("/elsewhere"), 301)
    with pytest.raises(ApiError, match="301 Moved Permanently"):
        call(base(site), "entry_keys", ("x",), {})
    assert site.asked("/elsewhere") == []


def test_an_error_page_of_something_in_between_is_quoted(call: Call, site: Origin) -> None:
    site.reply(KEYS_PATH, Reply(b"<h1>Bad Gateway</h1>", 502, content_type="text/html"))
    with pytest.raises(ServiceFailed, match=r"502 Bad Gateway: .*<h1>Bad Gateway</h1>"):
        call(base(site), "entry_keys", ("x",), {})


def test_an_iterator_that_fails_ends_the_import(call: Call, site: Origin) -> None:
    site.reply(IMPORT_PATH, JOB)

    def images() -> Iterable[dict[str, str]]:
        yield {"id": "1"}
        yield {"id": "2"}
        raise LookupError("no more rows")

    with pytest.raises(SourceFailed, match="LookupError: no more rows") as caught:
        call(base(site), "import_images", (images(),), {"system_name": "s", "max_items": 1})
    assert len(caught.value.accepted) == 1


def public(of: type) -> dict[str, Any]:
    return {name: member for name, member in vars(of).items() if not name.startswith("_")}


def test_both_clients_have_the_same_methods_with_the_same_parameters_and_words() -> None:
    sync, asynchronous = public(Client), public(AsyncClient)
    assert sync.keys() == asynchronous.keys()
    for name, method in sync.items():
        other = asynchronous[name]
        assert method.__doc__ == other.__doc__
        if name != "from_environment":
            assert [*inspect.signature(method).parameters] == [*inspect.signature(other).parameters]


def test_the_async_client_does_all_of_it_with_the_service(service: Service, origin: Origin) -> None:
    async def images() -> AsyncIterator[Image]:
        for n in range(3):
            await asyncio.sleep(0)
            yield Image(url=origin.url("/cat.jpg"), id=f"async-{n}", file_name="A cat")

    async def use() -> None:
        async with AsyncClient(service.url, service.token) as client:
            jobs = await client.import_images(images(), system_name="async", max_items=2)
            assert len(jobs) == 2
            assert (await client.wait(jobs, timeout=100)).done == 3
            found = [row.media_id async for row in client.results(jobs)]
            assert [entry.id async for entry in client.entries(each or "" for each in found)] == found
            assert [entry async for entry in client.linking_entries(found[0] or "")] == []
            with pytest.raises(NotFound):
                await client.entry("unknown")

    asyncio.run(use())


def test_values_are_fetched_only_as_far_as_the_caller_iterates(site: Origin) -> None:
    path = "/api/2026-09/publicationEvents"
    event = {"createdAt": "2026-01-01T00:00:00Z", "documentId": 1, "documentType": "a", "contentType": "a"}
    events = [event | {"id": n + 1, "eventType": "publish", "publicationId": n} for n in range(1000)]
    site.reply(path, Reply(json.dumps({"results": events}).encode()))
    with Client(base(site), "secret") as client:
        assert next(client.publication_events()).id == 1
    assert len(site.asked(path)) == 1


def test_ones_own_httpx_client_is_used_and_stays_open(site: Origin) -> None:
    site.reply(KEYS_PATH, KEYS)
    with httpx.Client(headers={"X-Ours": "yes"}) as http:
        with Client(base(site), "secret", http=http) as client:
            client.entry_keys("x")
        assert not http.is_closed
    assert site.asked(KEYS_PATH)[0].headers["x-ours"] == "yes"
