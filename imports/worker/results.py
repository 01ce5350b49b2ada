"""Handle finished downloads: the item is released for a retry, or ready to be written."""

import time
from datetime import timedelta

from django.db import Error

from imports.models import ImportItem
from imports.outcomes import retry_policy
from imports.outcomes.disk_full import remembered, seconds_without_room
from imports.outcomes.host_silence import facts_of
from imports.worker.downloads import Download, DownloadThreads
from imports.worker.health import Health
from imports.worker.shared_objects import Resources
from imports.worker.window import Window
from livingdocs_import.egress.host_limits import HostUnavailable, host_key
from livingdocs_import.errors import Failure
from livingdocs_import.work_queue.lease import release

EXPECTED_SECONDS = 10.0  # a retry that is due this soon is waited for by this process …
LATE_SECONDS = 0.5  # … and may be this late


class Results:
    """The end of each download."""

    def __init__(self, resources: Resources, window: Window, threads: DownloadThreads, health: Health) -> None:
        self._circuits = resources.circuits
        self._outages = resources.outages
        self._policy = resources.policy
        self._leases = resources.leases
        self._jobs = resources.jobs
        self._window = window
        self._threads = threads
        self._health = health
        self._retries_until = 0.0  # monotonic seconds

    def collect(self) -> bool:
        """Handle finished downloads; returns whether there were any.

        One that meets an error of the database is handled by the next call.
        """
        any_ended = False
        while (download := self._threads.next_finished()) is not None:
            any_ended = True
            try:
                self._end(download)
            except Error:
                self._threads.put_back(download)
                raise
            self._window.leave(download)
        return any_ended

    def expects_retries(self) -> bool:
        """Whether an item released here will be retried within seconds."""
        return time.monotonic() < self._retries_until

    def _end(self, download: Download) -> None:
        prepared = download.prepared
        if prepared.stored:
            self._health.note_stored()
        if prepared.failure is not None:
            self._fail(download, prepared.failure)
        elif prepared.begun:
            self._window.jobs[download.job.pk].add_ready(prepared)
        else:
            self._release(download)

    def _fail(self, download: Download, failure: Failure) -> None:
        key = host_key(failure.endpoint) if failure.endpoint else download.key
        alone = self._health.is_alone(download, failure)
        if not alone:
            self._health.note_failure(download, failure, key)
        decision = retry_policy.decide(
            failure,
            attempts=download.item.attempts,
            host=facts_of(self._circuits, download.loaded, key),
            policy=self._policy,
            awaited=frozenset(part for part, worth in self._outages.away.items() if worth and not alone),
            alone=alone,
            no_room_for=seconds_without_room(download.item),
        )
        match decision:
            case retry_policy.Retry(counted=True) if download.loaded.dry_run:
                # A sample is not waited for: what the first try met is what the plan says.
                self._window.jobs[download.job.pk].add_ready(download.prepared)
            case retry_policy.Retry():
                self._release(download, decision)
            case retry_policy.Wait():
                self._release(download)
            case retry_policy.End(cause):
                if cause:
                    download.prepared.failure = HostUnavailable()
                    download.prepared.failure.parameter = failure.endpoint or download.endpoint
                    download.prepared.failure.evidence = failure.evidence
                self._window.jobs[download.job.pk].add_ready(download.prepared)

    def _release(self, download: Download, retry: retry_policy.Retry | None = None) -> None:
        """Release the item: to be claimed again at once, or as the retry says."""
        items = [download.item]
        if retry is None:
            release(ImportItem, items)
        else:
            after, no_room_since = timedelta(seconds=retry.after), remembered(no_room=retry.no_room)
            release(ImportItem, items, after=after, counted=retry.counted, no_room_since=no_room_since)
        delay = retry.after if retry is not None else 0.0
        if delay <= EXPECTED_SECONDS:
            self._retries_until = max(self._retries_until, time.monotonic() + delay + LATE_SECONDS)
        self._leases.remove(items)
        self._jobs.expire()
