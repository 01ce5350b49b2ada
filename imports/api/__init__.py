"""Imports over HTTP: posting batches, and the status of their jobs."""
