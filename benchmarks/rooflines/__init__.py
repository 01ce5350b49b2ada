"""The same work by hand: programs that do only what is necessary. They follow `benchmarks.scripts`."""
