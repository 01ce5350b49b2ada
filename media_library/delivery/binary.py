"""A stored file that is handed out: what is known of it, and where its bytes come from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from media_library.storage import StoredFile


@dataclass(frozen=True)
class Binary:
    """Stored bytes and where to get them; `read` takes start and end (exclusive) and fails at once or not at all."""

    facts: StoredFile
    mime_type: str
    read: Callable[[int, int], Iterator[bytes]]
    lasting: bool = True  # False: a makeshift, something better may be there next time
