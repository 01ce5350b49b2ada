"""A worker claims due items, downloads their files in parallel, and writes the results in batches.

Start with `loop.py`; docs/architecture.md lists the question that each module answers.
"""

from imports.worker.loop import Worker

__all__ = ["Worker"]
