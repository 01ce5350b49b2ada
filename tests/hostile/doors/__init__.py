"""Every module here is discovered; its `DOORS` are tried, and its `FOUND`: earlier attacks."""
