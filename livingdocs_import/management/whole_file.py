"""A file that a command writes: it gets its name when it is whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


@contextmanager
def whole_file(path: Path, mode: str, **how: Any) -> Iterator[IO[Any]]:
    """Write beside the path, and rename it when the block has ended; after an error the path is as it was.

    `mode` and `how` are those of `Path.open`. The name beside it is one of this process: two of them write two files.
    OSError: there is no such folder, or the file cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with unfinished.open(mode, **how) as file:
        try:
            yield file
            file.close()  # what is buffered is written here, or fails
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink()
            raise
