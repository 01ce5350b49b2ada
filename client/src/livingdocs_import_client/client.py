"""The client for programs with threads: operations carried out by `httpx.Client`."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Self, TypeVar, Unpack

import httpx

from livingdocs_import_client import import_operations, library_operations
from livingdocs_import_client.batches import Batch
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
TIMEOUT = 60.0  # seconds without a byte


class Client:
    """Speaks to one service with one token. Threads may share it; `with` closes its connections.

    `url` is the address before `/api/`. `http` is your own `httpx.Client` if proxies, certificates or connections need
    settings; it stays open.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        version: str = API_VERSION,
        retries: Retries | None = None,
        timeout: float = TIMEOUT,
        http: httpx.Client | None = None,
    ) -> None:
        self._service = Service(base_url(url), token, version, retries or Retries())
        self._own = http is None
        self._http = http or httpx.Client(timeout=timeout)

    @classmethod
    def from_environment(cls) -> Self:
        """The service and the token that LIVINGDOCS_IMPORT_API and LIVINGDOCS_IMPORT_TOKEN name."""
        return cls(os.environ["LIVINGDOCS_IMPORT_API"], os.environ["LIVINGDOCS_IMPORT_TOKEN"])

    def close(self) -> None:
        """Close the connections."""
        if self._own:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._service.url!r})"

    # --- Imports

    def import_items(
        self, kind: Kind, items: Iterable[Item], *, system_name: str, **options: Unpack[ImportOptions]
    ) -> list[Job]:
        """Post items of one kind in batches, from an iterator of any length; the jobs created for them."""
        return self._run(import_operations.import_items(self._service, kind, system_name, options), items)

    def import_images(
        self, images: Iterable[MediaItem | JSONObject], *, system_name: str, **options: Unpack[ImportOptions]
    ) -> list[Job]:
        """The same for images."""
        return self.import_items(Kind.IMAGES, images, system_name=system_name, **options)

    def import_videos(
        self, videos: Iterable[MediaItem | JSONObject], *, system_name: str, **options: Unpack[ImportOptions]
    ) -> list[Job]:
        """The same for videos."""
        return self.import_items(Kind.VIDEOS, videos, system_name=system_name, **options)

    def import_files(
        self, files: Iterable[MediaItem | JSONObject], *, system_name: str, **options: Unpack[ImportOptions]
    ) -> list[Job]:
        """The same for files of other types."""
        return self.import_items(Kind.FILES, files, system_name=system_name, **options)

    def import_documents(
        self, documents: Iterable[Document | JSONObject], *, system_name: str, **options: Unpack[ImportOptions]
    ) -> list[Job]:
        """The same for documents."""
        return self.import_items(Kind.DOCUMENTS, documents, system_name=system_name, **options)

    def create_entries(
        self, entries: Iterable[NewEntry | JSONObject], **options: Unpack[BatchOptions]
    ) -> Iterator[CreatedEntry]:
        """Post ready-made entries in batches; the outcome of each. Iterating over the outcomes posts the batches."""
        return self._stream(import_operations.create_entries(self._service, options), entries)

    def post(self, batch: Batch, *, on_refused: OnRefused | None = None) -> list[Job]:
        """Post a batch that `batches()` has made; its job, or several if it had to be split."""
        return self._run(import_operations.post(self._service, batch, on_refused))

    def status(self, job: Job, *, items: bool = False) -> JobStatus:
        """The progress of a job; with `items`, also the rows of finished items. JobLost."""
        return self._run(import_operations.status(self._service, job, items=items))

    def wait(self, jobs: Sequence[Job], **options: Unpack[WaitOptions]) -> Progress:
        """Wait until all jobs have ended; their progress then. JobFailed, JobLost, WaitTimeout."""
        return self._run(import_operations.wait(self._service, jobs, options))

    def results(self, jobs: Sequence[Job], **options: Unpack[WaitOptions]) -> Iterator[Row]:
        """The row of each item, in the order of the input; a job's rows are available when it has ended."""
        return self._stream(import_operations.results(self._service, jobs, options))

    # --- The media library

    def entry(self, media_id: str) -> Entry:
        """One entry. NotFound."""
        return self._run(library_operations.entry(self._service, media_id))

    def entries(self, media_ids: Iterable[str]) -> Iterator[Entry]:
        """The entries with these ids, of any number; what does not exist is left out."""
        return self._stream(library_operations.entries(self._service, media_ids))

    def entries_by_external_id(self, system_name: str, external_ids: Iterable[str]) -> Iterator[Entry]:
        """The entries that a system knows under these ids, of any number; what does not exist is left out."""
        return self._stream(library_operations.entries_by_external_id(self._service, system_name, external_ids))

    def patch_entry(
        self, media_id: str, patches: Sequence[Patch], *, version: int | None = None, preserve_updated_at: bool = False
    ) -> None:
        """Carry out all patches, or none. Conflict: `version` is not the entry's any more, or its state does not fit.

        Without a `version` the last one wins.
        """
        steps = library_operations.patch_entry(
            self._service, media_id, patches, version, preserve_updated_at=preserve_updated_at
        )
        self._run(steps)

    def update_entry(self, media_id: str, change: Callable[[Entry], Iterable[Patch]]) -> Entry:
        """Read an entry and apply the patches that `change` returns; again after a conflict. The updated entry."""
        return self._run(library_operations.update_entry(self._service, media_id, change))

    def entry_keys(self, media_id: str) -> list[str]:
        """The storage keys of all files that a cache may hold of an entry."""
        return self._run(library_operations.entry_keys(self._service, media_id))

    def usage_log(self, media_id: str) -> list[Use]:
        """The usage log of an entry."""
        return self._run(library_operations.usage_log(self._service, media_id))

    def linking_entries(self, target: str | int) -> Iterator[LinkingEntry]:
        """The entries that link to an entry (its id, a string) or to a document (its number)."""
        return self._stream(library_operations.linking_entries(self._service, target))

    def linking_documents(self, target: str | int, *, drafts: bool = False) -> Iterator[LinkingDocument]:
        """The published documents that link to an entry or a document; with `drafts`, the drafts that link to one."""
        return self._stream(library_operations.linking_documents(self._service, target, drafts=drafts))

    # --- Documents

    def publication(self, document_id: int) -> Edition:
        """The latest publication of a document. NotFound."""
        return self._run(library_operations.publication(self._service, document_id))

    def publications(self, query: Mapping[str, str] = {}) -> Iterator[Edition]:
        """Publications, newest first; `query` has the API's parameters (`contentTypes`, `publishedAt.gt`, …)."""
        return self._stream(library_operations.publications(self._service, query))

    def draft(self, document_id: int) -> Edition:
        """The newest revision of a document, published or not. NotFound."""
        return self._run(library_operations.draft(self._service, document_id))

    def command_document(
        self,
        document_id: int,
        commands: Sequence[JSONObject],
        *,
        version: int | None = None,
        preconditions: Sequence[JSONObject] = (),
    ) -> None:
        """Carry out all commands, or none. Conflict: the version, a precondition or an old value does not hold."""
        self._run(library_operations.command_document(self._service, document_id, commands, version, preconditions))

    def publication_events(self, *, after: int = 0) -> Iterator[PublicationEvent]:
        """The events of publications after the event with this number, up to now."""
        return self._stream(library_operations.publication_events(self._service, after))

    # --- Effects

    def _run(self, steps: Steps[T], items: Iterable[object] = ()) -> T:
        """Carry out an operation; its result."""
        run, source = Run(steps), iter(items)
        while (effect := run.effect) is not None:
            self._carry_out(run, effect, source)
        return run.result

    def _stream(self, steps: Stream[T], items: Iterable[object] = ()) -> Iterator[T]:
        """Carry out an operation lazily: only as far as the caller iterates."""
        run, source = Run(steps), iter(items)
        try:
            while (effect := run.effect) is not None:
                if isinstance(effect, Emit):
                    yield effect.value
                    run.resume(None)
                else:
                    self._carry_out(run, effect, source)
        finally:
            run.close()

    def _carry_out(
        self, run: Run[Effect, T] | Run[Effect | Emit[T], None], effect: Effect, source: Iterator[object]
    ) -> None:
        try:
            outcome = self._outcome(effect, source)
        except Exception as error:
            run.fail(error)
        else:
            run.resume(outcome)

    def _outcome(self, effect: Effect, source: Iterator[object]) -> object:
        match effect:
            case Send(request):
                return self._send(compressed(request))
            case Pause(seconds):
                time.sleep(seconds)
                return None
            case _:
                return next(source, END)

    def _send(self, request: Request) -> Response:
        try:
            answer = self._http.request(
                request.method, request.url, headers=dict(request.headers), content=request.body or None
            )
        except httpx.RequestError as error:
            raise connection_failed(request, error) from error
        return Response(answer.status_code, lower_headers(answer.headers), answer.content)
