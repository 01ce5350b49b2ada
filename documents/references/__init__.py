"""References of documents: extracted from content and metadata (`extract`), stored and queried (`index`)."""
