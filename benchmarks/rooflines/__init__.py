"""The same work by hand: programs that do what has to be done and nothing else. They keep to `benchmarks.scripts`."""
