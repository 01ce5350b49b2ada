"""References of documents: found in content and metadata (`extract`), stored and asked for from both ends (`index`)."""
