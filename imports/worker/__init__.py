"""One process's part of the work: downloads side by side, chunks of documents, and results written in batches."""

from imports.worker.loop import Worker

__all__ = ["Worker"]
