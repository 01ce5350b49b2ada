"""Shared by tests and benchmarks: temporary servers, and the programs and variables of this checkout."""
