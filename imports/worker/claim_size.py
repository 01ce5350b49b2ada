"""The number of items in one claim of a job: more while they are used up quickly, because that costs less per item."""

import time

FIRST_CLAIM = 8  # items; a claim is twice as large as the previous one if that was used up within …
USED_UP_QUICKLY = 1.0  # … this many seconds, and half as large if it lasted …
USED_UP_SLOWLY = 4.0  # … longer than this


class ClaimSize:
    """The size of the next claim of one job."""

    def __init__(self) -> None:
        self.items = FIRST_CLAIM
        self.claimed_at = 0.0  # monotonic seconds

    def note_claim(self) -> None:
        """A claim was made now."""
        self.claimed_at = time.monotonic()

    def adapt(self, most: int) -> int:
        """The size of the next claim, after the last one is used up; growth stops at `most`."""
        lasted = time.monotonic() - self.claimed_at
        if lasted < USED_UP_QUICKLY:
            self.items = min(self.items * 2, most)
        elif lasted > USED_UP_SLOWLY:
            self.items = max(self.items // 2, FIRST_CLAIM // 2)
        return self.items
