"""A file that a command writes: it gets its name when it is whole."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


@contextmanager
def whole_file(path: Path, mode: str, **how: Any) -> Iterator[IO[Any]]:
    """Write beside the path, and rename it when the block has ended; after an error the path is as it was.

    `mode` and `how` are those of `Path.open`. The name beside it is random: two processes write two
    files. A link leads to the new file, which has the permissions of the old one. Devices and pipes are written to.
    OSError: there is no such folder, or the file cannot be written.
    """
    permissions = _mode(path)
    if permissions and not stat.S_ISREG(permissions) and not stat.S_ISDIR(permissions):
        with path.open(mode, **how) as file:
            yield file
        return
    target = Path(os.path.realpath(path))
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    with open(unfinished, mode, opener=_opened_anew, **how) as file:
        try:
            if permissions:
                unfinished.chmod(stat.S_IMODE(permissions))
            yield file
            file.close()  # what is buffered is written here, or fails
            unfinished.replace(target)
        except BaseException:
            unfinished.unlink()
            raise


def _mode(path: Path) -> int:
    """The kind and permissions of what the path leads to; 0 if there is nothing."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return 0


def _opened_anew(name: str, flags: int) -> int:
    """A file that did not exist; no link is followed."""
    return os.open(name, flags | os.O_EXCL | os.O_NOFOLLOW, 0o666)
