"""What failures mean for hosts, the network, the storage and the disk; shared between worker processes."""

import time

from imports.outcomes import retry_policy
from imports.outcomes.host_silence import note_silence
from imports.worker.downloads import Download
from imports.worker.shared_objects import Resources
from livingdocs_import.egress.outages import Part
from livingdocs_import.errors import Failure

SYNC_SECONDS = 0.1  # seconds between two evaluations of this process's requests


class Health:
    """Circuits and outages, updated by the downloads of this process."""

    def __init__(self, resources: Resources) -> None:
        self._circuits = resources.circuits
        self._outages = resources.outages
        self._network = resources.network
        self._limits = resources.limits
        self._disk = resources.disk
        self._sync_at = 0.0  # monotonic seconds
        self._stored_at = 0.0  # monotonic seconds: the last successful upload

    def sync_when_due(self) -> None:
        """Store the outcomes of requests, and read those of other processes; ten times a second at most."""
        now = time.monotonic()
        if now >= self._sync_at:
            self._sync()
            self._sync_at = now + SYNC_SECONDS

    def note_stored(self) -> None:
        """The storage has accepted a file."""
        self._stored_at = time.monotonic()
        self._outages.ends(Part.STORAGE)

    def is_alone(self, download: Download, failure: Failure) -> bool:
        """Whether the storage refused this file while it accepted others: then it is not an outage."""
        return failure.cause == "storage" and self._stored_at > download.started

    def note_failure(self, download: Download, failure: Failure, key: int) -> None:
        """Record, for all processes, what this failure means for the host with this key or a dependency."""
        if failure.cause == "storage":
            self._outages.begins(Part.STORAGE, failure.detail)
        elif failure.cause == "disk-full":
            self._disk.was_full()
        elif failure.cause in retry_policy.SILENT:
            self._sync()
            seconds_ago = time.monotonic() - download.started
            note_silence(self._circuits, download.loaded, key, seconds_ago=seconds_ago)

    def _sync(self) -> None:
        unanswered = self._circuits.sync()
        was_away = Part.NETWORK in self._outages.away
        is_away = self._network.is_away(unanswered, self._limits.last_answer_at, was_away=was_away)
        if is_away and not was_away:
            self._outages.begins(Part.NETWORK, "no host answers")
        elif was_away and not is_away:
            self._outages.ends(Part.NETWORK)
        self._outages.refresh()
