"""Documents over HTTP: publications, drafts, and the documents that link to something."""
