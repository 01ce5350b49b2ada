"""A stored file for delivery: its properties and a reader for its bytes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from media_library.storage import StoredFile


@dataclass(frozen=True)
class Binary:
    """Stored bytes; `read` takes start and end (exclusive) and fails at once or not at all."""

    facts: StoredFile
    mime_type: str
    read: Callable[[int, int], Iterator[bytes]]
    lasting: bool = True  # False: a fallback, a better rendition may exist next time
