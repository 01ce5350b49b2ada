"""Read rows: a module for each format. All read a stream once, forwards, and hold one row in memory."""
