"""Process: how things get in."""
