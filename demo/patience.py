"""Wait as long as the machine needs, and print what for."""

import time
from collections.abc import Callable

from rich.console import Console

SILENCE_SECONDS = 5.0  # seconds before the first line, then doubled each time; a quick machine prints none
GIVE_UP_SECONDS = 1800.0  # seconds that no working machine needs
PAUSE_SECONDS = 0.1

out = Console(highlight=False, soft_wrap=True)


class Reminder:
    """Prints a line about what is waited for: the first after `silence` seconds, the next ones ever more rarely."""

    def __init__(self, silence: float = SILENCE_SECONDS) -> None:
        self._began = self._said = time.monotonic()
        self._silence = silence

    @property
    def waited(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def remind(self, what: str) -> None:
        """Print a line if it is time for one."""
        now = time.monotonic()
        if now - self._said >= self._silence:
            self._said, self._silence = now, self._silence * 2
            out.print(f"   … {what} ({self.waited:.0f} s)", markup=False)


def wait_for(what: str, happened: Callable[[], bool], *, silence: float = SILENCE_SECONDS) -> None:
    """Return when HAPPENED does; now and then a line names what is waited for.

    An exception of HAPPENED ends the wait, so it can detect that a process died.
    """
    reminder = Reminder(silence)
    while not happened():
        if reminder.waited > GIVE_UP_SECONDS:
            raise SystemExit(f"Gave up waiting after {GIVE_UP_SECONDS / 60:.0f} minutes: {what}")
        reminder.remind(what)
        time.sleep(PAUSE_SECONDS)
