"""A worker claims due items, downloads side by side what has to be downloaded, and writes the results in batches.

Start with `loop.py`; docs/architecture.md says which module answers which question.
"""

from imports.worker.loop import Worker

__all__ = ["Worker"]
