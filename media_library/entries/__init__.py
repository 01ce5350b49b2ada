"""Media library entries: what an entry, an asset and a patch look like."""
