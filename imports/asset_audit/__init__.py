"""Compare the storage with the entries: orphaned files, missing files, and fetching the latter again."""
