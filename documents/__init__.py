"""Documents, their revisions and their publications."""
