"""Graceful shutdown: nothing new is begun, and running work gets a few seconds to end (FLT-3).

The request is eight bytes of memory that a process shares with its forked children: Celery's main process receives the
signal, its children do the work. A signal handler must not take a lock: the interrupted code may already hold it.
"""

import math
import mmap
import struct
import time

from django.conf import settings

_MOMENT = struct.Struct("d")
_asked_at = mmap.mmap(-1, _MOMENT.size)  # time.monotonic(), the same clock in all processes; 0.0: not asked


def ask() -> None:
    """Request this process, and the children that were or will be forked from it, to stop. Idempotent."""
    if not asked():
        _MOMENT.pack_into(_asked_at, 0, time.monotonic())


def withdraw() -> None:
    """Take the request back: this process and its children go on."""
    _MOMENT.pack_into(_asked_at, 0, 0.0)


def asked() -> bool:
    """Whether a stop was requested: nothing new may be begun."""
    return _moment() > 0


def deadline() -> float:
    """When outbound connections are cut (monotonic seconds); infinite while no stop was requested."""
    return _moment() + settings.WORKER_STOP_SECONDS if asked() else math.inf


def too_late() -> bool:
    """Whether the deadline has passed: failures from now on are caused by the shutdown."""
    return time.monotonic() >= deadline()


def _moment() -> float:
    (moment,) = _MOMENT.unpack_from(_asked_at)
    return float(moment)
