"""What a dry run has found, and which of its items are to be imported.

`selection` chooses items, `causes` says why some would fail and what a sample of the files showed, `present` is what
entries and documents are now.
"""

from imports.plans.causes import PlannedFailures, Sample, failures, sample
from imports.plans.present import Present, present
from imports.plans.selection import chosen, import_of, is_complete, moved, touched

__all__ = [
    "PlannedFailures",
    "Present",
    "Sample",
    "chosen",
    "failures",
    "import_of",
    "is_complete",
    "moved",
    "present",
    "sample",
    "touched",
]
