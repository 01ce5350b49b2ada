"""What tests and benchmarks share: servers that are started for the occasion, and what this checkout runs and reads."""
