"""Claims at hosts whose circuit is open: one item probes whether the host is back, or all of the job's items fail."""

from django.conf import settings

from imports.claiming import due_items
from imports.claiming.fair_choice import OpenJob
from imports.handlers import kinds
from imports.models import ImportItem, ImportJob
from imports.outcomes import item_outcomes, retry_policy
from imports.outcomes.host_silence import facts_of
from imports.outcomes.retry_policy import AtSilentHost
from imports.worker.shared_objects import Resources
from imports.worker.window import Window
from livingdocs_import.egress.host_limits import HostUnavailable

MAX_CIRCUITS = 8  # considered per query of a job


class SilentHosts:
    """The hosts with open circuits, for one job after the other."""

    def __init__(self, resources: Resources, window: Window) -> None:
        self._circuits = resources.circuits
        self._policy = resources.policy
        self._jobs = resources.jobs
        self._window = window

    def claim(self, job: OpenJob, loaded: ImportJob) -> list[ImportItem]:
        """One item of the job that may probe its silent host now; none if no host may be probed.

        Gives up hosts that have not answered for too long.
        """
        keys = self._circuits.open_keys
        for _ in range(MAX_CIRCUITS):
            key = due_items.any_host_of(job, keys) if keys else None
            if key is None:
                return []
            keys.discard(key)
            if key not in self._circuits.failing:
                continue
            match retry_policy.behind_open_circuit(facts_of(self._circuits, loaded, key), self._policy):
                case AtSilentHost.END:
                    self._give_up(job, loaded, key)
                case AtSilentHost.ASK if not self._window.at_host[key]:
                    return due_items.claim_at_host(job, key, 1)
                case AtSilentHost.PROBE if self._circuits.may_probe(key, job.project):
                    return due_items.claim_at_host(job, key, 1)
        return []

    def _give_up(self, job: OpenJob, loaded: ImportJob, key: int) -> None:
        """Fail the job's items at a host that has not answered for too long."""
        items = due_items.claim_at_host(job, key, settings.IMPORT_DOCUMENTS_CHUNK)
        host = self._circuits.failing[key].host
        outcomes = []
        for item in items:
            failure = HostUnavailable()
            failure.parameter = host
            outcomes.append(kinds.failed(loaded, item, failure))
        item_outcomes.record_outcomes(loaded, outcomes)
        self._jobs.expire()
