"""The worker without a broker: imports, webhooks and housekeeping in one process."""

import logging
import signal
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.db import close_old_connections

from imports import housekeeping_rounds
from imports.tasks import notify
from imports.worker import Worker
from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.server import gc_tuning
from livingdocs_import.webhooks.dispatcher import Dispatcher
from livingdocs_import.work_queue import shutdown

log = logging.getLogger(__name__)


class Command(OperatorCommand):
    help = "Run imports, send webhooks and do housekeeping, until stopped. For the embedded default: no broker needed."
    examples = (
        Example("", "until it is stopped: Ctrl-C, or SIGTERM"),
        Example("--until-dry", "carry out what is due, and end: in a scheduled job"),
    )

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--until-dry", action="store_true", help="stop when nothing is due any more")

    def run(self, *, until_dry: bool, **_: Any) -> None:
        gc_tuning.relax()
        worker, dispatcher = Worker(), Dispatcher()
        stop = threading.Event()

        def ask_to_stop(number: int, frame: FrameType | None) -> None:
            shutdown.ask()
            stop.set()

        signal.signal(signal.SIGTERM, ask_to_stop)
        signal.signal(signal.SIGINT, ask_to_stop)
        if until_dry:
            while not stop.is_set() and (worker.run_until_idle() or dispatcher.deliver_due()):
                pass
            return
        loops: list[tuple[str, Callable[[], object], float]] = [
            ("imports", worker.run, 0.25),
            ("webhooks", dispatcher.deliver_due, 0.25),
        ]
        threads = [threading.Thread(target=repeat, args=(stop, *loop), name=loop[0]) for loop in loops]
        for thread in threads:
            thread.start()
        housekeeping_rounds.Housekeeper(notify, imports=True, webhooks=True).start()
        # A join with a time-out lets the main thread handle signals.
        while any(thread.is_alive() for thread in threads):
            for thread in threads:
                thread.join(timeout=0.2)


def repeat(stop: threading.Event, name: str, step: Callable[[], object], pause: float) -> None:
    """Call `step` until asked to stop; after one without work, or with an error, wait `pause` seconds."""
    while not stop.is_set():
        try:
            busy = step()
        except Exception:
            # A failed database comes back; a worker that has exited does not.
            log.exception("%s: trying again in a moment", name)
            close_old_connections()
            time.sleep(min(1.0, pause * 4))
            busy = False
        if not busy:
            stop.wait(pause)
