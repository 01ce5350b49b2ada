"""Every module here is found by itself; its `DOORS` are tried, and its `FOUND`: what somebody came in with before."""
