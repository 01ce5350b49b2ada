"""Wait as long as the machine needs, and say meanwhile for what."""

import time
from collections.abc import Callable

from rich.console import Console

SILENCE_SECONDS = 5.0  # without a word, and then twice as long each time; a quick machine shows none
GIVE_UP_SECONDS = 1800.0  # so long no machine needs: something is broken that does not say so
PAUSE_SECONDS = 0.1

out = Console(highlight=False, soft_wrap=True)


def wait_for(what: str, happened: Callable[[], bool], *, silence: float = SILENCE_SECONDS) -> None:
    """Return when HAPPENED does; from time to time a line says what is waited for.

    Whatever HAPPENED raises ends the waiting, so it is where a reason to give up is noticed: a process that died.
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
