"""Things: documents, their revisions and their publications."""
