"""The client for asyncio: the same operations, carried out by `httpx.AsyncClient`."""

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Self, TypeAlias, TypeVar, Unpack

import httpx

from livingdocs_import_client import import_operations, library_operations
from livingdocs_import_client.batches import Batch
from livingdocs_import_client.client import TIMEOUT
from livingdocs_import_client.documents import Edition, LinkingDocument, LinkingEntry, PublicationEvent
from livingdocs_import_client.effects import END, Effect, Emit, Pause, Run, Send, Steps, Stream
from livingdocs_import_client.entries import CreatedEntry, Entry, NewEntry, Patch, Use
from livingdocs_import_client.import_operations import BatchOptions, ImportOptions, OnRefused, WaitOptions
from livingdocs_import_client.items import Document, Item, MediaItem
from livingdocs_import_client.jobs import Job, JobStatus, Kind, Progress, Row
from livingdocs_import_client.json_types import JSONObject
from livingdocs_import_client.messages import Request, Response, compressed
from livingdocs_import_client.retries import Retries
from livingdocs_import_client.service import API_VERSION, Service, base_url
from livingdocs_import_client.transport import connection_failed, lower_headers

T = TypeVar("T")
Items: TypeAlias = AsyncIterable[T] | Iterable[T]
LARGE = 64 * 1024  # bytes of a body: compressing them takes long enough to hold other tasks up


class AsyncClient:
    """Speaks to one service with one token. Tasks may share it; `async with` closes its connections.

    `url` is the address before `/api/`. `http` is your own `httpx.AsyncClient` where proxies, certificates or
    connections need settings; it stays open.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        version: str = API_VERSION,
        retries: Retries | None = None,
        timeout: float = TIMEOUT,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._service = Service(base_url(url), token, version, retries or Retries())
        self._own = http is None
        self._http = http or httpx.AsyncClient(timeout=timeout)

    @classmethod
    def from_environment(cls) -> Self:
        """The service and the token that LIVINGDOCS_IMPORT_API and LIVINGDOCS_IMPORT_TOKEN name."""
        return cls(os.environ["LIVINGDOCS_IMPORT_API"], os.environ["LIVINGDOCS_IMPORT_TOKEN"])

    async def close(self) -> None:
        """Close the connections."""
        if self._own:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._service.url!r})"

    # --- Imports

    async def import_items(
        self, kind: Kind, items: Items[Item], *, system_name: str, **options: Unpack[ImportOptions]
    ) -> list[Job]:
        """Post items of one kind in batches, from an iterator of any length; the jobs created for them."""
        return await self._run(import_operations.import_items(self._service, kind, system_name, options), items)

    async def import_images(
        self, images: Items[MediaItem | JSONObject], *, system_name: str, **options: Unpack[ImportOptions]
    ) -> list[Job]:
        """The same for images."""
        return await self.import_items(Kind.IMAGES, images, system_name=system_name, **options)

    async def import_videos(
        self, videos: Items[MediaItem | JSONObject], *, system_name: str, **options: Unpack[ImportOptions]
    ) -> list[Job]:
        """The same for videos."""
        return await self.import_items(Kind.VIDEOS, videos, system_name=system_name, **options)

    async def import_files(
        self, files: Items[MediaItem | JSONObject], *, system_name: str, **options: Unpack[ImportOptions]
    ) -> list[Job]:
        """The same for files of other types."""
        return await self.import_items(Kind.FILES, files, system_name=system_name, **options)

    async def import_documents(
        self, documents: Items[Document | JSONObject], *, system_name: str, **options: Unpack[ImportOptions]
    ) -> list[Job]:
        """The same for documents."""
        return await self.import_items(Kind.DOCUMENTS, documents, system_name=system_name, **options)

    def create_entries(
        self, entries: Items[NewEntry | JSONObject], **options: Unpack[BatchOptions]
    ) -> AsyncIterator[CreatedEntry]:
        """Post ready-made entries in batches; the outcome of each. Iterating over the outcomes posts the batches."""
        return self._stream(import_operations.create_entries(self._service, options), entries)

    async def post(self, batch: Batch, *, on_refused: OnRefused | None = None) -> list[Job]:
        """Post a batch that `batches()` has made; its job, or several if it had to be split."""
        return await self._run(import_operations.post(self._service, batch, on_refused))

    async def status(self, job: Job, *, items: bool = False) -> JobStatus:
        """The progress of a job; with `items`, also the rows of finished items. JobLost."""
        return await self._run(import_operations.status(self._service, job, items=items))

    async def wait(self, jobs: Sequence[Job], **options: Unpack[WaitOptions]) -> Progress:
        """Wait until all jobs have ended; their progress then. JobFailed, JobLost, WaitTimeout."""
        return await self._run(import_operations.wait(self._service, jobs, options))

    def results(self, jobs: Sequence[Job], **options: Unpack[WaitOptions]) -> AsyncIterator[Row]:
        """The row of each item, in the order of the input; a job's rows are available when it has ended."""
        return self._stream(import_operations.results(self._service, jobs, options))

    # --- The media library

    async def entry(self, media_id: str) -> Entry:
        """One entry. NotFound."""
        return await self._run(library_operations.entry(self._service, media_id))

    def entries(self, media_ids: Iterable[str]) -> AsyncIterator[Entry]:
        """The entries with these ids, of any number; what does not exist is left out."""
        return self._stream(library_operations.entries(self._service, media_ids))

    def entries_by_external_id(self, system_name: str, external_ids: Iterable[str]) -> AsyncIterator[Entry]:
        """The entries that a system knows under these ids, of any number; what does not exist is left out."""
        return self._stream(library_operations.entries_by_external_id(self._service, system_name, external_ids))

    async def patch_entry(
        self, media_id: str, patches: Sequence[Patch], *, version: int | None = None, preserve_updated_at: bool = False
    ) -> None:
        """Carry out all patches, or none. Conflict: `version` is not the entry's any more, or its state does not fit.

        Without a `version` the last one wins.
        """
        steps = library_operations.patch_entry(
            self._service, media_id, patches, version, preserve_updated_at=preserve_updated_at
        )
        await self._run(steps)

    async def update_entry(self, media_id: str, change: Callable[[Entry], Iterable[Patch]]) -> Entry:
        """Read an entry and apply the patches that `change` returns; again after a conflict. The updated entry."""
        return await self._run(library_operations.update_entry(self._service, media_id, change))

    async def entry_keys(self, media_id: str) -> list[str]:
        """The storage keys of all files that a cache may hold of an entry."""
        return await self._run(library_operations.entry_keys(self._service, media_id))

    async def usage_log(self, media_id: str) -> list[Use]:
        """The usage log of an entry."""
        return await self._run(library_operations.usage_log(self._service, media_id))

    def linking_entries(self, target: str | int) -> AsyncIterator[LinkingEntry]:
        """The entries that link to an entry (its id, a string) or to a document (its number)."""
        return self._stream(library_operations.linking_entries(self._service, target))

    def linking_documents(self, target: str | int, *, drafts: bool = False) -> AsyncIterator[LinkingDocument]:
        """The published documents that link to an entry or a document; with `drafts`, the drafts that link to one."""
        return self._stream(library_operations.linking_documents(self._service, target, drafts=drafts))

    # --- Documents

    async def publication(self, document_id: int) -> Edition:
        """The latest publication of a document. NotFound."""
        return await self._run(library_operations.publication(self._service, document_id))

    def publications(self, query: Mapping[str, str] = {}) -> AsyncIterator[Edition]:
        """Publications, newest first; `query` has the API's parameters (`contentTypes`, `publishedAt.gt`, …)."""
        return self._stream(library_operations.publications(self._service, query))

    async def draft(self, document_id: int) -> Edition:
        """The newest revision of a document, published or not. NotFound."""
        return await self._run(library_operations.draft(self._service, document_id))

    async def command_document(
        self,
        document_id: int,
        commands: Sequence[JSONObject],
        *,
        version: int | None = None,
        preconditions: Sequence[JSONObject] = (),
    ) -> None:
        """Carry out all commands, or none. Conflict: the version, a precondition or an old value does not hold."""
        await self._run(
            library_operations.command_document(self._service, document_id, commands, version, preconditions)
        )

    def publication_events(self, *, after: int = 0) -> AsyncIterator[PublicationEvent]:
        """The events of publications after the event with this number, up to now."""
        return self._stream(library_operations.publication_events(self._service, after))

    # --- Effects

    async def _run(self, steps: Steps[T], items: Items[object] = ()) -> T:
        """Carry out an operation; its result."""
        run, source = Run(steps), _iterator(items)
        while (effect := run.effect) is not None:
            await self._carry_out(run, effect, source)
        return run.result

    async def _stream(self, steps: Stream[T], items: Items[object] = ()) -> AsyncIterator[T]:
        """Carry out an operation lazily: only as far as the caller iterates."""
        run, source = Run(steps), _iterator(items)
        try:
            while (effect := run.effect) is not None:
                if isinstance(effect, Emit):
                    yield effect.value
                    run.resume(None)
                else:
                    await self._carry_out(run, effect, source)
        finally:
            run.close()

    async def _carry_out(
        self, run: Run[Effect, T] | Run[Effect | Emit[T], None], effect: Effect, source: AsyncIterator[object]
    ) -> None:
        try:
            outcome = await self._outcome(effect, source)
        except Exception as error:
            run.fail(error)
        else:
            run.resume(outcome)

    async def _outcome(self, effect: Effect, source: AsyncIterator[object]) -> object:
        match effect:
            case Send(request):
                is_large = len(request.body) > LARGE
                return await self._send(
                    await asyncio.to_thread(compressed, request) if is_large else compressed(request)
                )
            case Pause(seconds):
                await asyncio.sleep(seconds)
                return None
            case _:
                return await anext(source, END)

    async def _send(self, request: Request) -> Response:
        try:
            answer = await self._http.request(
                request.method, request.url, headers=dict(request.headers), content=request.body or None
            )
        except httpx.RequestError as error:
            raise connection_failed(request, error) from error
        return Response(answer.status_code, lower_headers(answer.headers), answer.content)


def _iterator(items: Items[object]) -> AsyncIterator[object]:
    return aiter(items) if isinstance(items, AsyncIterable) else _from_iterable(items)


async def _from_iterable(items: Iterable[object]) -> AsyncIterator[object]:
    for item in items:
        yield item
