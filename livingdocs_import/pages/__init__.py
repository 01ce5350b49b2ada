"""Pages for browsers outside the admin: the front page, and errors."""
