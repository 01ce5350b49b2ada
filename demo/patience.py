"""Wait as long as the machine needs, and print what for."""

import time
from collections.abc import Callable

from rich.console import Console

SILENCE_SECONDS = 5.0  # seconds before the first line, then doubled each time; a quick machine prints none
GIVE_UP_SECONDS = 1800.0  # seconds that no working machine needs
PAUSE_SECONDS = 0.1

out = Console(highlight=False, soft_wrap=True)


def wait_for(what: str, happened: Callable[[], bool], *, silence: float = SILENCE_SECONDS) -> None:
    """Return when HAPPENED does; now and then a line names what is waited for.

    An exception of HAPPENED ends the wait, so it can detect that a process died.
    """
    began = said = time.monotonic()
    while not happened():
        now = time.monotonic()
        if now - began > GIVE_UP_SECONDS:
            raise SystemExit(f"Gave up waiting after {GIVE_UP_SECONDS / 60:.0f} minutes: {what}")
        if now - said >= silence:
            said, silence = now, silence * 2
            out.print(f"   … {what} ({now - began:.0f} s)")
        time.sleep(PAUSE_SECONDS)
