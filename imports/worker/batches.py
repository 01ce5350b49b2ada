"""Write ready items in batches: a moment after the first, in one transaction for each job."""

import math
import time

from django.conf import settings
from django.db import Error

from imports.handlers.kinds import DOWNLOADS
from imports.outcomes import item_outcomes, item_plans
from imports.outcomes.claim_refunds import is_outage
from imports.worker import configuration
from imports.worker.shared_objects import Resources
from imports.worker.window import FEW_IN_FLIGHT, ActiveJob, Window

WRITE_AFTER = 0.05  # seconds that ready items wait for more of their job …
MAX_WRITE_AFTER = 0.5  # … and if much of the job is on its way


class Batches:
    """The ready items of each active job."""

    def __init__(self, resources: Resources, window: Window) -> None:
        self._refunds = resources.refunds
        self._leases = resources.leases
        self._jobs = resources.jobs
        self._window = window

    def write_due(self) -> bool:
        """Write each batch that has waited long enough; returns whether there was any."""
        now, wrote = time.monotonic(), False
        for active in list(self._window.jobs.values()):
            if active.ready and now - active.ready_since >= _patience(active):
                self._write(active)
                wrote = True
        return wrote

    def due(self) -> list[float]:
        """When the batches are to be written; monotonic seconds."""
        return [active.ready_since + _patience(active) for active in self._window.jobs.values() if active.ready]

    def _write(self, active: ActiveJob) -> None:
        items = [prepared.item for prepared in active.ready]
        try:
            self._complete(active)
        except Error as error:
            if is_outage(error):
                # Items that met too many outages may cause them: their leases are left to expire.
                suspects = self._refunds.record_outage(error, items)
                keys = {item.pk for item in suspects}
                active.ready[:] = [prepared for prepared in active.ready if prepared.item.pk not in keys]
                self._leases.remove(suspects)
                self._window.remove_if_done(active.job.pk)
            raise
        active.ready.clear()
        self._leases.remove(items)
        self._window.remove_if_done(active.job.pk)
        self._jobs.changed(active.job.pk)

    def _complete(self, active: ActiveJob) -> None:
        handler = DOWNLOADS[active.job.kind]
        if not active.loaded.dry_run:
            item_outcomes.complete(active.loaded, handler, active.ready)
        elif (config := configuration.usable(active.loaded, self._jobs)) is not None:
            item_plans.record_plans(active.loaded, handler, config, active.ready, until=math.inf)


def _patience(active: ActiveJob) -> float:
    """How long ready items of a job wait for more of it, in seconds."""
    if not (active.claimed or active.in_flight) or len(active.ready) >= settings.IMPORT_CHUNK:
        return 0.0
    return MAX_WRITE_AFTER if active.claimed or active.in_flight >= FEW_IN_FLIGHT else WRITE_AFTER
