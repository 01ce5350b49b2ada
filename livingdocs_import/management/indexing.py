"""Commands that index what is stored, as fast as one process can."""

import time
from collections.abc import Callable, Iterator

from livingdocs_import.management.operator_command import OperatorCommand

REPORT_EVERY = 5_000  # things that were looked at
PAUSE = 0.5  # seconds, while another process is at it


class IndexingCommand(OperatorCommand):
    """Can be interrupted and run again: each batch is a transaction."""

    def index_all(self, name: str, is_behind: Callable[[], bool], batches: Callable[[], Iterator[int]]) -> int:
        """Until there is nothing to do; the sum of the batches. Progress is reported under `name`."""
        done, reported = 0, REPORT_EVERY
        while is_behind():
            for number in batches():
                done += number
                if done >= reported:
                    self.stderr.write(f"{name}: {done} …", style_func=str)
                    reported += REPORT_EVERY
            if is_behind():
                time.sleep(PAUSE)
        return done
