"""Pages for browsers outside the admin: the front page, the API page, and errors."""
