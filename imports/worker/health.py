"""What failures say about hosts, the network, the storage and the disk; shared between worker processes."""

import time

from imports.outcomes import retry_policy
from imports.outcomes.host_requests import note_silence
from imports.worker.downloads import Download
from imports.worker.resources import Resources
from livingdocs_import.egress.outages import Part
from livingdocs_import.errors import Failure

SYNC_SECONDS = 0.1  # between two looks at what the requests of this process have met


class Health:
    """Circuits and outages, kept up to date with what the downloads of this process meet."""

    def __init__(self, resources: Resources) -> None:
        self._circuits = resources.circuits
        self._outages = resources.outages
        self._network = resources.network
        self._limits = resources.limits
        self._disk = resources.disk
        self._sync_at = 0.0  # monotonic seconds
        self._stored_at = 0.0  # monotonic seconds: when the storage last took a file

    def sync_when_due(self) -> None:
        """Write down what requests have met, and read what other processes met; ten times a second at most."""
        now = time.monotonic()
        if now >= self._sync_at:
            self._sync()
            self._sync_at = now + SYNC_SECONDS

    def note_stored(self) -> None:
        """The storage has taken a file."""
        self._stored_at = time.monotonic()
        self._outages.ends(Part.STORAGE)

    def is_alone(self, download: Download, failure: Failure) -> bool:
        """Whether the storage refused this file while it took others: it is no outage."""
        return failure.cause == "storage" and self._stored_at > download.started

    def note_failure(self, download: Download, failure: Failure, key: int) -> None:
        """Record, for all processes, what this failure says about the host with this key or about a part of our own."""
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
