"""Imports over HTTP: batches that are posted, and the status of their jobs."""
