"""Downloads in threads: each fetches, checks and stores one item's file, without the database."""

import queue
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from imports.claiming.fair_choice import OpenJob
from imports.handlers.kinds import DOWNLOADS
from imports.handlers.prepared_media import PreparedMedia
from imports.models import ImportItem, ImportJob
from livingdocs_import.egress.download import Fetcher
from livingdocs_import.egress.endpoints import endpoint_of
from livingdocs_import.project_config import ProjectConfig

COLLECT_SECONDS = 0.01  # seconds within which further finished downloads are collected with the first


@dataclass
class Download:
    """A claimed item during its download. `key`: its host (egress/host_limits.host_key)."""

    job: OpenJob
    loaded: ImportJob
    config: ProjectConfig
    prepared: PreparedMedia
    key: int
    started: float = 0.0  # monotonic seconds

    @property
    def item(self) -> ImportItem:
        """The row."""
        return self.prepared.item

    @property
    def endpoint(self) -> str:
        """The `host:port` of its URL."""
        return endpoint_of(self.item.payload["url"])


class DownloadThreads:
    """The threads of one process; all methods are for the worker's thread."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._threads: ThreadPoolExecutor | None = None
        self._finished: queue.SimpleQueue[Download] = queue.SimpleQueue()

    def start(self, download: Download, *, threads: int) -> None:
        """Start the download, using at most this many threads."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(threads, thread_name_prefix="download")
        download.started = time.monotonic()
        self._threads.submit(self._run, download, self._finished)

    def next_finished(self) -> Download | None:
        """A finished download; None: there is none at the moment."""
        try:
            return self._finished.get_nowait()
        except queue.Empty:
            return None

    def put_back(self, download: Download) -> None:
        """Let `next_finished` return this download again."""
        self._finished.put(download)

    def wait(self, seconds: float) -> None:
        """Wait until a download has ended, at most this long."""
        try:
            first = self._finished.get(timeout=seconds)
        except queue.Empty:
            return
        time.sleep(min(seconds, COLLECT_SECONDS))
        self._finished.put(first)

    def drop_all(self) -> None:
        """Forget all downloads: those in flight run to their end, and `next_finished` does not return them."""
        self._finished = queue.SimpleQueue()
        if self._threads is not None:
            self._threads.shutdown(wait=False)
            self._threads = None

    def _run(self, download: Download, finished: "queue.SimpleQueue[Download]") -> None:
        try:
            handler = DOWNLOADS[download.job.kind]
            store = not download.loaded.dry_run
            handler.prepare(download.loaded, download.config, download.prepared, self._fetcher, store=store)
        finally:
            finished.put(download)
