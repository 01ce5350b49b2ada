"""Free space for temporary files on this machine: a worker without any claims no downloads, while others continue."""

import shutil
import time
from pathlib import Path

LOOK_SECONDS = 1.0
AFTER_FULL_SECONDS = 5.0


class LocalDisk:
    """The file system of the temporary folder."""

    def __init__(self, folder: Path, least_free: int, *, after_full_seconds: float = AFTER_FULL_SECONDS) -> None:
        """`least_free`: bytes that have to be free. `after_full_seconds`: the pause when a file did not fit."""
        self.folder = folder
        self.least_free = least_free
        self.after_full_seconds = after_full_seconds
        self._look_at = 0.0
        self._room = True

    def has_room(self) -> bool:
        """Whether downloads may begin; checked once a second."""
        if time.monotonic() >= self._look_at:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._room = shutil.disk_usage(self.folder).free >= self.least_free
            self._look_at = time.monotonic() + LOOK_SECONDS
        return self._room

    def was_full(self) -> None:
        """A file did not fit, whatever the file system reports."""
        self._room = False
        self._look_at = time.monotonic() + self.after_full_seconds
